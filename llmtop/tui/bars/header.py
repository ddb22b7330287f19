"""The header: what is watched, over which time, and the figures that tell how it goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from rich.cells import cell_len
from textual.strip import Strip

from llmtop.live.view import Figures, SourceState, View
from llmtop.tui import numbers
from llmtop.tui.pane import Pane
from llmtop.tui.safe_text import cell, safe

LEVELS = " ▁▂▃▄▅▆▇█"
Part = tuple[str, str]
_PULSE_CELLS = (0, 5, 6, 12, 20, 30, 60)
"""Lengths of the sparkline that make whole seconds a cell."""
_COLUMNS = ((6, 5), (9, 4), (3, 6), (4, 9), (5, 8))
"""Cells of a label and of its value; beside the first stands the sparkline."""
_ALERT_CELLS = 24
_NARROWEST = 40
"""Columns; below, only the state and the clock are told."""


def sparkline(values: Sequence[int], width: int) -> str:
    """Counts as block characters, the newest at the right; neighbours are added up to fit."""
    if not values or width <= 0:
        return ""
    per_cell = -(-len(values) // width)
    ends = range(len(values), 0, -per_cell)
    sums = [sum(values[max(0, end - per_cell) : end]) for end in ends][::-1]
    most = max(sums) or 1
    return "".join(LEVELS[-(-count * 8 // most)] for count in sums)


class HeaderBar(Pane, can_focus=False):
    """Three rows, fewer on a low screen; it never scrolls."""

    def compose_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """State and sources above, figures below."""
        state = self._state(view, width)
        if height < 2:
            return [state]
        if height == 2:
            return [state, self._row(view, width)]
        return [state, *self._grid(view, width)]

    # The state

    def _state(self, view: View, width: int) -> Strip:
        app = self.llmtop
        if width < _NARROWEST:
            # What fires is more than that something goes on.
            state = self._alerts()[:1] or [self._mode()]
            return self.line(*state, "  ", (_clock(view.now, app.time_format), "dim"), width=width)
        left: list[Part] = [("llmtop ", "strong")]
        if app.label:
            left.append((f"{app.label} ", "dim"))
        left += [self._mode(), ("  ", "dim"), *self._alerts(), *self._window(view)]
        clock: Part = (_clock(view.now, app.time_format), "dim")
        used = _length(left) + len(clock[0]) + 2
        if view.query.filter is not None:
            # Half of what is left is for the sources.
            left += self._filter(view, max(12, (width - used) * 2 // 3))
            used = _length(left) + len(clock[0]) + 2
        bad = any(source.state in ("failed", "gone") for source in app.sources)
        sources = _sources(app.sources, width - used - 2)
        right: list[Part] = [(sources, "error" if bad else "dim"), ("  ", "dim"), clock]
        gap = max(1, width - _length(left) - _length(right))
        strip = self.line(*left, (" " * gap, "dim"), width=width - _length(right))
        return Strip.join([strip, self.line(*right, width=_length(right))])

    def _mode(self) -> Part:
        app = self.llmtop
        read, total = app.progress
        if app.frozen:
            behind = f", {numbers.count(app.waiting)} lines behind" if app.waiting else ""
            return (f"‖ FROZEN{behind}", "slow")
        if total and read < total and app.loading:
            return (f"◌ reading {100 * read // total} %", "accent")
        if not app.pump.live.follow:
            return ("■ all read", "dim")
        return ("● live", "running")

    def _alerts(self) -> list[Part]:
        """What fires, by its name if it is one."""
        firing = self.llmtop.firing
        if not firing:
            return []
        name = safe(firing[0].rule.name)
        said = f"{len(firing)} ALERTS" if len(firing) > 1 else f"ALERT {name}"
        return [(f"▲ {cell(said, min(_ALERT_CELLS, cell_len(said)))}", "error"), ("  ", "dim")]

    def _window(self, view: View) -> list[Part]:
        words = "all" if view.query.window == "all" else f"last {view.query.window}"
        parts: list[Part] = [(words, "strong")]
        if not view.ends_now:
            form = self.llmtop.time_format
            day = datetime.fromtimestamp(view.window_end, _zone(form)).strftime("%b %d")
            parts.append((f" to {day} {_clock(view.window_end, form)}", "slow"))
        return parts

    def _filter(self, view: View, room: int) -> list[Part]:
        text = safe(view.query.filter.text) if view.query.filter is not None else ""
        parts: list[Part] = [("  / ", "dim"), (cell(text, min(room, cell_len(text))), "mark")]
        if view.partial:
            parts.append((" of kept calls", "dim"))
        return parts

    # The figures

    def _figures(self, view: View) -> list[tuple[str, str, str]]:
        """Label, value and its colour, in the order of their weight."""
        figures = view.figures
        done = figures.calls - figures.in_flight - figures.lost
        latency, ttft = figures.latency, figures.ttft
        burn = numbers.money(view.cost_per_hour)
        errors = "error" if figures.errors else "strong"
        return [
            ("req/s", numbers.rate(view.calls_per_second), "strong"),
            ("in flight", numbers.tokens(figures.in_flight), "running"),
            ("p50", numbers.duration(latency.p50 if latency else None), "strong"),
            ("ttft", numbers.duration(ttft.p50 if ttft else None), "strong"),
            ("cost", _cost(figures), "money"),
            ("errors", numbers.percent(figures.errors, done), errors),
            ("tok/s", numbers.rate(figures.output_tokens_per_second), "strong"),
            ("p95", numbers.duration(latency.p95 if latency else None), "strong"),
            ("burn", burn if view.cost_per_hour is None else f"{burn}/h", "money"),
            ("total", _cost(view.total), "money"),
        ]

    def _grid(self, view: View, width: int) -> list[Strip]:
        """Five columns of two; what room is left goes to the sparkline, then between them."""
        figures = self._figures(view)
        count = len(_COLUMNS)
        needed = sum(label + value + 1 for label, value in _COLUMNS) + 1
        spare = width - needed - 2 * (count - 1)
        pulse = max(cells for cells in _PULSE_CELLS if cells <= max(0, spare))
        gap = 2 + min(10, max(0, spare - pulse) // (count - 1))
        beside = (
            (sparkline(view.pulse, pulse), "bar"),
            (self._said_of_errors(view, pulse + gap - 2), "dim"),
        )
        rows: list[Strip] = []
        for row, (told, told_meaning) in enumerate(beside):
            parts: list[Part] = []
            for column, (label_width, value_width) in enumerate(_COLUMNS):
                label, value, meaning = figures[row * count + column]
                parts.append((f"{label:<{label_width}} ", "dim"))
                parts.append((f"{value:>{value_width}}", meaning))
                if column == 0:
                    parts.append((f" {told:<{pulse}}", told_meaning))
                    parts.append((" " * max(1, gap - max(0, len(told) - pulse)), "dim"))
                else:
                    parts.append((" " * gap, "dim"))
            rows.append(self.line(*parts, width=width))
        return rows

    def _said_of_errors(self, view: View, room: int) -> str:
        figures = view.figures
        # The rate beside it is of those that are over, one way or the other.
        ended = figures.calls - figures.in_flight - figures.lost
        of = f"{ended:,} calls" if ended == figures.calls else f"{ended:,} ended"
        for said in (f"{figures.errors:,} of {of}", f"{figures.calls:,} calls"):
            if len(said) <= room:
                return said
        return ""

    def _row(self, view: View, width: int) -> Strip:
        """As many figures as there is room for, the weightiest first."""
        parts: list[Part] = []
        for label, value, meaning in self._figures(view):
            more: list[Part] = [(f"{label} ", "dim"), (value, meaning), ("  ", "dim")]
            if _length(parts) + _length(more) - 2 > width:
                break
            parts += more
        return self.line(*parts, width=width)


def _cost(figures: Figures) -> str:
    """What calls cost; at least that, where some have no known price or no full count."""
    some_left_out = figures.unpriced_calls or figures.lower_bound
    return ("≥" if some_left_out and figures.cost else "") + numbers.money(figures.cost)


def _length(parts: Sequence[Part]) -> int:
    return sum(cell_len(text) for text, _ in parts)


def _zone(form: str) -> tzinfo | None:
    return UTC if form == "utc" else None


def _clock(moment: float, form: str) -> str:
    if form == "utc":
        return datetime.fromtimestamp(moment, UTC).strftime("%H:%M:%SZ")
    return datetime.fromtimestamp(moment).astimezone().strftime("%H:%M:%S")


def _sources(sources: tuple[SourceState, ...], room: int) -> str:
    """The sources in the room there is: each one, or how many of which state."""
    states: dict[str, int] = {}
    for source in sources:
        states[source.state] = states.get(source.state, 0) + 1
    counted = ", ".join(f"{count} {state}" for state, count in states.items())
    number = "1 source" if len(sources) == 1 else f"{len(sources)} sources"
    for text in (
        " · ".join(f"{safe(source.label)} {source.state}" for source in sources),
        " · ".join(f"{_short(safe(source.label))} {source.state}" for source in sources),
        f"{number}: {counted}",
        counted,
        number,
    ):
        if cell_len(text) <= room:
            return text
    return ""


def _short(label: str) -> str:
    """The last part of a path."""
    return label.rstrip("/").rpartition("/")[2] or label
