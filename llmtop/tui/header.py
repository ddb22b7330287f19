"""The header: what is watched, over which time, and the figures that tell how it goes."""

from __future__ import annotations

from datetime import datetime

from textual.strip import Strip

from llmtop.live.view import SourceState, View
from llmtop.tui import numbers
from llmtop.tui.pane import Pane
from llmtop.tui.safe_text import safe

LEVELS = " ▁▂▃▄▅▆▇█"
Part = tuple[str, str]


def sparkline(values: tuple[int, ...], width: int) -> str:
    """Counts as block characters, the newest at the right; neighbours are added up to fit."""
    if not values or width <= 0:
        return ""
    per_cell = -(-len(values) // width)
    ends = range(len(values), 0, -per_cell)
    sums = [sum(values[max(0, end - per_cell) : end]) for end in ends][::-1]
    most = max(sums) or 1
    return "".join(LEVELS[-(-count * 8 // most)] for count in sums)


class HeaderBar(Pane, can_focus=False):
    """Two rows, three on a narrow screen; it never scrolls."""

    def on_mount(self) -> None:
        """A header has no border, so it has no title."""

    def compose_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """State and sources above, figures below."""
        figures = self._figures(view, wide=height < 3 and width > 140)
        rows = [figures] if height < 3 else [figures[:5], figures[5:]]
        return [self._state(view, width), *(self._spread(row, width) for row in rows)]

    def _state(self, view: View, width: int) -> Strip:
        app = self.llmtop
        read, total = app.progress
        state: list[Part] = [("llmtop ", "strong")]
        if app.frozen:
            state.append((f"‖ FROZEN, {app.waiting} more behind", "slow"))
        elif total and read < total and app.loading:
            state.append((f"◌ reading {100 * read // total} %", "accent"))
        else:
            state.append(("● live", "running"))
        ends = "now" if view.ends_now else f"newest event {_clock(view.window_end)}"
        state.append((f"  {view.query.window}", "strong"))
        state.append((f" to {ends}", "dim"))
        if view.query.filter is not None:
            state.append((f"  / {safe(view.query.filter.text)}", "mark"))
            if view.partial:
                state.append((" (kept calls only)", "dim"))
        clock = f" {_clock(view.now)}"
        room = width - sum(len(text) for text, _ in state) - len(clock) - 2
        sources = _sources(app.sources, room)
        bad = any(source.state in ("failed", "gone") for source in app.sources)
        left = self.line(*state, (f"  {sources}", "error" if bad else "dim"), width=width)
        right = self.line((clock, "dim"), width=len(clock))
        return Strip.join([left.crop(0, width - len(clock)), right])

    def _figures(self, view: View, *, wide: bool) -> list[list[Part]]:
        figures = view.figures
        done = figures.calls - figures.in_flight
        share = numbers.percent(figures.errors, done)
        latency, ttft = figures.latency, figures.ttft
        pulse = sparkline(view.pulse, 30 if wide else 12)
        return [
            [("req/s ", "dim"), (numbers.rate(view.calls_per_second), "strong"),
             (f" {pulse}", "bar")],
            [("in flight ", "dim"), (str(figures.in_flight), "running")],
            [("errors ", "dim"), (share, "error" if figures.errors else "strong")],
            [("p50 ", "dim"), (numbers.duration(latency.p50 if latency else None), "strong")],
            [("p95 ", "dim"), (numbers.duration(latency.p95 if latency else None), "strong")],
            [("ttft ", "dim"), (numbers.duration(ttft.p50 if ttft else None), "strong")],
            [("tok/s ", "dim"), (numbers.rate(figures.output_tokens_per_second), "strong")],
            [("cost ", "dim"), (numbers.money(figures.cost), "money")],
            [("total ", "dim"), (numbers.money(view.total.cost), "money")],
            [("per hour ", "dim"), (numbers.money(view.cost_per_hour), "money")],
        ]  # fmt: skip

    def _spread(self, figures: list[list[Part]], width: int) -> Strip:
        used = sum(len(text) for figure in figures for text, _ in figure)
        gap = max(1, min(4, (width - used) // max(1, len(figures) - 1)))
        parts: list[Part] = []
        for number, figure in enumerate(figures):
            if number:
                parts.append((" " * gap, "dim"))
            parts.extend(figure)
        return self.line(*parts, width=width)


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().strftime("%H:%M:%S")


def _sources(sources: tuple[SourceState, ...], room: int) -> str:
    """The sources in the room there is: each one, or how many of which state."""
    one_by_one = " · ".join(f"{safe(source.label)} {source.state}" for source in sources)
    if len(one_by_one) <= room:
        return one_by_one
    states: dict[str, int] = {}
    for source in sources:
        states[source.state] = states.get(source.state, 0) + 1
    counted = ", ".join(f"{count} {state}" for state, count in states.items())
    shortest = f"{len(sources)} sources"
    for text in (f"{shortest}: {counted}", shortest):
        if len(text) <= room:
            return text
    return ""
