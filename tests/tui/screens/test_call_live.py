"""The call screen while things change: ends, evictions, time, the terminal's size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmtop.pump import Pump
from tests.tui.screens.on_call import WIDE, opened
from tests.tui.stage import NOON, Stage, call, drawn, frame, read_all, until


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def test_a_running_call_counts_and_its_answer_appears_when_it_ends(stage: Stage) -> None:
    request, response = call(1, at=NOON + 2)
    request["timestamp"] = NOON - 1
    stage.write([request])
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        assert "running for 1.00s" in frame(pilot)
        assert "the answer appears here" in frame(pilot)
        stage.now += 1
        await until(pilot, lambda text: "running for 2.00s" in text, "a clock that runs")
        stage.now += 1
        stage.write([response])
        await read_all(pilot)
        shown = await until(pilot, lambda text: "answer 1" in text, "the answer")
        assert "✓ ok  stop" in shown
        assert "running" not in shown.split("question 1")[1]


async def test_the_place_is_held_when_the_answer_comes(stage: Stage) -> None:
    request, response = call(1, at=NOON + 2)
    request["messages"] = [{"role": "user", "content": "\n".join(f"line {n}." for n in range(300))}]
    stage.write([request])
    async with stage.app((80, 24)) as pilot:
        await opened(pilot, "i")
        await pilot.press(*["j"] * 40)
        before = _body(frame(pilot))
        stage.now += 3
        stage.write([response])
        await read_all(pilot)
        await drawn(pilot)
        assert _body(frame(pilot)) == before
        await pilot.press("o")
        assert "answer 1" in frame(pilot)


def _body(text: str) -> list[str]:
    return [line for line in text.splitlines() if "line " in line]


class ShortMemory(Stage):
    """Keeps few calls."""

    def pump(self, **limits: Any) -> Pump:
        return super().pump(max_calls=100, **limits)


async def test_an_evicted_call_stays_on_screen_and_is_said_to_be_no_longer_kept(
    tmp_path: Path,
) -> None:
    stage = ShortMemory(tmp_path)
    stage.write(call(0, at=NOON - 60))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        assert "no longer kept" not in frame(pilot)
        for number in range(1, 400):
            stage.write(call(number, at=NOON - 60 + number / 10))
        stage.now += 5
        await read_all(pilot)
        shown = await until(pilot, lambda text: "no longer kept" in text, "that it was evicted")
        assert "question 0" in shown


async def test_times_are_told_in_the_chosen_way(stage: Stage) -> None:
    stage.write(call(1, at=NOON - 30))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        assert "2026-06-01 11:59:30.000 UTC" in frame(pilot)
        await pilot.press("t")
        await until(pilot, lambda text: "30s ago (11:59:30.000)" in text, "relative times")
        stage.now += 5
        await until(pilot, lambda text: "35s ago (11:59:30.000)" in text, "that time goes on")


async def test_resizing_moves_the_facts_and_loses_nothing(stage: Stage) -> None:
    stage.write(call(1))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        assert "Facts" in frame(pilot)
        await pilot.resize_terminal(80, 24)
        await drawn(pilot)
        assert "Facts" not in frame(pilot)
        assert "✓ ok  stop" in frame(pilot)
        await pilot.resize_terminal(*WIDE)
        await drawn(pilot)
        shown = frame(pilot)
        assert "Facts" in shown
        assert shown.count("✓ ok  stop") == 1
        assert "question 1" in shown
