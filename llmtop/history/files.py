"""The files of a stored log: found below folders, rotated and compressed ones too, by day."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct

from llmtop.emit.file import DAY_S
from llmtop.history.days import covered, told_day

AFTERWARDS_S = 600.0
"""What a call began is ended by a record that may lie in a file of the time after it."""

_LOG = re.compile(
    r"[^.].*\.(?:jsonl|ndjson|log|json)(?:[.\-_][\d.\-_T]+)?(?:\.gz)?", re.DOTALL | re.IGNORECASE
)


class LogFile(Struct, frozen=True):
    """One file of a stored log, or a stretch of its lines."""

    path: Path
    size: int
    """Bytes, of the stretch alone."""
    changed: float
    """When it was last written to, in seconds since the epoch."""
    day: date | None
    """The day that its name tells."""
    first: int = 0
    """The byte that the stretch begins with."""
    end: int | None = None
    """The byte before which it ends, if that is not the end of the file."""

    @property
    def order(self) -> tuple[float, str]:
        """By day; a file whose name tells none belongs to the day of its last change."""
        moment = covered(self.day)[0] if self.day is not None else self.changed // DAY_S * DAY_S
        return moment, str(self.path)

    def may_hold(self, since: float | None, until: float | None) -> bool:
        """Whether it may tell of calls that began in a range (seconds since the epoch)."""
        if self.day is None:
            # Nothing is written about the far future: what is older was changed before.
            return since is None or self.changed + DAY_S >= since
        first, last = covered(self.day)
        return (since is None or last >= since) and (until is None or first <= until + AFTERWARDS_S)


def find(paths: Sequence[Path]) -> list[LogFile]:
    """Every log that paths mean, each once, in the order of their days.

    A file that was named is taken whatever its name; in folders, logs are known by theirs.
    """
    found: dict[tuple[int, int], LogFile] = {}
    for path in paths:
        for each in _below(path, set()) if path.is_dir() else (path,):
            try:
                told = each.stat()
            except OSError:
                continue
            if stat.S_ISREG(told.st_mode) and told.st_size:
                log = LogFile(each, told.st_size, told.st_mtime, told_day(each.name))
                found.setdefault((told.st_dev, told.st_ino), log)
    return sorted(found.values(), key=lambda log: log.order)


def _below(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    """Logs below a folder, through links, each folder once."""
    for root, folders, names in os.walk(folder, followlinks=True):
        try:
            told = Path(root).stat()
        except OSError:
            folders.clear()
            continue
        if (told.st_dev, told.st_ino) in seen:
            folders.clear()
            continue
        seen.add((told.st_dev, told.st_ino))
        yield from (Path(root, name) for name in names if _LOG.fullmatch(name))


def by_day(files: Iterable[LogFile], most: int) -> Iterator[list[LogFile]]:
    """Files of one day together, at most so many; those without a day one by one."""
    group: list[LogFile] = []
    for log in files:
        if group and (log.day is None or log.day != group[0].day or len(group) >= most):
            yield group
            group = []
        group.append(log)
    if group:
        yield group
