"""The header tells state, sources and figures on every width."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.tui.bars.header import sparkline
from tests.tui.stage import NOON, Stage, call, frame, read_all, until

FIGURES = ("● live", "last 5m", "req/s", "in flight", "errors", "p50", "p95", "ttft", "tok/s",
           "cost", "total", "burn", "/h")  # fmt: skip


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=60), st.integers(1, 80))
def test_a_sparkline_fits_and_shows_every_count(values: list[int], width: int) -> None:
    drawn = sparkline(tuple(values), width)
    assert 0 < len(drawn) <= width
    assert ("█" in drawn) == any(values)
    assert set(drawn) == {" "} or any(values)


def test_the_newest_second_is_at_the_right() -> None:
    assert sparkline((0,) * 59 + (1,), 60)[-1] == "█"
    assert sparkline((1,) + (0,) * 59, 60)[0] == "█"


@pytest.mark.parametrize("width", [80, 120, 200])
async def test_every_figure_is_in_the_header(tmp_path: Path, width: int) -> None:
    stage = Stage(tmp_path)
    failed = {"error": "boom", "error_type": "timeout"}
    stage.write(call(1, ttft_ms=200.0))
    stage.write(call(2, estimated_cost=0.25))
    stage.write([*call(3, **failed), call(4)[0]])
    async with stage.app((width, 24)) as pilot:
        head = "\n".join(frame(pilot).splitlines()[:3])
    for figure in [*FIGURES, "33.3%", "$0.25", "app.jsonl", "12:00:00Z"]:
        assert figure in head, figure
    assert ("1 of 3 ended" in head) == (width > 80)
    assert "█" in head


async def test_an_old_log_says_where_its_window_ends(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write(call(1, at=NOON - 86400 * 3))
    async with stage.app() as pilot:
        assert "to May 29 12:00:0" in frame(pilot).splitlines()[0]


async def test_many_sources_are_counted_by_their_state(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for number in range(30):
        stage.write(call(number), name=f"worker-{number}.jsonl")
    async with stage.app((80, 24)) as pilot:
        assert "30 sources: 30 following" in frame(pilot)


async def test_a_narrow_filter_leaves_room_for_the_clock(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write(call(1))
    text = "gpt " + " or ".join(f"user:somebody-{number}" for number in range(12))
    async with stage.app((80, 24), filter_text=text) as pilot:
        first = frame(pilot).splitlines()[0]
        assert "/ gpt user:some" in first
        assert first.endswith("12:00:00Z")
        stage.now += 3
        await read_all(pilot)
        await until(pilot, lambda shown: "12:00:03Z" in shown, "the clock going on")
