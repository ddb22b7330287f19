"""The requests pane: every call as a row, newest first, calls in flight on top."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar, get_args

from textual.strip import Strip

from llmtop.live.view import SortKey, View
from llmtop.span import Span
from llmtop.tui import marks, numbers
from llmtop.tui.actions import bindings
from llmtop.tui.messages import SpanOpened, SpanSelected
from llmtop.tui.row_list import RowList
from llmtop.tui.safe_text import cell

SORT_KEYS: tuple[SortKey, ...] = get_args(SortKey)


class RequestsPane(RowList[Span]):
    """The calls that the filter lets through."""

    NUMBER: ClassVar[str] = "1"
    TITLE: ClassVar[str] = "Requests"
    BINDINGS = bindings("requests")

    def rows_of(self, view: View) -> Sequence[Span]:
        """The calls in the query's order."""
        return view.calls

    def key_of(self, row: Span) -> Hashable:
        """A call stays the same call by its id."""
        return row.span_id

    def version_of(self, row: Span) -> Hashable:
        """All that the row shows."""
        return self._text(row, 200)

    def _text(self, span: Span, width: int) -> str:
        app = self.llmtop
        clock = cell(numbers.clock(span.start, app.time_format, app.now), 8)
        model = cell(marks.title(span), 16)
        tokens = f"{marks.tokens_in(span):>6}→{marks.tokens_out(span):>6}"
        figures = f"{marks.latency(span, app.now):>7} {marks.cost(span):>9}"
        return cell(
            f"{clock} {marks.sign(span)} {model} {tokens} {figures} {marks.outcome(span)}", width
        )

    def format_row(self, row: Span, width: int) -> Strip:
        """The call in one line."""
        return self.line((self._text(row, width), marks.meaning(row)), width=width)

    def on_cursor(self, row: Span) -> None:
        """Tell which call the cursor stands on."""
        self.post_message(SpanSelected(row))

    def open_row(self, row: Span) -> None:
        """Show the call in full."""
        self.post_message(SpanOpened(row))

    def action_part(self, part: str) -> None:
        """Show a part of the call in full."""
        if self.selected is not None:
            self.post_message(SpanOpened(self.selected, part))

    def action_sort(self) -> None:
        """Sort by the next column."""
        if self.view is None:
            return
        query = self.view.query
        following = SORT_KEYS[(SORT_KEYS.index(query.sort) + 1) % len(SORT_KEYS)]
        self.llmtop.set_sort(following, False)

    def action_sort_reverse(self) -> None:
        """Turn the order round."""
        if self.view is not None:
            self.llmtop.set_sort(self.view.query.sort, not self.view.query.reverse)

    def action_next_error(self) -> None:
        """To the next failed call below."""
        self._to_error(range(self.cursor + 1, len(self.rows)))

    def action_previous_error(self) -> None:
        """To the next failed call above."""
        self._to_error(range(self.cursor - 1, -1, -1))

    def _to_error(self, way: range) -> None:
        for index in way:
            if self.rows[index].failed:
                self.move_to(index)
                return
        self.notify("No further error.")
