"""The requests pane: every call as a row, newest first, calls in flight on top."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import inf
from typing import Any, ClassVar, get_args

from rich.cells import cell_len
from textual import events
from textual.strip import Strip
from textual.timer import Timer

from llmtop.live.view import SortKey, View
from llmtop.span import Span
from llmtop.tui import marked
from llmtop.tui.actions import bindings
from llmtop.tui.messages import SpanOpened, SpanSelected
from llmtop.tui.panes import request_columns
from llmtop.tui.panes.columns import Placed
from llmtop.tui.panes.emptiness import notice
from llmtop.tui.panes.prompts import Prompts
from llmtop.tui.panes.request_columns import SORTED, Look, arrow, layout
from llmtop.tui.panes.running_clock import running_clock
from llmtop.tui.row_list import BAR_CELLS, RowList

SORT_KEYS: tuple[SortKey, ...] = get_args(SortKey)
FEW_CALLS = 20
"""Among fewer calls than this none is called slow."""
BREATH_S = 0.02
"""Keys get so long between two readings of prompts."""


_TITLE_EDGES = 6
"""Cells of the border's upper line that are not for its title."""


class RequestsPane(RowList[Span]):
    """The calls that the filter lets through."""

    NUMBER: ClassVar[str] = "1"
    TITLE: ClassVar[str] = "Requests"
    BINDINGS = bindings("requests")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._prompts: Prompts | None = None
        self._reading: Timer | None = None

    def show(self, view: View) -> None:
        """Show a view, and say in the title how many calls there are and whether place is held."""
        super().show(view)
        self.retitle(self._note(view))

    def rows_of(self, view: View) -> Sequence[Span]:
        """The calls in the query's order."""
        return view.calls

    def key_of(self, row: Span) -> Hashable:
        """A call stays the same call by its id."""
        return row.span_id

    def version_of(self, row: Span) -> Hashable:
        """All that the row shows."""
        return request_columns.version(row, self._look(row))

    def format_row(self, row: Span, width: int) -> Strip:
        """The call in one line."""
        return self.parts(request_columns.row(row, layout(width), self._look(row)), width)

    def head(self, width: int) -> Strip | None:
        """The columns' titles, with the sorted one marked."""
        if self.view is None:
            return None
        query = self.view.query
        return self.parts(request_columns.head(layout(width), query.sort, query.reverse), width)

    def parts(self, parts: Sequence[request_columns.Part], width: int) -> Strip:
        """A line of texts and meanings; a text without a meaning is ordinary."""
        return self.line(*(part if part[1] else part[0] for part in parts), width=width)

    def _look(self, row: Span) -> Look:
        app = self.llmtop
        slow = inf
        if self.view is not None:
            latency = self.view.figures.latency
            if latency is not None and latency.count >= FEW_CALLS:
                slow = latency.p95
        clock = running_clock(self.view, app.now)
        prompt = None if self._prompts is None else self._prompts.of(row)
        return Look(app.now, clock, app.time_format, slow, row in app.marked, prompt)

    def empty_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """Why there is no call, and what would bring some."""
        return notice(self, view, "calls", width, height)

    def _note(self, view: View) -> str:
        kept, all_calls = len(view.calls), view.total.calls
        notes = [f"{kept:,}" if kept >= all_calls else f"{kept:,} kept of {all_calls:,}"]
        if view.figures.in_flight:
            notes.append(f"{view.figures.in_flight:,} in flight")
        if self.llmtop.looking:
            notes.append(f"looking into {self.llmtop.looking:,}")
        if self.llmtop.not_looked:
            notes.append(f"{self.llmtop.not_looked:,} too deep in .gz to look into")
        if self.llmtop.marked:
            notes.append(f"{marked.SIGN} {len(self.llmtop.marked):,} marked")
        query = view.query
        shown = {placed.column.name for placed in layout(self.text_width)}
        if SORTED[query.sort] not in shown:
            notes.append(f"by {query.sort} {arrow(query.sort, query.reverse)}")
        if self.rows and not self.following:
            above = query.sort == "time" and not query.reverse and self.top
            notes.append(f"held · {self.top:,} newer above" if above else "held")
        if not self.rows and not self.llmtop.looking:
            return ""
        room = self.size.width - _TITLE_EDGES - cell_len(f"{self.number} {self.TITLE} ")
        # The header tells of calls in flight too; that the place is held is told here alone.
        while len(notes) > 1 and cell_len("· " + " · ".join(notes)) > room:
            del notes[1]
        return "· " + " · ".join(notes)

    @property
    def is_reading(self) -> bool:
        """Whether prompts in sight are still to be read."""
        return self._reading is not None

    def visible_lines(self, width: int, height: int) -> list[Strip]:
        """The head and the rows in sight, with as many prompts as can be read at once."""
        if not request_columns.shows_prompts(max(1, width - BAR_CELLS)):
            self._prompts = None
        elif self._prompts is None:
            self._prompts = Prompts(self.llmtop.payload, self.llmtop.payload_weight)
        if self._prompts is not None:
            self._prompts.begin()
        lines = super().visible_lines(width, height)
        if self._prompts is not None and self._prompts.behind and self._reading is None:
            self._reading = self.set_timer(self._prompts.rest + BREATH_S, self._read_on)
        return lines

    def _read_on(self) -> None:
        self._reading = None
        self.repaint()

    def repaint(self) -> None:
        """Draw what changed; the title tells of the place in the list."""
        super().repaint()
        if self.view is not None and self.is_mounted:
            self.retitle(self._note(self.view))

    # Acting

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
        if self.view is not None:
            at = SORT_KEYS.index(self.view.query.sort)
            self.llmtop.set_sort(SORT_KEYS[(at + 1) % len(SORT_KEYS)], False)

    def action_sort_reverse(self) -> None:
        """Turn the order round."""
        if self.view is not None:
            self.llmtop.set_sort(self.view.query.sort, not self.view.query.reverse)

    def action_next_error(self) -> None:
        """To the next failed call below."""
        self._to_error(range(self.cursor + 1, len(self.rows)), "below")

    def action_previous_error(self) -> None:
        """To the next failed call above."""
        self._to_error(range(self.cursor - 1, -1, -1), "above")

    def _to_error(self, way: range, where: str) -> None:
        for index in way:
            if self.rows[index].failed:
                self.move_to(index)
                return
        self.notify(f"No failed call {where}.", timeout=2)

    def on_click(self, event: events.Click) -> None:
        """A click on a title sorts by it, and turns the order round if it was sorted so."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y or self.view is None or not self.rows:
            return
        event.prevent_default()  # a head is not a row: the list has nothing to do
        key = sort_key_at(layout(self.text_width), offset.x)
        if key is not None:
            query = self.view.query
            self.llmtop.set_sort(key, key == query.sort and not query.reverse)


def sort_key_at(placed: Sequence[Placed], x: int) -> SortKey | None:
    """The sort key of the column at a cell of the head."""
    begin = 0
    for column, width in placed:
        if begin <= x < begin + width:
            return next((key for key, name in SORTED.items() if name == column.name), None)
        begin += width + 1
    return None
