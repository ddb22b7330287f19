"""The table of actions is true: each is carried out where it says, and each key told does it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.app import App

from llmtop.tui.actions import ACTIONS, PLACES, identity, key_name
from llmtop.tui.app import LlmTop
from llmtop.tui.bars.footer import FooterBar
from llmtop.tui.bars.honest_strip import HonestStrip
from llmtop.tui.documents.scrolled_text import ScrolledText
from llmtop.tui.panes.cost import CostPane
from llmtop.tui.panes.latency import LatencyPane
from llmtop.tui.panes.requests import RequestsPane
from llmtop.tui.panes.trace_tree import TraceTreePane
from llmtop.tui.row_list import RowList
from llmtop.tui.screens.alerts import AlertsPane
from llmtop.tui.screens.call import CallScreen
from llmtop.tui.screens.compare import CompareScreen
from llmtop.tui.screens.dashboard import DashboardScreen
from llmtop.tui.screens.searched import SearchedScreen
from llmtop.tui.screens.trace import TraceScreen
from tests.tui.stage import NOON, Stage, call, drawn, frame, the_app

CARRIED_OUT_BY: dict[str, type] = {
    "app": LlmTop,
    "dashboard": DashboardScreen,
    "rows": RowList,
    "requests": RequestsPane,
    "trace tree": TraceTreePane,
    "latency": LatencyPane,
    "cost": CostPane,
    "alerts": AlertsPane,
    "strip": HonestStrip,
    "text": ScrolledText,
    "search": SearchedScreen,
    "call": CallScreen,
    "trace": TraceScreen,
    "compare": CompareScreen,
}


@pytest.mark.parametrize("action", ACTIONS, ids=identity)
def test_an_action_is_a_method_where_the_table_says(action) -> None:
    name = action.name.partition("(")[0]
    kind = CARRIED_OUT_BY[action.where]
    if name.startswith("app."):
        kind, name = LlmTop, name.removeprefix("app.")
    assert callable(getattr(kind, f"action_{name}", None)), f"{kind.__name__} has no {name}"


def test_every_place_has_a_heading_and_every_action_a_name_of_its_own() -> None:
    assert {action.where for action in ACTIONS} <= set(PLACES)
    names = [identity(action) for action in ACTIONS]
    assert len(names) == len(set(names))


def test_no_key_means_two_things_in_one_place() -> None:
    keys = [(action.where, key) for action in ACTIONS for key in action.keys]
    assert len(keys) == len(set(keys))


async def test_the_help_tells_every_action(tmp_path: Path) -> None:
    async with Stage(tmp_path).app((100, 200)) as pilot:
        await pilot.press("question_mark")
        shown = re.sub(r"\s+", " ", frame(pilot))
        for action in ACTIONS:
            assert action.help in shown
            assert key_name(action.keys[0]) in shown


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    span = {"type": "span", "span_id": "root", "trace_id": "t0", "name": "plan"}
    stage.write([{**span, "start_time": NOON - 9, "end_time": NOON}])
    long = {"messages": [{"role": "user", "content": "line\n" * 200}], "content": "word\n" * 200}
    stage.write(
        [{**each, "parent_id": "root"} for each in call(99, trace_id="t0", span_id="s99", **long)]
    )
    for number in range(12):
        trace = {"trace_id": f"t{number // 4}", "span_id": f"s{number}"}
        failed = {"error": "boom", "error_type": "timeout"} if number == 5 else {}
        latency = {"latency_ms": 100.0 + 300 * number}
        stage.write(call(number, at=NOON - 1 - number, **trace, **failed, **latency))
    return stage


async def told_keys(stage: Stage, way: list[str]) -> list[tuple[str, str]]:
    """The keys that the footer tells; those that work everywhere only for the dashboard."""
    async with stage.app((200, 50)) as pilot:
        await pilot.press(*way)
        return [
            (binding.key, binding.description)
            for node, binding, enabled, _ in pilot.app.screen.active_bindings.values()
            if binding.show
            and enabled
            and not (way and isinstance(node, (LlmTop, DashboardScreen)))
        ]


WAYS = {
    "requests": [],
    "trace tree": ["2", "home"],
    "latency": ["3"],
    "cost": ["4"],
    "call": ["enter", "end"],
    "trace": ["2", "enter", "home"],
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
async def test_every_key_in_the_footer_does_something(stage: Stage, way: list[str]) -> None:
    keys = await told_keys(stage, way)
    assert keys
    for key, said in keys:
        async with stage.app((200, 50)) as pilot:
            await pilot.press(*way)
            before = state(pilot.app, frame(pilot))
            await pilot.press(key)
            await drawn(pilot)
            assert state(pilot.app, frame(pilot)) != before, f"{key} ({said}) does nothing"


def state(app: App[None], shown: str) -> tuple[object, ...]:
    return (shown, type(app.screen), app.return_code, repr(app.focused))


async def test_a_click_on_a_key_in_the_footer_does_what_the_key_does(stage: Stage) -> None:
    async with stage.app() as pilot:
        line = frame(pilot).splitlines()[-1]
        await pilot.click(FooterBar, offset=(line.index("w window"), 0))
        await pilot.pause()
        assert the_app(pilot).asked.window == "15m"
