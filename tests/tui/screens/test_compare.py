"""Two calls are marked, compared, and the marks stay whatever else is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from llmtop.tui.screens.compare import CompareScreen
from tests.tui.stage import NOON, SIZES, Stage, call, drawn, frame, read_all, the_app


def asked(text: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    small = {"prompt_tokens": 100, "latency_ms": 500.0, "messages": asked("Paris in spring")}
    large = {"prompt_tokens": 250, "latency_ms": 2000.0, "messages": asked("Paris in winter")}
    stage.write(call(1, at=NOON - 0.5, model="gpt-4o-mini", trace_id="t", span_id="s1", **small))
    stage.write(call(2, at=NOON, model="gpt-4o", trace_id="t", span_id="s2", **large))
    stage.write(call(3, at=NOON - 3, model="o3"))
    return stage


def row(shown: str, word: str) -> str:
    return next(line for line in shown.splitlines() if word in line)


async def test_a_mark_is_read_in_the_row_and_counted_in_the_title(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("down", "m")
        assert "✓◆gpt-4o " in frame(pilot)
        assert "◆ 1 marked" in row(frame(pilot), "Requests")
        await pilot.press("m")
        assert "◆" not in frame(pilot)


async def test_marks_survive_new_calls_sorting_and_filtering(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("down", "m")
        stage.write(call(9, at=NOON))
        await read_all(pilot)
        assert "✓◆gpt-4o " in frame(pilot)
        await pilot.press("s")
        await drawn(pilot)
        assert "✓◆gpt-4o " in frame(pilot)
        the_app(pilot).set_filter("model:o3")
        await drawn(pilot)
        assert "◆ 1 marked" in frame(pilot)
        await pilot.press("backspace")
        await drawn(pilot)
        assert "✓◆gpt-4o " in frame(pilot)


async def test_every_mark_is_taken_away_at_once(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("m", "down", "m")
        assert "◆ 2 marked" in frame(pilot)
        await pilot.press("M")
        assert "◆" not in frame(pilot)
        assert "d compare" not in frame(pilot)


async def test_spans_of_a_trace_are_marked_in_its_tree_and_on_its_screen(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("2", "home", "m")
        assert "◆ 1 marked" in row(frame(pilot), "2 Trace")
        await pilot.press("enter", "end", "m")
        assert "◆ 2 marked" in row(frame(pilot), "Trace ·")
        await pilot.press("d")
        assert isinstance(pilot.app.screen, CompareScreen)


async def test_an_open_call_is_marked_in_its_title(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("enter", "m")
        assert "◆ Call ✓ gpt-4o-mini" in frame(pilot)
        await pilot.press("right_square_bracket", "d")
        assert isinstance(pilot.app.screen, CompareScreen)


@pytest.mark.parametrize(
    ("keys", "said"),
    [(["d"], "Mark a call with m"), (["m", "d"], "Only this one is marked")],
    ids=["none", "one"],
)
async def test_without_two_it_is_said_how_to_mark(stage: Stage, keys: list[str], said: str) -> None:
    async with stage.app() as pilot:
        await pilot.press(*keys)
        assert said in frame(pilot)
        assert not isinstance(pilot.app.screen, CompareScreen)


async def test_what_is_said_names_the_keys_that_the_user_has_laid(stage: Stage) -> None:
    async with stage.app(keys={"app.mark": "f5"}) as pilot:
        await pilot.press("d")
        assert "Mark a call with f5" in frame(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_figures_and_texts_stand_side_by_side(stage: Stage, size: tuple[int, int]) -> None:
    async with stage.app(size) as pilot:
        await pilot.press("m", "down", "d")
        shown = frame(pilot)
        assert row(shown, "│ input").split()[2:6] == ["100", "250", "+150", "+150%"]
        assert row(shown, "latency").split()[2:6] == ["500ms", "2.00s", "+1.50s", "+300%"]
        assert row(shown, "finish").split()[2:5] == ["stop", "stop", "="]
        await pilot.press("i")
        shown = frame(pilot)
        assert "Input · 1 line differs" in shown
        lost, gained = row(shown, "- Paris in spring"), row(shown, "+ Paris in winter")
        assert (lost == gained) == (size[0] > 80)
        assert all(cell_len(line) <= size[0] for line in shown.splitlines())
        await pilot.press("escape")
        assert len(the_app(pilot).screen_stack) == 1


async def test_it_can_be_turned_round(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("m", "down", "d", "s")
        assert row(frame(pilot), "│ input").split()[2:6] == ["250", "100", "-150", "-60%"]


async def test_of_more_than_two_the_last_two_are_compared(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("m", "down", "m", "down", "m", "d")
        assert "A ✓ gpt-4o " in frame(pilot)
        assert "B ✓ o3 " in frame(pilot)
        assert "3 are marked" in frame(pilot)


async def test_a_running_call_goes_on_in_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write(call(1, at=NOON - 5))
    stage.write(call(2, at=NOON + 1, model="o3", latency_ms=3000.0)[:1])
    async with stage.app() as pilot:
        await pilot.press("m", "down", "d")
        assert row(frame(pilot), "latency").split()[2] == "2.00s"
        assert "–" in row(frame(pilot), "│ input")
        stage.now += 1
        stage.write(call(2, at=NOON + 1, model="o3", latency_ms=3000.0)[1:])
        stage.now += 5
        await read_all(pilot)
        assert row(frame(pilot), "latency").split()[2:4] == ["3.00s", "500ms"]
        assert "answer 2" in frame(pilot)


async def test_hostile_text_is_only_shown(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for number, text in enumerate(("\x1b[31m[/red] one", "[bold]two\u202e")):
        told = {"messages": [{"role": "[/x]", "content": text}], "model": f"[/m{number}]"}
        stage.write(call(number, at=NOON - number, **told))
    async with stage.app() as pilot:
        await pilot.press("m", "down", "d")
        shown = frame(pilot)
        assert "␛[31m[/red] one" in shown
        assert "[bold]two" in shown
        assert "[/m0]" in shown
