"""The cost pane: what each model was used for and what it cost, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.segment import Segment
from textual import events
from textual.strip import Strip

from llmtop.live.view import ModelFigures, View
from llmtop.tui import numbers
from llmtop.tui.actions import bindings
from llmtop.tui.messages import FilterRequested
from llmtop.tui.pane import Pane
from llmtop.tui.panes import cost_chart, cost_table
from llmtop.tui.panes.cost_table import Part
from llmtop.tui.panes.emptiness import notice
from llmtop.tui.panes.model_term import model_term

_HEAD = 2
"""Lines above the models: the sums, and the titles of the columns."""
_LEAST_MODELS = 5
"""Lines that the table keeps when the chart has its least height."""

Key = tuple[str | None, str | None]


class CostPane(Pane):
    """The models of the window, dearest first; the title says which and how many there are."""

    NUMBER: ClassVar[str] = "4"
    TITLE: ClassVar[str] = "Cost"
    BINDINGS = bindings("cost")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.key: Key | None = None
        """Provider and model under the cursor."""
        self._first = 0
        """The model in the first line of the table."""
        self._rows = 0

    def compose_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """The sums, the models, and the cost over time where there is room."""
        if not view.models:
            self._rows = 0
            self.retitle(f"· {view.query.window}")
            return notice(self, view, "calls", width, height)
        placed = cost_table.layout(width)
        room = max(1, height - _HEAD)
        chart = self._chart(view, width, room)
        self._rows = rows = room - len(chart)
        cursor = self._cursor(view.models)
        self._first = max(0, min(self._first, len(view.models) - rows))
        self._first = max(cursor - rows + 1, min(self._first, cursor))
        self.retitle(self._note(view))
        lines = [self._strip(self._sums(view, width), width)]
        lines.append(self._strip(cost_table.head(placed), width))
        shown = view.models[self._first : self._first + rows]
        for number, each in enumerate(shown, self._first):
            parts = cost_table.row(
                each, view.figures.cost, placed, ambiguous=_is_shared(each, view.models)
            )
            strip = self._strip(parts, width)
            if number == cursor and self.has_focus:
                style = self.meaning("cursor")
                strip = Strip(Segment.apply_style(strip, None, style), strip.cell_length)
            lines.append(strip)
        lines += [self.line(width=width)] * (height - len(lines) - len(chart))
        return [*lines, *(self._strip(parts, width) for parts in chart)][:height]

    def _note(self, view: View) -> str:
        """The window, and how many models there are, or which of them are in sight."""
        count = len(view.models)
        shown = f"{count:,} model{'' if count == 1 else 's'}"
        if count > self._rows:
            last = min(self._first + self._rows, count)
            shown = f"{self._first + 1:,}–{last:,} of {shown}"
        return f"· {view.query.window} · {shown}"

    def _strip(self, parts: Sequence[Part], width: int) -> Strip:
        return self.line(*(part if part[1] else part[0] for part in parts), width=width)

    def _chart(self, view: View, width: int, room: int) -> list[list[Part]]:
        """The chart: as high as the models let it be, or not at all on a low pane."""
        if room < _LEAST_MODELS + cost_chart.LEAST_HEIGHT:
            return []
        spare = max(cost_chart.LEAST_HEIGHT, room - len(view.models) - 1)
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

    def _cursor(self, models: Sequence[ModelFigures]) -> int:
        """The line of the model under the cursor; the first one when it is not there."""
        for index, each in enumerate(models):
            if (each.provider, each.model) == self.key:
                return index
        return 0

    def action_move(self, by: int) -> None:
        """Put the cursor on the model below or above."""
        if self.view is not None and self.view.models:
            self._stand_on(self._cursor(self.view.models) + by)

    def _stand_on(self, index: int) -> None:
        models = () if self.view is None else self.view.models
        each = models[max(0, min(index, len(models) - 1))]
        self.key = (each.provider, each.model)
        self.repaint()

    def scroll_lines(self, by: int) -> None:
        """The wheel moves the cursor."""
        self.action_move(1 if by > 0 else -1)

    def action_open(self) -> None:
        """Ask for the calls of the model under the cursor."""
        if self.view is None or not self.view.models:
            return
        models = self.view.models
        each = models[self._cursor(models)]
        provider = each.provider or "" if _is_shared(each, models) else None
        self.post_message(FilterRequested(model_term(each.model, provider)))

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a model; a double click filters to it."""
        offset = event.get_content_offset(self)
        if offset is None or self.view is None or not self.view.models:
            return
        index = self._first + offset.y - _HEAD
        if _HEAD <= offset.y < _HEAD + self._rows and index < len(self.view.models):
            self._stand_on(index)
            if event.chain == 2:
                self.action_open()


def _is_shared(each: ModelFigures, models: Sequence[ModelFigures]) -> bool:
    """Whether several providers serve the model."""
    return sum(other.model == each.model for other in models) > 1
