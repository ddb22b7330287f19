"""The cost pane: what each model was used for and what it cost, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from textual import events
from textual.strip import Strip

from llmtop.live.groups import OTHERS
from llmtop.live.view import View
from llmtop.tui import numbers
from llmtop.tui.actions import bindings
from llmtop.tui.messages import FilterRequested
from llmtop.tui.pane import Pane
from llmtop.tui.panes import cost_chart, cost_table
from llmtop.tui.panes.cost_table import Part, Row
from llmtop.tui.panes.emptiness import notice
from llmtop.tui.panes.model_term import group_term, model_term

_HEAD = 2
"""Lines above the table's rows: the sums, and the titles of the columns."""
_LEAST_ROWS = 5
"""Lines that the table keeps when the chart has its least height."""

Key = tuple[str | None, str | None]


class CostPane(Pane):
    """The models of the window, or who and what else the calls are of, dearest first."""

    NUMBER: ClassVar[str] = "4"
    TITLE: ClassVar[str] = "Cost"
    BINDINGS = bindings("cost")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.key: Key | None = None
        """Name and provider of the row under the cursor."""
        self._table: Sequence[Row] = ()
        self._first = 0
        """The row in the first line of the table."""
        self._lines = 0
        """Lines that the table has."""

    def show(self, view: View) -> None:
        """Show a view from now on."""
        self._table = cost_table.rows_of(view)
        super().show(view)

    def compose_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """The sums, the table, and the cost over time where there is room."""
        table = self._table
        if not table:
            self._lines = 0
            self.retitle(self._note(view))
            return notice(self, view, "calls", width, height)
        placed = cost_table.layout(width, view.query.group)
        room = max(1, height - _HEAD)
        chart = self._chart(view, width, room)
        self._lines = rows = room - len(chart)
        cursor = self._cursor()
        self._first = max(0, min(self._first, len(table) - rows))
        self._first = max(cursor - rows + 1, min(self._first, cursor))
        self.retitle(self._note(view))
        lines = [self._strip(self._sums(view, width), width)]
        lines.append(self._strip(cost_table.head(placed), width))
        shown = table[self._first : self._first + rows]
        for number, each in enumerate(shown, self._first):
            ambiguous = self._is_shared(each)
            parts = cost_table.row(each, view.figures.cost, placed, ambiguous=ambiguous)
            strip = self._strip(parts, width)
            if number == cursor and self.has_focus:
                style = self.meaning("cursor")
                strip = Strip(Segment.apply_style(strip, None, style), strip.cell_length)
            lines.append(strip)
        lines += [self.line(width=width)] * (height - len(lines) - len(chart))
        return [*lines, *(self._strip(parts, width) for parts in chart)][:height]

    def _note(self, view: View) -> str:
        """By what, the window, and how many rows there are, or which of them are in sight."""
        group, count = view.query.group, len(self._table)
        by = "" if group == "model" else f"by {group} "
        if not count:
            return f"{by}· {view.query.window}"
        shown = f"{count:,}" if by else f"{count:,} model{'' if count == 1 else 's'}"
        if count > self._lines:
            last = min(self._first + self._lines, count)
            shown = f"{self._first + 1:,}–{last:,} of {shown}"
        kept = " of kept calls" if view.groups_partial else ""
        return f"{by}· {view.query.window} · {shown}{kept}"

    def _strip(self, parts: Sequence[Part], width: int) -> Strip:
        return self.line(*(part if part[1] else part[0] for part in parts), width=width)

    def _chart(self, view: View, width: int, room: int) -> list[list[Part]]:
        """The chart: as high as the table lets it be, or not at all on a low pane."""
        if room < _LEAST_ROWS + cost_chart.LEAST_HEIGHT:
            return []
        spare = max(cost_chart.LEAST_HEIGHT, room - len(self._table) - 1)
        drawn = cost_chart.lines(view, width, min(spare, cost_chart.MOST_HEIGHT))
        return [[], *drawn] if drawn else []

    def _sums(self, view: View, width: int) -> list[Part]:
        """The window's cost, the burn rate, the cost of all time, as far as there is room."""
        figures, total = view.figures, view.total
        told = [
            [(cost_table.total_cost(figures), "money"), (f" in {view.query.window}", "dim")],
            [(numbers.money(view.cost_per_hour), "money"), ("/h", "dim")],
            [("total ", "dim"), (cost_table.total_cost(total), "money")],
        ]
        if figures.unpriced_calls:
            unpriced = f"{figures.unpriced_calls:,} unpriced"
            told.insert(1, [(unpriced, "slow")])
        parts: list[Part] = []
        used = 0
        for figure in told:
            size = sum(len(text) for text, _ in figure) + (3 if parts else 0)
            if used + size > width:
                continue
            parts += [(" · ", "dim")] if parts else []
            parts += figure
            used += size
        return parts

    # Acting

    def _cursor(self) -> int:
        """The place of the row under the cursor; the first one when it is not there."""
        for index, each in enumerate(self._table):
            if (each.name, each.provider) == self.key:
                return index
        return 0

    def _is_shared(self, each: Row) -> bool:
        """Whether several providers serve the model."""
        return sum(other.name == each.name for other in self._table) > 1

    def action_move(self, by: int) -> None:
        """Put the cursor on the row below or above."""
        if self._table:
            self._stand_on(self._cursor() + by)

    def _stand_on(self, index: int) -> None:
        each = self._table[max(0, min(index, len(self._table) - 1))]
        self.key = (each.name, each.provider)
        self.repaint()

    def scroll_lines(self, by: int) -> None:
        """The wheel moves the cursor."""
        self.action_move(1 if by > 0 else -1)

    def action_open(self) -> None:
        """Ask for the calls of the row under the cursor."""
        if self.view is None or not self._table:
            return
        each, group = self._table[self._cursor()], self.view.query.group
        if group == "model":
            provider = each.provider or "" if self._is_shared(each) else None
            wanted = model_term(each.name, provider)
        elif each.name == OTHERS:
            self.notify(f"These are many {group}s in one; a filter tells them apart.", timeout=4)
            return
        else:
            wanted = group_term(group, each.name)
        self.post_message(FilterRequested(wanted))

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a row; a double click filters to it."""
        offset = event.get_content_offset(self)
        if offset is None or not self._table:
            return
        index = self._first + offset.y - _HEAD
        if _HEAD <= offset.y < _HEAD + self._lines and index < len(self._table):
            self._stand_on(index)
            if event.chain == 2:
                self.action_open()
