"""The line of the filter bar and of the search: keys do their work in the order of typing."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtop.tui.bars.filter_bar import FilterBar
from llmtop.tui.bars.typed_line import TypedLine
from llmtop.tui.panes.requests import RequestsPane
from tests.tui.stage import NOON, Stage, call, in_one_breath, the_app


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for number in range(6):
        stage.write(call(number, at=NOON - number, model="o3" if number % 2 else "gpt-4o-mini"))
    return stage


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        (["a", "b", "backspace", "c"], "ac"),
        (["x", "y", "ctrl+u", "o", "3"], "o3"),
        (["b", "home", "a", "end", "c"], "abc"),
    ],
)
async def test_what_is_deleted_stood_before_the_key(
    stage: Stage, keys: list[str], left: str
) -> None:
    async with stage.app() as pilot:
        await in_one_breath(pilot, "slash", *keys)
        assert pilot.app.query_one(FilterBar).query_one(TypedLine).value == left


async def test_keys_after_enter_are_for_the_pane(stage: Stage) -> None:
    async with stage.app() as pilot:
        await in_one_breath(pilot, "slash", "o", "3", "enter", "j", "j")
        asked = the_app(pilot).asked.filter
        assert asked is not None
        assert asked.text == "o3"
        assert not pilot.app.query_one(FilterBar).is_open
        assert pilot.app.query_one(RequestsPane).cursor == 2


async def test_keys_after_escape_are_for_the_pane(stage: Stage) -> None:
    async with stage.app() as pilot:
        await in_one_breath(pilot, "slash", "o", "3", "escape", "j")
        assert the_app(pilot).asked.filter is None
        assert pilot.app.query_one(RequestsPane).cursor == 1


async def test_a_filter_typed_after_another_one_keeps_its_signs(stage: Stage) -> None:
    async with stage.app() as pilot:
        await in_one_breath(pilot, "/", "o", "3", "enter", "/", "ctrl+u", *"model:o3", "enter")
        asked = the_app(pilot).asked.filter
        assert asked is not None
        assert asked.text == "model:o3"
