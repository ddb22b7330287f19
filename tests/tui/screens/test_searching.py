"""`/` in a call's text: what is typed is found at once, and stepped through."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from llmtop.tui.documents.document_pane import DocumentPane
from llmtop.tui.screens.call import CallScreen
from tests.tui.stage import SIZES, Stage, call, drawn, frame, the_app, until

ASKED = "\n".join(f"row {number}" + (" needle" * (number % 40 == 20)) for number in range(200))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write(call(1, messages=[{"role": "user", "content": ASKED}], content="a Needle too"))
    return stage


async def test_what_is_typed_is_found_and_stepped_through(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("enter", "slash", *"needle")
        assert "row 20 needle" in frame(pilot)
        await pilot.press("enter")
        assert "/needle 1 of 12" in frame(pilot)
        for _, row in zip(range(4), (60, 100, 140, 180), strict=True):
            await pilot.press("n")
            assert f"row {row} needle" in frame(pilot)
        await pilot.press("n")
        assert "a Needle too" in frame(pilot)
        await pilot.press("N")
        assert "row 180 needle" in frame(pilot)


async def test_steps_go_round_the_ends(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("enter", "slash", *"a Needle too", "enter")
        assert "1 of 2" in frame(pilot)
        await pilot.press("N")
        assert "2 of 2" in frame(pilot)
        await pilot.press("n")
        assert "1 of 2" in frame(pilot)


async def test_the_words_are_set_apart_without_colour_too(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("enter", "slash", *"needle", "enter")
        pane = pilot.app.screen.query_one("#text", DocumentPane)
        found = [
            segment.text
            for strip in pane.drawn
            for segment in strip
            if segment.style is not None and segment.style.reverse
        ]
        assert found == ["needle"]


async def test_taking_it_back_returns_to_where_one_was(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("enter", "i")
        before = frame(pilot)
        await pilot.press("slash", *"row 180")
        assert "row 180" in frame(pilot)
        await pilot.press("escape")
        await drawn(pilot)
        assert frame(pilot).splitlines()[5:-4] == before.splitlines()[5:-4]
        assert isinstance(pilot.app.screen, CallScreen)


async def test_keys_that_follow_enter_at_once_are_those_of_the_screen(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("enter")
        for key in ("slash", *"needle", "enter", "n", "n"):
            pilot.app.simulate_key(key)
        await until(pilot, lambda text: "/needle 3 of 12" in text, "the third match")


async def test_keys_typed_into_it_do_nothing_else(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("enter", "slash", *"xymq:d")
        assert isinstance(pilot.app.screen, CallScreen)
        assert not the_app(pilot).marked
        assert "xymq:d" in frame(pilot)
        assert "not in this text" in frame(pilot)


async def test_looking_for_nothing_again_takes_the_marks_away(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("enter", "slash", *"needle", "enter")
        assert "n next match" in frame(pilot)
        await pilot.press("backspace")
        assert "/needle" not in frame(pilot)
        assert "n next match" not in frame(pilot)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("words", ["[/b]", "[red]", "\\", "漢字", "␛[31m"])
async def test_hostile_text_is_found_and_only_shown(
    tmp_path: Path, size: tuple[int, int], words: str
) -> None:
    stage = Stage(tmp_path)
    text = "before [/b] [red] \\ 漢字 \x1b[31m after " * 20
    stage.write(call(1, messages=[{"role": "user", "content": text}]))
    async with stage.app(size) as pilot:
        await pilot.press("enter", "slash")
        screen = pilot.app.screen
        assert isinstance(screen, CallScreen)
        screen.searched.find(words)
        await pilot.press("enter", "i")
        screen.searched.find(words)
        await drawn(pilot)
        assert f"/{words} 1 of" in frame(pilot)
        assert all(cell_len(line) <= size[0] for line in frame(pilot).splitlines())


async def test_a_huge_prompt_is_searched_too(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    text = "word and word again. " * 150_000 + "the needle"
    stage.write(call(1, messages=[{"role": "user", "content": text}]))
    async with stage.app() as pilot:
        await pilot.press("enter", "slash", *"needle", "enter")
        assert "the needle" in frame(pilot)
