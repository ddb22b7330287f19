"""The filter bar: every pane is filtered while one types, and a mistake is said where it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from llmtop.filter import FilterError, parse
from llmtop.tui.bars.filter_bar import FilterBar, pointed
from tests.tui.stage import NOON, Stage, call, frame, the_app, until


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for number in range(6):
        model = "o3" if number % 3 == 0 else "gpt-4o-mini"
        stage.write(call(number, at=NOON - number, model=model, user_id=f"user-{number}"))
    return stage


async def test_every_pane_is_filtered_while_one_types(stage: Stage) -> None:
    async with stage.app() as pilot:
        assert "gpt-4o-mini" in frame(pilot)
        await pilot.press("slash", *"model:o3")
        shown = await until(pilot, lambda text: "gpt-4o-mini" not in text, "only o3")
        assert shown.count("o3") >= 2
        view = the_app(pilot).view
        assert view is not None
        assert view.figures.calls == 2
        assert [row.model for row in view.models] == ["o3"]
        assert sum(view.histogram.ok) == 2


async def test_enter_keeps_what_was_typed_and_backspace_clears_it(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("slash", *"o3", "enter")
        shown = frame(pilot)
        assert "/ o3" in shown.splitlines()[0]
        assert not pilot.app.query_one(FilterBar).has_class("open")
        await pilot.press("backspace")
        await until(pilot, lambda text: "gpt-4o-mini" in text, "every call again")
        assert the_app(pilot).asked.filter is None


async def test_escape_takes_back_what_was_typed(stage: Stage) -> None:
    async with stage.app(filter_text="model:o3") as pilot:
        await pilot.press("slash", *" user:user-0")
        await until(pilot, lambda _: _calls(pilot) == 1, "one call")
        await pilot.press("escape")
        asked = the_app(pilot).asked.filter
        assert asked is not None
        assert asked.text == "model:o3"
        assert _calls(pilot) == 2
        assert pilot.app.is_running


async def test_the_last_filter_without_a_mistake_stays_while_there_is_one(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("slash", *"o3 (")
        assert "is not closed" in frame(pilot)
        assert _calls(pilot) == 2


async def test_a_mistake_is_said_where_it_is_and_cannot_be_kept(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("slash", *"o3 modl:gpt")
        shown = frame(pilot)
        line = next(line for line in shown.splitlines() if "did you mean" in line)
        typed = next(line for line in shown.splitlines() if "o3 modl:gpt" in line)
        assert "`model:`" in line
        assert line.index("▲") == typed.index("modl")
        await pilot.press("enter")
        assert pilot.app.query_one(FilterBar).has_class("open"), "a mistake cannot be kept"
        await pilot.press("escape")
        assert _calls(pilot) == 6


async def test_a_word_that_becomes_a_key_filters_only_as_one(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("slash", *"o3 stat")
        assert _calls(pilot) == 2
        await pilot.press("enter")
        assert _calls(pilot) == 0, "enter says that it is a word"


async def test_tab_completes_keys_and_values(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("slash", *"mod", "tab", *"gpt", "tab")
        assert pilot.app.query_one(Input).value == "model:gpt-4o-mini "
        assert _calls(pilot) == 4
        await pilot.press(*"user:", "tab", "enter")
        assert _calls(pilot) == 1


async def test_tab_again_goes_on_to_the_next_value_and_shift_tab_back(stage: Stage) -> None:
    async with stage.app() as pilot:
        field = pilot.app.query_one(Input)
        await pilot.press("slash", *"user:", "tab")
        assert field.value == "user:user-0 "
        await pilot.press("tab", "tab")
        assert field.value == "user:user-2 "
        assert _calls(pilot) == 1
        assert "tab: user:user-3 user:user-4" in frame(pilot)
        await pilot.press("shift+tab")
        assert field.value == "user:user-1 "
        await pilot.press(*"o3", "tab")
        assert field.value == "user:user-1 o3", "what was typed is nothing that tab put in"


async def test_a_key_without_its_value_yet_is_answered_with_values(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("slash", *"model:")
        assert "tab: model:gpt-4o-mini model:o3" in frame(pilot)
        assert "needs a value" not in frame(pilot)
        await pilot.press("enter")
        assert "needs a value" in frame(pilot), "it cannot be kept, and that is said"


async def test_tab_finds_a_value_by_a_part_of_it(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("slash", *"model:mini", "tab")
        assert pilot.app.query_one(Input).value == "model:gpt-4o-mini "


@pytest.mark.parametrize("width", [40, 80, 120])
async def test_an_empty_bar_tells_the_most_useful_keys_and_that_there_are_more(
    stage: Stage, width: int
) -> None:
    async with stage.app((width, 24)) as pilot:
        await pilot.press("slash")
        line = next(line for line in frame(pilot).splitlines() if "words text: model:" in line)
        assert line.endswith("…")


async def test_keys_of_the_dashboard_are_text_in_the_bar(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("slash", *"q?ws1")
        assert pilot.app.query_one(Input).value == "q?ws1"
        assert pilot.app.is_running
        assert the_app(pilot).asked.window == "5m"


def _calls(pilot) -> int:
    view = the_app(pilot).view
    assert view is not None
    return view.figures.calls


def mistake_of(text: str) -> FilterError:
    with pytest.raises(FilterError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize("width", [20, 60, 100])
@pytest.mark.parametrize("before", ["", "word " * 3, "word " * 11, "語 " * 20])
def test_the_mark_of_a_mistake_never_leaves_the_line(before: str, width: int) -> None:
    text = f"{before}latency:>x"
    said = pointed(mistake_of(text), text, width)
    assert "is not an amount" in said
    if "▲" in said:
        assert len(said) <= width
    else:
        assert said.startswith(f"at {len(before) + 9}:")
