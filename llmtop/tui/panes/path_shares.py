"""What each span of a trace has of its critical path, for its row and its bar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from llmtop.live.critical_path import critical_path
from llmtop.live.view import TraceView
from llmtop.tui import numbers
from llmtop.tui.panes.block_bars import THIN

Piece = tuple[int, str, str]
"""A part of a bar: its first cell, its text, its meaning."""
MANY = 2_000
"""Spans; the path of a running trace that has more is found anew only when its spans change."""


class Share(NamedTuple):
    """A span's part in the critical path."""

    stretches: tuple[tuple[float, float], ...] = ()
    """From and until when (seconds since the epoch) the trace waited for the span itself."""
    seconds: float = 0.0
    whole: float = 0.0
    """Seconds of the whole path."""
    is_on: bool = False
    """Whether it, or something below it, was waited for."""

    def words(self) -> str:
        """How long the trace waited for the span itself."""
        if not self.stretches:
            return ""
        return f"{numbers.duration(self.seconds)} {numbers.percent(self.seconds, self.whole)}"


NOT_ON_IT = Share()


def shares(trace: TraceView) -> Mapping[str, Share]:
    """The share of every span that is on the path, by its id."""
    path = critical_path(trace)
    stretches: dict[int, list[tuple[float, float]]] = {row: [] for row in path.self_times}
    for section in path.sections:
        if section.row >= 0:
            stretches[section.row].append((section.start, section.end))
    return {
        trace.rows[row].span.span_id: Share(
            tuple(found), path.self_times[row], path.length, is_on=True
        )
        for row, found in stretches.items()
    }


def thinned(pieces: list[Piece], covered: list[tuple[float, float]]) -> list[Piece]:
    """A bar with all but the covered cells drawn thin."""
    found: list[Piece] = []
    for first, text, meaning in pieces:
        for at, character in enumerate(text, first):
            is_covered = any(begin < at + 0.99 and end > at + 0.01 for begin, end in covered)
            shown = (character, meaning) if is_covered else (THIN, "dim")
            if found and found[-1][2] == shown[1]:
                found[-1] = (found[-1][0], found[-1][1] + shown[0], shown[1])
            else:
                found.append((at, *shown))
    return found
