"""What costs are summed up by is chosen from anywhere on the dashboard, and seen or said."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtop.tui.panes.requests import RequestsPane
from tests.tui.stage import NOON, Stage, call, drawn, frame


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write(call(1, at=NOON, provider="openai"))
    return stage


async def test_a_small_screen_brings_the_costs_in_sight_and_keeps_the_keys(stage: Stage) -> None:
    async with stage.app((80, 24)) as pilot:
        assert "Cost" not in frame(pilot)
        await pilot.press("b")
        await drawn(pilot)
        assert "Cost by provider" in frame(pilot)
        assert isinstance(pilot.app.focused, RequestsPane)


async def test_from_the_other_pane_of_a_small_screen_it_leads_to_the_costs(stage: Stage) -> None:
    async with stage.app((80, 24)) as pilot:
        await pilot.press("2", "b")
        await drawn(pilot)
        assert "Cost by provider" in frame(pilot)
        assert "filter to row" in frame(pilot).splitlines()[-1]


async def test_where_another_pane_has_the_whole_screen_it_is_said(stage: Stage) -> None:
    async with stage.app((80, 24)) as pilot:
        await pilot.press("z", "b")
        await drawn(pilot)
        assert "Costs are summed up by provider: 4" in frame(pilot)
        assert "1 Requests" in frame(pilot)
