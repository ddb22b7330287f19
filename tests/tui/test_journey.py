"""From a request into its trace and its prompt and back, with the keyboard only."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtop.tui.panes.requests import RequestsPane
from llmtop.tui.screens.call import CallScreen
from llmtop.tui.screens.dashboard import DashboardScreen
from llmtop.tui.screens.trace import TraceScreen
from tests.tui.stage import Stage, call, drawn, frame, read_all, the_app, until


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write_demo(seconds=60)
    return stage


async def test_into_a_call_its_trace_and_back_to_exactly_where_one_was(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press(*["down"] * 25)
        await drawn(pilot)
        before = frame(pilot)
        rows = pilot.app.screen.query_one(RequestsPane)
        chosen = rows.selected
        await pilot.press("enter")
        await until(pilot, lambda _: isinstance(pilot.app.screen, CallScreen), "the call")
        assert chosen is not None
        assert chosen.series.model is not None
        assert chosen.series.model in frame(pilot)
        await pilot.press("t", "t", "t")
        await pilot.press("enter")
        await until(pilot, lambda _: isinstance(pilot.app.screen, TraceScreen), "the trace")
        await pilot.press("escape", "escape")
        await until(pilot, lambda _: isinstance(pilot.app.screen, DashboardScreen), "the way back")
        assert frame(pilot) == before
        assert rows.selected is chosen


async def test_the_place_is_held_while_new_calls_come(stage: Stage) -> None:
    async with stage.app() as pilot:
        rows = pilot.app.screen.query_one(RequestsPane)
        await pilot.press(*["down"] * 25)
        # On a busy machine keys may still be on their way when they count as pressed.
        await until(pilot, lambda _: rows.cursor == 25, "the 26th call selected")
        chosen, on_screen = rows.cursor_key, rows.cursor - rows.top
        stage.now += 5
        for number in range(30):
            stage.write(call(9000 + number, at=stage.now))
        await read_all(pilot)
        assert rows.cursor_key == chosen
        assert rows.cursor - rows.top == on_screen
        await pilot.press("f")
        await until(pilot, lambda text: "12:00:04" in text, "the newest")


async def test_the_prompt_is_read_back_from_the_file(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write(call(1, messages=[{"role": "user", "content": "how many eggs in a dozen?"}]))
    async with stage.app() as pilot:
        await pilot.press("i")
        await until(pilot, lambda text: "how many eggs in a dozen?" in text, "the prompt")
        await pilot.press("o")
        await until(pilot, lambda text: "answer 1" in text, "the answer")


async def test_the_selected_call_shows_its_trace_beside_it(stage: Stage) -> None:
    async with stage.app() as pilot:
        app = the_app(pilot)
        for _ in range(12):
            await pilot.press("down")
            await drawn(pilot)
            span = app.selected
            assert span is not None
            trace = app.trace_of(span)
            assert f"2 Trace · {trace[:8]}" in frame(pilot)


async def test_a_bar_of_the_histogram_filters_every_pane_to_its_calls(stage: Stage) -> None:
    async with stage.app() as pilot:
        app = the_app(pilot)
        await pilot.press("3", "right", "right", "enter")
        await until(pilot, lambda _: app.asked.filter is not None, "a filter")
        asked, view = app.asked.filter, app.view
        assert asked is not None
        assert view is not None
        assert asked.text.startswith("latency:")
        assert len(view.calls) > 0
        assert all(asked.matches(span) for span in view.calls)


async def test_a_model_of_the_cost_pane_filters_to_its_calls(stage: Stage) -> None:
    async with stage.app() as pilot:
        app = the_app(pilot)
        await pilot.press("4", "down", "enter")
        await until(pilot, lambda _: app.asked.filter is not None, "a filter")
        view = app.view
        assert view is not None
        assert len({span.series.model for span in view.calls}) == 1
        await pilot.press("1", "backspace")
        await until(pilot, lambda _: app.asked.filter is None, "no filter")


async def test_words_of_a_prompt_are_found_and_lead_into_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write_demo(seconds=20)
    told = [{"role": "user", "content": "Where is my Zebra\ncrossing?"}]
    stage.write(call(7001, at=stage.now - 10, messages=told))
    async with stage.app() as pilot:
        await pilot.press("slash", *'text:"zebra crossing"', "enter")
        await until(pilot, lambda text: "1 Requests · 1 ─" in text, "the one call")
        await pilot.press("enter", "i")
        await until(pilot, lambda text: "Where is my Zebra" in text, "its prompt")
        await pilot.press("escape", "backspace")
        await until(pilot, lambda text: "1 Requests · 1 ─" not in text, "all calls")
