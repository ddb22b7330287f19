"""The help screen: every key, by where it works, the filter's language, and the figures."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.strip import Strip

from llmtop.filter_terms import KEYS
from llmtop.live.view import View
from llmtop.tui.actions import PLACES, Action, identity, key_name, of
from llmtop.tui.documents.scrolled_text import ScrolledText
from llmtop.tui.safe_text import cell, wrapped
from llmtop.tui.screens.base import ViewScreen

_KEYS_WIDTH = 20
_TERM_WIDTH = 22
_FILTER = (
    "Words must all be found in what identifies a call (model, name, ids, error). "
    "key:value looks at one field, -x or not x leaves out, x or y and parentheses combine, "
    "* stands for any text, a,b for one of several, 1s..5s is a range, quotes hold blanks together."
)

_FIGURES = (
    ("req/s", "calls begun a second, over the last 10 seconds; the bars are the last minute"),
    ("in flight", "calls begun and not ended, whatever the window"),
    ("errors", "share of the window's ended calls that failed"),
    ("p50 p95", "half, or 95 of 100, of the window's calls took no longer than this"),
    ("ttft", "time to first token: half of the calls that tell it had theirs by then"),
    ("tok/s", "output tokens over the time they took to write, of the calls that tell both"),
    ("cost", "US dollars of the window's calls"),
    ("burn", "the window's cost as dollars an hour"),
    ("total", "the cost of every call read, also of those no longer kept"),
    ("≥", "at least: some calls are unpriced, or told only a part of their tokens"),
    ("–", "not known, or nothing to work it out from; never zero"),
)
"""The header's words and signs, and what each means."""


class HelpText(ScrolledText):
    """The table of actions as text, in two columns where there is room."""

    TITLE = "Keys"

    def compose_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """A paragraph a place, then the filter and the figures."""
        del view, height
        two = width >= 130
        column = (width - 3) // 2 if two else width
        groups = [lines for place in PLACES if (lines := list(self._place(place, column)))]
        language = [*self._language(column), *self._figures(column)]
        if not two:
            return [line for group in [*groups, language] for line in group]
        left: list[Strip] = []
        right: list[Strip] = list(language)
        for group in groups:
            shorter = left if len(left) <= len(right) else right
            shorter.extend(group)
        blank = Strip.blank(column)
        rows = max(len(left), len(right))
        left += [blank] * (rows - len(left))
        right += [blank] * (rows - len(right))
        gap = Strip.blank(3)
        return [
            Strip.join([one, gap, other]).adjust_cell_length(width)
            for one, other in zip(left, right, strict=True)
        ]

    def _place(self, place: str, width: int) -> Iterator[Strip]:
        actions = list(of(place))
        if not actions:
            return
        yield self.line((PLACES[place], "head"), width=width)
        for action in actions:
            keys = " ".join(key_name(key) for key in self._keys(action))
            yield from self._row(keys, action.help, _KEYS_WIDTH, width)
        yield Strip.blank(width)

    def _keys(self, action: Action) -> list[str]:
        """The keys, as the user may have laid them."""
        own = self.llmtop.keys.get(identity(action))
        return list(action.keys) if own is None else own.split(",")

    def _language(self, width: int) -> Iterator[Strip]:
        yield self.line(("The filter", "head"), width=width)
        for row in wrapped(_FILTER, width - 2):
            yield self.line(f"  {row}", width=width)
        for key in KEYS.values():
            yield from self._row(key.example, key.meaning, _TERM_WIDTH, width)
        yield Strip.blank(width)

    def _figures(self, width: int) -> Iterator[Strip]:
        yield self.line(("The figures above", "head"), width=width)
        for word, meaning in _FIGURES:
            yield from self._row(word, meaning, _TERM_WIDTH, width)
        yield Strip.blank(width)

    def _row(self, term: str, meaning: str, term_width: int, width: int) -> Iterator[Strip]:
        term_width = min(term_width, max(8, width // 3))
        rest = max(10, width - term_width - 3)
        for number, row in enumerate(wrapped(meaning, rest)):
            shown = cell("" if number else term, term_width)
            yield self.line("  ", (shown, "accent"), f" {row}", width=width)


class HelpScreen(ViewScreen):
    """All keys."""

    def compose_body(self) -> ComposeResult:
        """One text."""
        yield HelpText()
