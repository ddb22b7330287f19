"""Sample logs beside the checkout, and the figures that were worked out for them elsewhere."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmtop.cli import assemble, options
from llmtop.live.view import Query
from llmtop.pump import Pump
from llmtop.report import document
from llmtop.span import Span

FOLDER = Path(os.environ["LLMTOP_CORPUS"]) if os.environ.get("LLMTOP_CORPUS") else None

Told = dict[str, Any]


def files(*formats: str) -> list[str]:
    """The files of these formats that have figures."""
    if FOLDER is None:
        return []
    return [told["file"] for told in _manifest() if told["format"] in formats]


def expected(file: str) -> Told:
    """The figures of a file."""
    found = next(told for told in _manifest() if told["file"] == file)
    figures: Told = found["expected"]
    return figures


def _manifest() -> list[Told]:
    assert FOLDER is not None
    listed: list[Told] = json.loads((FOLDER / "manifest.json").read_text("utf-8"))["files"]
    return listed


@dataclass(frozen=True)
class Read:
    """What llmtop makes of some files."""

    summary: Told
    spans: tuple[Span, ...]
    notes: tuple[str | None, ...]

    @property
    def calls(self) -> list[Span]:
        """The calls that count."""
        return [span for span in self.spans if span.counted]

    def longest(self, spans: list[Span]) -> float:
        """Seconds of the longest of some spans."""
        return max((span.latency for span in spans if span.latency is not None), default=0.0)


def read(*names: str) -> Read:
    """Read files as `llmtop summary` does."""
    assert FOLDER is not None
    return read_paths(*(FOLDER / name for name in names))


def read_paths(*paths: Path) -> Read:
    """Read any files as `llmtop summary` does."""
    pump = assemble.pump(
        [str(path) for path in paths], options.settings(None), follow=False, wait_for_prices=True
    )
    try:
        return read_pump(pump)
    finally:
        pump.close()


def read_pump(pump: Pump) -> Read:
    """Read all that a pump gives."""
    pump.drain()
    pump.tick()
    view = pump.live.view(Query(window="all"), time.time(), pump.honest())
    sources = pump.source_states()
    return Read(
        document(view, sources),
        tuple(pump.live.index),
        tuple(source.detail for source in sources),
    )


def sums(by_model: dict[str, Told], *names: str) -> int:
    """The sum of some figures over all models."""
    return sum(int(told.get(name) or 0) for told in by_model.values() for name in names)
