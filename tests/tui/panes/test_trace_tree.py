from __future__ import annotations

import pytest

from llmtop.span import Fragment
from llmtop.tui.messages import SpanOpened, TraceOpened, TraceSpanSelected
from llmtop.tui.panes.trace_tree import TraceTreePane
from tests.live.fragments import NOON, span
from tests.tui.panes.one_pane import OnePane, heard, resized, title


def tree(trace: str = "trace", *, end: float | None = NOON + 8) -> list[Fragment]:
    """An agent with a call, and a tool with two calls of which one fails."""

    def one(name: str, start: float, last: float | None, parent: str | None, **told: object):  # type: ignore[no-untyped-def]  # a fragment
        return span(
            f"{trace}-{name}",
            NOON + start,
            last,
            trace_id=trace,
            parent_id=parent and f"{trace}-{parent}",
            name=name,
            **told,
        )

    return [
        one("agent", 0, end, None, operation="invoke_agent"),
        one("first", 0, NOON + 2, "agent", operation="chat", model="m-first", input_tokens=1000),
        one("tool", 2, NOON + 6, "agent", operation="execute_tool"),
        one("second", 2, NOON + 3, "tool", operation="chat", model="m-second"),
        one("third", 3, NOON + 4, "tool", operation="chat", model="m-third", status="error"),
    ]


async def shown(app: OnePane, trace: str = "trace") -> TraceTreePane:
    """The pane, showing a trace."""
    assert isinstance(app.pane, TraceTreePane)
    app.pane.show_trace(app.trace(trace))
    return app.pane


def rows(app: OnePane) -> list[str]:
    """The lines of spans on screen."""
    return [line for line in app.lines[1:] if line.strip() and not line.startswith("█ call")]


def names(app: OnePane) -> list[str]:
    """The names on screen, as they are drawn, without what follows."""
    return [line[:12].rstrip() for line in rows(app)]


def cursor(app: OnePane) -> str:
    assert isinstance(app.pane, TraceTreePane)
    row = app.pane.selected
    return "" if row is None else str(row.span.span_id).partition("-")[2]


SIZE = (90, 14)


async def test_what_the_bars_mean_stands_below_where_there_is_room() -> None:
    app = OnePane(TraceTreePane(), *tree())
    async with app.run_test(size=SIZE) as pilot:
        await shown(app)
        assert app.lines[-1].startswith("█ call  ▒ before its first token  ▄ tool ")
        assert len(app.lines) == SIZE[1]
        await resized(pilot, 90, 7)
        assert "█ call" not in app.lines[-1]
        assert len(rows(app)) == 5


async def test_a_trace_is_a_tree_with_its_figures_in_the_title() -> None:
    app = OnePane(TraceTreePane(), *tree())
    async with app.run_test(size=SIZE):
        pane = await shown(app)
        assert names(app) == [
            "▾✓ agent",
            "├──✓ m-first",
            "└─▾✓ tool",
            "  ├──✓ m-sec",
            "  └──✗ m-thi",
        ]
        assert title(pane) == "2 Trace · trace · 5 spans · 8.00s · $0.0010 · 1 error"
        assert "╷0" in app.lines[0]
        assert {strip.cell_length for strip in pane.drawn} == {90}


@pytest.mark.parametrize("width", [1, 9, 30, 60, 120, 250])
async def test_every_line_is_as_wide_as_the_pane(width: int) -> None:
    app = OnePane(TraceTreePane(wide=True, in_screen=True), *tree())
    async with app.run_test(size=(width, 6)):
        pane = await shown(app)
        assert {strip.cell_length for strip in pane.drawn} == {width}


async def test_space_folds_a_branch_and_says_what_it_hides() -> None:
    app = OnePane(TraceTreePane(), *tree())
    async with app.run_test(size=SIZE) as pilot:
        await shown(app)
        await pilot.press("j", "j", "space")
        assert len(rows(app)) == 3
        assert app.lines[3].startswith("└─▸✓ tool +2 ✗1 ")
        await pilot.press("space")
        assert len(rows(app)) == 5


async def test_left_folds_and_then_goes_to_the_parent_and_right_goes_back_in() -> None:
    app = OnePane(TraceTreePane(), *tree())
    async with app.run_test(size=SIZE) as pilot:
        await shown(app)
        await pilot.press("j", "j", "left")
        assert (cursor(app), len(rows(app))) == ("tool", 3)
        await pilot.press("left")
        assert cursor(app) == "agent"
        await pilot.press("j", "j", "right")
        assert (cursor(app), len(rows(app))) == ("tool", 5)
        await pilot.press("right")
        assert cursor(app) == "second"
        await pilot.press("left")
        assert cursor(app) == "tool"


async def test_every_branch_folds_at_once_under_its_root() -> None:
    app = OnePane(TraceTreePane(), *tree())
    async with app.run_test(size=SIZE) as pilot:
        await shown(app)
        await pilot.press("G", "minus")
        assert app.lines[1].startswith("▸✓ agent +4 ✗1 ")
        assert (cursor(app), len(rows(app))) == ("agent", 1)
        await pilot.press("plus")
        assert len(rows(app)) == 5


