"""A filter for stored logs: it may look into prompts and answers, which are read again for it."""

from __future__ import annotations

from llmtop.filter import Filter, parse
from llmtop.filter_terms import Predicate
from llmtop.record_words import Records, RecordWords
from llmtop.span import Span


class _Stored:
    """The contents of a log that is still to be named."""

    records: Records | None = None

    def holding(self, words: str) -> Predicate:
        """Whether a call's texts hold some words."""
        asked: RecordWords | None = None

        def matches(span: Span) -> bool:
            nonlocal asked
            if asked is None:
                if self.records is None:
                    return False
                asked = RecordWords(words, self.records)
            return asked.stand_in(span)

        return matches


class StoredFilter(Filter):
    """A filter that is told where to read before it is asked."""

    __slots__ = ("_contents",)

    def __init__(self, text: str) -> None:
        """Raises FilterError."""
        self._contents = _Stored()
        found = parse(text, self._contents)
        super().__init__(found.text, found.matches)

    def look_into(self, records: Records) -> None:
        """Read there what spans were asked and answered."""
        self._contents.records = records


def look_into(matches: Filter | None, records: Records) -> None:
    """Have a filter read there, if it is one that may want to."""
    if isinstance(matches, StoredFilter):
        matches.look_into(records)
