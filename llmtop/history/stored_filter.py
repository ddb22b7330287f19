"""A filter for stored logs: it may look into prompts and answers, which are read again for it."""

from __future__ import annotations

from collections.abc import Callable

from llmtop.decode.json_words import standing_in
from llmtop.filter import Filter, parse
from llmtop.filter_terms import Predicate
from llmtop.payload import Payload
from llmtop.span import Span

Read = Callable[[Span], Payload]


class _Stored:
    """The contents of a log that is still to be named."""

    read: Read | None = None

    def holding(self, words: str) -> Predicate:
        """Whether a call's texts hold some words."""
        stand_in = standing_in(words)

        def matches(span: Span) -> bool:
            return self.read is not None and any(map(stand_in, self.read(span).texts()))

        return matches


class StoredFilter(Filter):
    """A filter that is told where to read before it is asked."""

    __slots__ = ("_contents",)

    def __init__(self, text: str) -> None:
        """Raises FilterError."""
        self._contents = _Stored()
        found = parse(text, self._contents)
        super().__init__(found.text, found.matches)

    def look_into(self, read: Read) -> None:
        """Read what spans were asked and answered in this way."""
        self._contents.read = read


def look_into(matches: Filter | None, read: Read) -> None:
    """Have a filter read in this way, if it is one that may want to."""
    if isinstance(matches, StoredFilter):
        matches.look_into(read)