async def test_a_fold_stays_when_more_spans_come_and_counts_them() -> None:
    app = OnePane(TraceTreePane(), *tree())
    async with app.run_test(size=SIZE) as pilot:
        await shown(app)
        await pilot.press("j", "j", "space")
        app.renew(span("late", NOON + 5, NOON + 6, parent_id="trace-tool", name="late"))
        await shown(app)
        assert app.lines[3].startswith("└─▸✓ tool +3 ✗1 ")
        assert cursor(app) == "tool"


async def test_the_cursor_stays_on_its_span_when_others_come_above_it() -> None:
    app = OnePane(TraceTreePane(), *tree())
    async with app.run_test(size=SIZE) as pilot:
        await shown(app)
        await pilot.press("G")
        app.renew(span("early", NOON + 1, NOON + 2, parent_id="trace-agent", name="early"))
        await shown(app)
        assert cursor(app) == "third"


async def test_e_finds_an_error_even_where_it_is_folded_away() -> None:
    app = OnePane(TraceTreePane(), *tree())
    async with app.run_test(size=SIZE) as pilot:
        await shown(app)
        await pilot.press("minus", "e")
        assert cursor(app) == "third"
        assert len(rows(app)) == 5
        await pilot.press("e")
        assert app.said == ["No failed span below."]


async def test_clocks_of_running_spans_run() -> None:
    app = OnePane(TraceTreePane(), *tree(end=None))
    async with app.run_test(size=SIZE):
        pane = await shown(app)
        assert " 10.000s " in app.lines[1]
        assert "▶" in app.lines[1]
        assert "1 running" in title(pane)
        app.renew(now=NOON + 11.5)
        await shown(app)
        assert " 11.500s " in app.lines[1]


async def test_away_from_the_keys_the_cursor_stands_on_the_selected_call() -> None:
    app = OnePane(TraceTreePane(), *tree())
    async with app.run_test(size=SIZE) as pilot:
        app.set_focus(None)
        await pilot.pause()
        app.selected = app.live.find("trace-third")
        await shown(app)
        assert cursor(app) == "third"
        assert not heard(app, TraceSpanSelected)
        app.pane.focus()
        await pilot.pause()
        await pilot.press("g", "space")
        app.set_focus(None)
        await pilot.pause()
        app.selected = app.live.find("trace-second")
        await shown(app)
        assert (cursor(app), len(rows(app))) == ("agent", 1)


async def test_while_it_has_the_keys_the_pane_keeps_its_trace() -> None:
    app = OnePane(TraceTreePane(), *tree(), *tree("other"))
    async with app.run_test(size=SIZE) as pilot:
        pane = await shown(app)
        await pilot.press("j")
        await shown(app, "other")
        assert "· trace ·" in title(pane)
        assert cursor(app) == "first"
        app.set_focus(None)
        await pilot.pause()
        await shown(app, "other")
        assert "· other ·" in title(pane)


async def test_enter_opens_the_trace_or_in_its_screen_the_span() -> None:
    app = OnePane(TraceTreePane(), *tree())
    async with app.run_test(size=SIZE) as pilot:
        await shown(app)
        await pilot.press("j", "enter")
        (opened,) = heard(app, TraceOpened)
        assert (opened.trace_id, opened.span and opened.span.span_id) == ("trace", "trace-first")
    app = OnePane(TraceTreePane(in_screen=True), *tree())
    async with app.run_test(size=SIZE) as pilot:
        await shown(app)
        await pilot.press("j", "enter")
        assert [told.span.span_id for told in heard(app, SpanOpened)] == ["trace-first"]
        selected = [told.span.span_id for told in heard(app, TraceSpanSelected)]
        assert selected == ["trace-agent", "trace-first"]


async def test_an_empty_pane_says_what_would_fill_it() -> None:
    app = OnePane(TraceTreePane())
    async with app.run_test(size=SIZE):
        await shown(app)
        assert app.lines[1].strip() == "No calls yet."
        app.renew(*tree())
        app.pane.show_trace(None)  # type: ignore[attr-defined]  # it is the tree
        assert app.lines[1].strip() == "Select a call, and its trace is drawn here."


async def test_a_hostile_trace_id_and_name_are_shown_and_not_obeyed() -> None:
    evil = "[/b]\x1b[31m\u202e\u65e5"
    app = OnePane(TraceTreePane(), span("s", NOON, NOON + 1, trace_id=evil, name=evil))
    async with app.run_test(size=SIZE):
        pane = await shown(app, evil)
        assert "[/b]␛[31m�日" in title(pane)
        assert "[/b]␛[31m�日" in app.lines[1]
        assert pane.drawn[1].cell_length == 90


async def test_of_a_huge_trace_only_the_rows_in_sight_are_formatted() -> None:
    app = OnePane(TraceTreePane())
    async with app.run_test(size=SIZE) as pilot:
        many = [
            span(
                f"s{number}", NOON + number, NOON + number + 1, parent_id="root" if number else None
            )
            for number in range(3000)
        ]
        app.renew(*many)
        pane = await shown(app)
        formatted = 0
        real = pane.format_row

        def counting(row, width):  # type: ignore[no-untyped-def]  # the real one is typed
            nonlocal formatted
            formatted += 1
            return real(row, width)

        pane.format_row = counting  # type: ignore[method-assign]  # counted, not changed
        await pilot.press("G")
        assert 0 < formatted <= 13
        await shown(app)
        assert formatted <= 13
