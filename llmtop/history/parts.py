"""Cuts stored logs into parts that can be read each for itself, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import structs

from llmtop.history.chunks import MOST_OPEN
from llmtop.history.files import LogFile, by_day
from llmtop.sources.whole_document import is_laid_out

PART_BYTES = 16 * 1024 * 1024
"""About so much of a file is a part of its own: small enough to share the work out evenly."""
_LONGEST_LINE = 16 * 1024 * 1024


def parts(files: Sequence[LogFile], size: int = PART_BYTES) -> Iterator[list[LogFile]]:
    """The files of a day together, or stretches of about so many bytes of a single large one."""
    for group in by_day(files, MOST_OPEN):
        if len(group) > 1 or group[0].path.suffix == ".gz" or is_laid_out(group[0].path):
            yield group
        else:
            yield from ([stretch] for stretch in _stretches(group[0], size))


def _stretches(log: LogFile, size: int) -> Iterator[LogFile]:
    """Stretches of whole lines, each about as long as the others."""
    first = 0
    count = max(1, round(log.size / size))
    try:
        with log.path.open("rb") as file:
            for number in range(1, count):
                file.seek(max(first, log.size * number // count - 1))
                if not file.readline(_LONGEST_LINE).endswith(b"\n"):
                    break
                end = file.tell()
                if end >= log.size:
                    break
                yield structs.replace(log, size=end - first, first=first, end=end)
                first = end
    except OSError:
        pass  # it is found again, and told, when the file is read
    yield structs.replace(log, size=log.size - first, first=first)
