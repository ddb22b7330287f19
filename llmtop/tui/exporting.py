"""Drives the writing of a file between keys and drawing, and says what became of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import closing

from llmtop.tui.export_menu import Choice, Export
from llmtop.tui.safe_text import safe

SLICE_S = 0.008
"""Writing goes on for so long before keys and drawing get their turn."""
MANY = 2_000
"""Spans from which the beginning of the writing is said as well as its end."""
Say = Callable[[str, bool], None]
"""Told a sentence, and whether all is well."""


async def write(choice: Choice, export: Export, say: Say) -> None:
    """Write what was chosen, a slice at a time."""
    spans = choice.spans()
    if len(spans) >= MANY:
        say(f"Writing {choice.what} …", True)
    try:
        with closing(export(spans, choice.format, choice.stem)) as writing:
            until = time.perf_counter() + SLICE_S
            while True:
                try:
                    next(writing)
                except StopIteration as end:
                    path = end.value
                    break
                if time.perf_counter() >= until:
                    await asyncio.sleep(0.002)
                    until = time.perf_counter() + SLICE_S
            size = path.stat().st_size
    except OSError as error:
        say(f"Nothing was written: {safe(error.strerror or str(error))}.", False)
    except ValueError as error:
        say(f"Nothing was written: {safe(str(error))}.", False)
    else:
        say(f"Wrote {choice.what} to {safe(str(path))} ({_bytes(size)}).", True)


def _bytes(size: int) -> str:
    for unit, step in (("MB", 1e6), ("kB", 1e3)):
        if size >= step:
            return f"{size / step:,.1f} {unit}"
    return f"{size} bytes"
