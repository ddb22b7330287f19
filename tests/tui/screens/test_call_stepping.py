"""Stepping from call to call, into the trace and back, on real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtop.tui.screens.call import CallScreen
from llmtop.tui.screens.trace import TraceScreen
from tests.tui.screens.on_call import WIDE, opened
from tests.tui.stage import NOON, Stage, call, drawn, frame, the_app, until


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def test_stepping_follows_the_order_of_the_list(stage: Stage) -> None:
    for number in range(4):
        stage.write(call(number, at=NOON - number))
    async with stage.app() as pilot:
        await opened(pilot, "down", "enter")
        assert "question 1" in frame(pilot)
        for key, number in (("]", 2), ("]", 3), ("]", 3), ("[", 2), ("[", 1), ("[", 0), ("[", 0)):
            await pilot.press({"]": "right_square_bracket", "[": "left_square_bracket"}[key])
            await drawn(pilot)
            assert f"question {number}" in frame(pilot)
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, CallScreen)


async def test_stepping_stays_in_the_part_that_is_read(stage: Stage) -> None:
    for number in range(3):
        told = [{"role": "user", "content": "\n".join(f"q{number} {n}" for n in range(99))}]
        stage.write(call(number, at=NOON - number, messages=told))
    async with stage.app((80, 24)) as pilot:
        await opened(pilot, "o")
        await pilot.press("right_square_bracket")
        await drawn(pilot)
        assert "answer 1" in frame(pilot)
        assert "│ q1 98" not in frame(pilot)


async def test_errors_are_gone_to_and_told_in_full(stage: Stage) -> None:
    why = "overloaded " * 100 + "try later"
    for number in range(6):
        told = {"error": why, "error_type": "overloaded_error"} if number in (2, 4) else {}
        stage.write(call(number, at=NOON - number, **told))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        await pilot.press("e")
        await drawn(pilot)
        shown = frame(pilot)
        assert "question 2" in shown
        assert "✗ error  overloaded_error" in shown
        assert "try later" in shown
        assert "there is no answer" in shown or "answer 2" in shown
        await pilot.press("e")
        await drawn(pilot)
        assert "question 4" in frame(pilot)
        await pilot.press("E")
        await drawn(pilot)
        assert "question 2" in frame(pilot)


async def test_enter_opens_its_trace_and_escape_comes_back_to_the_same_line(stage: Stage) -> None:
    asked = [{"role": "user", "content": "\n".join(f"line {n}." for n in range(300))}]
    stage.write(call(1, messages=asked, trace_id="t1", span_id="s1"))
    async with stage.app() as pilot:
        await opened(pilot, "i")
        await pilot.press(*["j"] * 17)
        before = frame(pilot)
        await pilot.press("enter")
        await until(pilot, lambda _: isinstance(pilot.app.screen, TraceScreen), "the trace")
        await pilot.press("escape")
        await drawn(pilot)
        assert frame(pilot) == before


async def test_a_span_that_calls_no_model_can_be_looked_at(stage: Stage) -> None:
    stage.write(call(1, trace_id="t1", span_id="s1"))
    stage.write([{
        "type": "span", "span_id": "tool1", "trace_id": "t1", "name": "look it up",
        "start_time": NOON - 2, "end_time": NOON - 1,
        "attributes": {"gen_ai.operation.name": "execute_tool", "shop.shelf": "4b"},
    }])  # fmt: skip
    async with stage.app(WIDE) as pilot:
        found = the_app(pilot).find("tool1")
        assert found is not None
        pilot.app.push_screen(CallScreen(found))
        shown = await until(pilot, lambda text: "look it up" in text, "the span")
        assert "Span ✓ look it up" in shown
        assert "shop.shelf" in shown
        assert "Usage" not in shown
        await pilot.press("right_square_bracket")
        await until(pilot, lambda text: "not among the calls" in text, "why there is no next one")
