"""The app as a user has it: freezing, windows, times, zooming, copying, leaving."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from llmtop.tui import keymap
from llmtop.tui.app import LlmTop
from llmtop.tui.screens.dashboard import DashboardScreen
from tests.tui.stage import NOON, Stage, call, drawn, frame, read_all, the_app, until


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for number in range(8):
        stage.write(call(number, at=NOON - 10 * number))
    return stage


def head(text: str) -> str:
    return "\n".join(text.splitlines()[:3])


async def test_a_frozen_screen_stands_still_and_counts_what_waits_behind_it(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("space")
        before = frame(pilot)
        assert "FROZEN" in before
        stage.write(call(100, at=NOON + 1, model="claude-haiku-4-5"))
        stage.now += 2
        await read_all(pilot)
        shown = await until(pilot, lambda text: "FROZEN, 2 lines behind" in text, "2 lines")
        assert "claude" not in shown
        assert shown.splitlines()[3:] == before.splitlines()[3:]
        await pilot.press("space")
        shown = await until(pilot, lambda text: "claude" in text, "the call that waited")
        assert "FROZEN" not in shown


async def test_words_are_found_behind_a_frozen_screen(stage: Stage) -> None:
    stage.write(call(71, messages=[{"role": "user", "content": "Where is my zebra?"}]))
    async with stage.app() as pilot:
        await pilot.press("space", "slash", *"text:zebra", "enter")
        shown = await until(pilot, lambda text: "Requests · 1" in text, "the one call")
        assert "FROZEN" in shown


async def test_a_frozen_screen_can_still_be_filtered(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("p", "slash", *"id:r3", "enter")
        shown = await until(
            pilot, lambda text: "1 of" in text or "Requests · 1" in text, "one call"
        )
        assert "FROZEN" in shown


async def test_windows_grow_and_shrink_and_figures_follow(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write(call(1, at=NOON - 2))
    stage.write(call(2, at=NOON - 200))
    stage.write(call(3, at=NOON - 7200))
    async with stage.app(window="1m") as pilot:
        for window, calls in (("5m", 2), ("15m", 2), ("1h", 2), ("all", 3), ("1m", 1)):
            await pilot.press("w")
            view = the_app(pilot).view
            assert view is not None
            assert (view.query.window, view.figures.calls) == (window, calls)
        await pilot.press("W")
        assert the_app(pilot).asked.window == "all"


async def test_times_are_told_in_three_ways(stage: Stage) -> None:
    async with stage.app() as pilot:
        assert "11:59:49" in frame(pilot)
        await pilot.press("t")
        await until(pilot, lambda text: "10s ago" in text, "relative times")
        await pilot.press("t", "t")
        await until(pilot, lambda text: "11:59:49" in text and "10s ago" not in text, "UTC")


async def test_digits_tab_and_zoom_go_from_pane_to_pane(stage: Stage) -> None:
    async with stage.app() as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, DashboardScreen)
        places = [screen.place]
        for _ in range(4):
            await pilot.press("tab")
            places.append(screen.place)
        assert places == ["requests", "trace", "latency", "cost", "requests"]
        await pilot.press("shift+tab")
        assert screen.place == "cost"
        await pilot.press("3", "z")
        shown = frame(pilot)
        assert "3 Latency" in shown
        assert "1 Requests" not in shown
        await pilot.press("4")
        assert "4 Cost" in frame(pilot)
        assert "3 Latency" not in frame(pilot)
        await pilot.press("escape")
        assert "1 Requests" in frame(pilot)
        assert pilot.app.is_running


async def test_escape_never_quits_and_q_at_the_root_does(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("escape", "escape")
        assert pilot.app.is_running
        await pilot.press("question_mark")
        assert "Keys" in frame(pilot)
        await pilot.press("q")
        assert "1 Requests" in frame(pilot)
        assert pilot.app.return_code is None
        await pilot.press("q")
        assert pilot.app.return_code == 0


async def test_copying_tells_the_truth(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("y")
        await pilot.pause()
        shown = frame(pilot)
        assert "Copy" in shown
        await pilot.press("p")
        await pilot.pause()
        assert pilot.app.clipboard == "question 0"
        await until(pilot, lambda text: "Sent the prompt (10 bytes) to the" in text, "the truth")
        await pilot.press("y", "escape")
        assert pilot.app.is_running
        await pilot.press("y", "down", "down", "enter")
        await pilot.pause()
        assert pilot.app.clipboard == "answer 0"


async def test_the_record_is_copied_with_all_that_it_says(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("y", "r")
        await pilot.pause()
        assert pilot.app.clipboard.count('"r0"') == 2
        assert '"question 0"' in pilot.app.clipboard
        assert '"finish_reason"' in pilot.app.clipboard


async def test_until_something_comes_the_screen_says_how_to_feed_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app((80, 24)) as pilot:
        shown = frame(pilot)
        for said in ("No call has come yet", "llmtop demo", "--follow", str(tmp_path)[:20]):
            assert said in shown
        stage.write(call(1))
        stage.now += 5
        await read_all(pilot)
        await until(pilot, lambda text: "1 Requests" in text, "the panes")


async def test_a_change_of_size_breaks_nothing(stage: Stage) -> None:
    stage.write_demo(seconds=20)
    async with stage.app() as pilot:
        for size in (
            (200, 60),
            (80, 24),
            (20, 5),
            (1, 1),
            (79, 11),
            (109, 45),
            (130, 15),
            (120, 36),
        ):
            await pilot.resize_terminal(*size)
            await drawn(pilot)
            for line in frame(pilot).splitlines():
                assert len(line) <= size[0]
        assert "1 Requests" in frame(pilot)


async def test_a_tiny_screen_still_shows_the_newest_call(stage: Stage) -> None:
    async with stage.app((20, 5)) as pilot:
        shown = frame(pilot)
        assert "gpt-4o-mini" in shown
        assert "live" in shown.splitlines()[0]


async def test_keys_can_be_laid_anew(stage: Stage) -> None:
    keys = {"dashboard.filter": "ctrl+f", "app.help": "h"}
    assert keymap.check(keys) == []
    async with stage.app(keys=keys) as pilot:
        await pilot.press("slash")
        assert "words" not in frame(pilot)
        await pilot.press("h")
        shown = frame(pilot)
        assert re.search(r"\bh\s+All keys", shown)


async def test_honest_numbers_are_explained_with_the_lines_not_understood(stage: Stage) -> None:
    stage.write(['{"request_id": broken [/red] \x1b[31m', *['{"type": "request"}'] * 2])
    async with stage.app((120, 60)) as pilot:
        await pilot.press("exclamation_mark")
        shown = frame(pilot)
        assert re.search(r"\d+\s+rejected", shown)
        assert "broken [/red] ␛[31m" in shown
        assert "app.jsonl" in shown
        assert "following" in shown
        await pilot.press("escape")
        assert "1 Requests" in frame(pilot)


async def test_the_palette_finds_actions_and_themes(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("colon", *"theme nord")
        await until(pilot, lambda text: "Theme nord" in text, "the theme")
        await pilot.press("down", "enter")
        await until(pilot, lambda _: pilot.app.theme == "nord", "the theme worn")
        await pilot.press("ctrl+p", *"shorter")
        await until(pilot, lambda text: "Next shorter window" in text, "the action")
        await pilot.press("down", "enter")
        await until(pilot, lambda _: the_app(pilot).asked.window == "1m", "a shorter window")


async def test_an_unknown_filter_key_of_the_settings_is_refused(stage: Stage) -> None:
    pump = stage.pump()
    with pytest.raises(ValueError, match="did you mean"):
        LlmTop(pump, filter_text="modl:x")
    pump.close()
