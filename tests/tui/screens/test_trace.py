"""The trace screen on real files: the tree, the span beside it, stepping and coming back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from llmtop.demo.trace import Record
from llmtop.tui.documents.document_pane import DocumentPane
from llmtop.tui.panes.requests import RequestsPane
from llmtop.tui.panes.trace_tree import TraceTreePane
from llmtop.tui.screens.call import CallScreen
from llmtop.tui.screens.dashboard import DashboardScreen
from llmtop.tui.screens.trace import TraceScreen
from tests.tui.stage import NOON, SIZES, Stage, call, drawn, frame, read_all, the_app, until

WIDE = (200, 60)


def told(span_id: str, start: float, end: float | None, **more: Any) -> Record:
    return {
        "type": "span",
        "span_id": span_id,
        "trace_id": "t1",
        "start_time": NOON + start,
        "end_time": None if end is None else NOON + end,
        **more,
    }


def a_trace() -> list[Record]:
    """An agent that asks a model, calls a tool that fails, and asks again."""
    failing = {
        "status": "error",
        "error": "no such shelf",
        "events": [{"name": "retry", "timestamp": NOON - 6.5, "attributes": {"why": "busy"}}],
    }
    return [
        told("root", -10, -1, name="plan the trip", attributes={"trip.id": "x-7"}),
        *call(1, at=NOON - 8, trace_id="t1", span_id="c1", parent_id="root"),
        told("tool", -7, -6, name="look it up", parent_id="root", **failing),
        *call(2, at=NOON - 2, trace_id="t1", span_id="c2", parent_id="root"),
    ]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write(a_trace())
    return stage


async def opened(pilot: Pilot[None]) -> TraceScreen:
    """Go from the newest call into its trace."""
    await pilot.press("enter")
    await until(pilot, lambda _: isinstance(pilot.app.screen, CallScreen), "the call")
    await pilot.press("enter")
    await until(pilot, lambda _: isinstance(pilot.app.screen, TraceScreen), "the trace")
    screen = pilot.app.screen
    assert isinstance(screen, TraceScreen)
    return screen


def detail(pilot: Pilot[None]) -> str:
    """What stands beside the tree, all of it."""
    document = pilot.app.screen.query_one("#detail", DocumentPane).document
    rows = document.shown(document.moved(document.last(70, 1), -999, 70, 1), 70, 999)
    return "\n".join("".join(text for text, _ in row) for row in rows)


def standing_on(pilot: Pilot[None]) -> str:
    row = pilot.app.screen.query_one(TraceTreePane).selected
    assert row is not None
    return row.span.span_id


@pytest.mark.parametrize("size", SIZES)
async def test_the_tree_stands_beside_the_span_one_came_from(
    stage: Stage, size: tuple[int, int]
) -> None:
    async with stage.app(size) as pilot:
        await opened(pilot)
        shown = frame(pilot)
        assert "plan the trip" in shown
        assert "look it up" in shown
        assert standing_on(pilot).endswith("c2")
        assert "Span ✓ gpt-4o-mini" in shown
        assert "question 2" in detail(pilot)
        assert "answer 2" in detail(pilot)
        assert all(cell_len(line) <= size[0] for line in shown.splitlines())


async def test_the_detail_follows_the_cursor(stage: Stage) -> None:
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        await pilot.press("g")
        await until(pilot, lambda text: "Span ✓ plan the trip" in text, "the root")
        assert "x-7" in frame(pilot)
        assert "Usage" not in detail(pilot)
        await pilot.press("j")
        await until(pilot, lambda text: "question 1" in text, "the first call")


async def test_errors_are_gone_to_and_events_are_told_from_the_spans_start(stage: Stage) -> None:
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        await pilot.press("E")
        shown = await until(pilot, lambda text: "Span ✗ look it up" in text, "the failed span")
        assert "no such shelf" in shown
        assert "+500ms retry" in shown
        assert "busy" in shown


async def test_tab_moves_to_the_detail_and_keys_work_from_there_too(stage: Stage) -> None:
    async with stage.app((80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("tab")
        assert pilot.app.focused is pilot.app.screen.query_one("#detail")
        before = frame(pilot)
        await pilot.press("j", "j")
        assert frame(pilot) != before
        await pilot.press("o")
        await until(pilot, lambda text: "answer 2" in text, "the output")
        await pilot.press("E")
        await until(pilot, lambda text: "Span ✗ look it up" in text, "the failed span")
        await pilot.press("enter")
        await until(pilot, lambda _: isinstance(pilot.app.screen, CallScreen), "it in full")
        assert "look it up" in frame(pilot)


async def test_enter_opens_the_call_and_every_escape_leads_one_step_back(stage: Stage) -> None:
    stage.write(call(9, at=NOON - 0.5))
    async with stage.app() as pilot:
        await pilot.press("down")
        dashboard = frame(pilot)
        await opened(pilot)
        await pilot.press("g", "j")
        await drawn(pilot)
        before = frame(pilot)
        await pilot.press("enter")
        await until(pilot, lambda text: "question 1" in text, "the first call")
        assert isinstance(pilot.app.screen, CallScreen)
        await pilot.press("escape")
        await drawn(pilot)
        assert frame(pilot) == before
        await pilot.press("escape", "escape")
        await until(pilot, lambda _: isinstance(pilot.app.screen, DashboardScreen), "the dashboard")
        await drawn(pilot)
        assert _requests(frame(pilot)) == _requests(dashboard)
        row = pilot.app.screen.query_one(RequestsPane).selected
        assert row is not None
        assert row.request_id == "r2"
        assert the_app(pilot).selected is row


def _requests(text: str) -> list[str]:
    return [line[:60] for line in text.splitlines()[3:12]]


async def test_stepping_goes_through_the_traces_of_the_list(stage: Stage) -> None:
    stage.write(call(8, at=NOON - 30, trace_id="t8", span_id="c8"))
    stage.write(call(9, at=NOON - 40))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        for key, question in (
            ("right_square_bracket", 8),
            ("right_square_bracket", 9),
            ("right_square_bracket", 9),
            ("left_square_bracket", 8),
            ("left_square_bracket", 2),
            ("left_square_bracket", 2),
        ):
            await pilot.press(key)
            await until(pilot, partial(contains, f"question {question}"), "its question")


def contains(wanted: str, text: str) -> bool:
    return wanted in text


async def test_new_spans_appear_and_the_cursor_holds(stage: Stage) -> None:
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        chosen = standing_on(pilot)
        stage.now += 5
        stage.write([told("early", -9.9, -9.5, name="warm up", parent_id="root")])
        stage.write([told("late", 1, None, name="write it down", parent_id="root")])
        await read_all(pilot)
        shown = await until(pilot, lambda text: "write it down" in text, "the new span")
        assert "warm up" in shown
        assert standing_on(pilot) == chosen
        assert "question 2" in shown


async def test_a_running_span_counts_until_it_ends(stage: Stage) -> None:
    stage.write([told("slow", -1, None, name="write it down", parent_id="root")])
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        await pilot.press("G")
        await until(pilot, lambda text: "running for 1.00s" in text, "its clock")
        stage.now += 2
        await until(pilot, lambda text: "running for 3.00s" in text, "its clock going on")
        stage.write([told("slow", -1, 1, name="write it down", parent_id="root")])
        stage.now += 5  # files that are idle are not looked at all the time
        await read_all(pilot)
        await until(pilot, lambda text: "2.00s (2,000 ms)" in text, "its end")


async def test_long_messages_are_shortened_beside_the_tree(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    asked = [{"role": "user", "content": f"turn {number}"} for number in range(30)]
    asked.append({"role": "user", "content": "long " * 5000 + "END"})
    stage.write(call(1, messages=asked, trace_id="t1", span_id="c1"))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        assert "the last 2 of 31 messages, enter opens all" in frame(pilot)
        assert "turn 29" in detail(pilot)
        assert "turn 28" not in detail(pilot)
        assert "END" not in detail(pilot)
        await pilot.press("enter", "o", "k", "k", "k")
        await until(pilot, lambda text: "END" in text, "the end of the message")


async def test_the_app_copies_the_span_under_the_cursor(stage: Stage) -> None:
    async with stage.app() as pilot:
        screen = await opened(pilot)
        await pilot.press("g")
        await drawn(pilot)
        assert screen.span is not None
        assert screen.span.name == "plan the trip"
        assert the_app(pilot).selected is screen.span
