"""Keys that arrive together act one after the other, each where the one before has led."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtop.tui.menu import Menu
from llmtop.tui.panes.requests import RequestsPane
from llmtop.tui.screens.call import CallScreen
from llmtop.tui.screens.dashboard import DashboardScreen
from llmtop.tui.screens.trace import TraceScreen
from tests.tui.stage import NOON, Stage, call, frame, in_one_breath, the_app, until


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for number in range(6):
        stage.write(call(number, at=NOON - number, content=f"a pear, {number}"))
    return stage


async def test_the_key_after_enter_is_for_the_screen_that_enter_opens(stage: Stage) -> None:
    async with stage.app() as pilot:
        await in_one_breath(pilot, "enter", "q")
        assert pilot.app.is_running, "q has left the app, not the call"
        assert isinstance(pilot.app.screen, DashboardScreen)


async def test_a_call_is_searched_that_was_opened_in_the_same_breath(stage: Stage) -> None:
    async with stage.app() as pilot:
        await in_one_breath(pilot, "j", "enter", "slash", *"pear", "enter", "n")
        await until(pilot, lambda text: "/pear 2 of" in text, "the second match")
        assert isinstance(pilot.app.screen, CallScreen)
        assert pilot.app.screen.span.request_id == "r1"
        assert the_app(pilot).asked.filter is None


async def test_screens_open_one_from_the_other(stage: Stage) -> None:
    async with stage.app() as pilot:
        await in_one_breath(pilot, "enter", "enter", "escape", "right_square_bracket", "enter")
        assert isinstance(pilot.app.screen, TraceScreen)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, CallScreen)
        assert pilot.app.screen.span.request_id == "r1"


async def test_a_menu_is_about_what_the_keys_before_it_chose(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("3")
        await in_one_breath(pilot, "1", "j", "j", "y")
        assert isinstance(pilot.app.screen, Menu)
        assert "r2" in frame(pilot)
        await in_one_breath(pilot, "y", "j")
        assert isinstance(pilot.app.screen, DashboardScreen)
        assert pilot.app.query_one(RequestsPane).cursor == 3


async def test_keys_go_on_when_the_screen_that_acted_is_gone(stage: Stage) -> None:
    async with stage.app() as pilot:
        await in_one_breath(pilot, "enter", "q", "question_mark", "q", "4", "1", "j", "enter")
        assert isinstance(pilot.app.screen, CallScreen)
        assert pilot.app.screen.span.request_id == "r1"
