"""The footer: the most useful keys first, and none that does nothing here and now."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.stage import NOON, Stage, call, drawn, frame


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for number in range(6):
        stage.write(call(number, at=NOON - number, content="a pear"))
    return stage


async def footer(stage: Stage, size: tuple[int, int], *keys: str) -> str:
    """The last row of the screen after some keys."""
    async with stage.app(size) as pilot:
        await pilot.press(*keys)
        await drawn(pilot)
        return frame(pilot).splitlines()[-1]


async def test_a_narrow_dashboard_tells_how_to_freeze_and_what_is_for_another_pane_later(
    stage: Stage,
) -> None:
    assert "space freeze" in await footer(stage, (80, 24))
    assert "sum by" not in await footer(stage, (80, 24))
    wide = await footer(stage, (120, 36))
    assert wide.index("m mark") < wide.index("b sum by")


async def test_in_the_cost_pane_what_it_sums_up_by_comes_early(stage: Stage) -> None:
    told = await footer(stage, (80, 24), "4")
    assert told.index("b sum by") < told.index("z zoom")


async def test_a_narrow_call_tells_of_the_search_and_then_of_its_matches_first(
    stage: Stage,
) -> None:
    assert "/ search" in await footer(stage, (80, 24), "enter")
    told = await footer(stage, (80, 24), "enter", "slash", *"pear", "enter")
    assert told.split()[:3] == ["n", "next", "match"]


async def test_under_a_menu_no_key_is_told_that_the_menu_keeps(stage: Stage) -> None:
    assert (await footer(stage, (80, 24), "y")).split() == ["esc", "back"]
    assert "s sort" in await footer(stage, (80, 24), "y", "escape")
    assert "q quit" in await footer(stage, (80, 24), "y", "escape")


async def test_no_calls_can_be_shown_where_there_is_no_alert(stage: Stage) -> None:
    assert "enter" not in await footer(stage, (80, 24), "A")
