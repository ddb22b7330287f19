"""The spans that the user has marked, in the order in which they were marked."""

from __future__ import annotations

from collections.abc import Iterator

from llmtop.span import Span

SIGN = "◆"
"""Stands before the name of what is marked."""


class Marked:
    """Holds spans, by identity and by id: views change, and records may give a span another id."""

    def __init__(self) -> None:
        self._spans: list[Span] = []

    def __contains__(self, span: Span) -> bool:
        return any(_same(span, marked) for marked in self._spans)

    def __len__(self) -> int:
        return len(self._spans)

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    def toggle(self, span: Span) -> None:
        """Mark a span, or take its mark away."""
        others = [marked for marked in self._spans if not _same(span, marked)]
        self._spans = others if len(others) < len(self._spans) else [*others, span]

    def clear(self) -> None:
        """Take every mark away."""
        self._spans = []

    def pair(self, selected: Span | None) -> tuple[Span, Span] | None:
        """What is to be compared: the two marked last, or the marked one and the selected one."""
        if len(self._spans) >= 2:
            return self._spans[-2], self._spans[-1]
        if not self._spans or selected is None or selected in self:
            return None
        return self._spans[0], selected


def _same(one: Span, other: Span) -> bool:
    # A frozen view shows copies of running calls; ids alone are not enough, since the end of a
    # call may tell the id of a span that also arrived.
    return one is other or one.span_id == other.span_id
