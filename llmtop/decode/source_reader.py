"""What is remembered of one source: its formats, and how much of it was understood."""

from __future__ import annotations

from msgspec import Struct

from llmtop.decode.format import Format


class Counts(Struct):
    """What was read from one source."""

    format: str | None = None
    """The formats found, the last one first; `None` until a record was understood."""
    lines: int = 0
    fragments: int = 0
    rejected: int = 0
    skipped: int = 0
    """Records understood as telling nothing about calls."""
    note: str | None = None
    """A sentence on what the source cannot tell, such as calls where there are only metrics."""


class SourceReader:
    """What is remembered of one source."""

    __slots__ = ("carrier", "counts", "current", "known", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.counts = Counts()
        self.current: Format | None = None
        self.known: dict[str, Format] = {}
        self.carrier: str | None = None
        """The key under which the last record was carried as a text, if it was."""

    def of(self, kind: type[Format]) -> Format:
        """The instance of a format for this source."""
        return self.known.get(kind.name) or kind()

    def use(self, kind: type[Format]) -> Format:
        """The instance of a format for this source, made the current one."""
        return self.take(self.of(kind))

    def take(self, found: Format) -> Format:
        """Make the instance of a format the current one."""
        if found.name not in self.known:
            self.known[found.name] = found
            names = [found.name, *(name for name in self.known if name != found.name)]
            self.counts.format = ", ".join(names)
        self.current = found
        return found
