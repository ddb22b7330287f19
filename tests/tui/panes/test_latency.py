from __future__ import annotations

import pytest
from msgspec import structs

from llmtop.filter import parse
from llmtop.span import Fragment
from llmtop.tui.messages import LatencyRangeSelected
from llmtop.tui.panes.latency import LatencyPane
from tests.live.fragments import NOON, request, response
from tests.tui.panes.one_pane import OnePane, heard, title

SIZE = (60, 16)


def took(*latencies: float, begun: float = NOON, **told: object) -> list[Fragment]:
    """Calls that took so many seconds."""
    found = []
    for latency in latencies:
        name = f"r-{begun}-{latency}-{told}"
        found.append(request(name, begun))
        found.append(response(name, begun + latency, **told))
    return found


MANY = (
    *took(*(0.5 + number / 100 for number in range(40))),
    *took(3.1, 3.15, 3.2),
    *took(3.12, error_type="timeout"),
)


async def test_the_pane_tells_how_many_calls_and_how_many_failed() -> None:
    app = OnePane(LatencyPane(), *MANY)
    async with app.run_test(size=SIZE) as pilot:
        app.set_focus(None)
        await pilot.pause()
        assert app.lines[0].startswith("44 calls  ▒ 1 failed ")
        assert "✗" in "".join(app.lines)
        assert title(app.pane) == "3 Latency · all"


async def test_quantiles_are_listed_in_seconds_with_the_time_to_the_first_token() -> None:
    app = OnePane(LatencyPane(), *took(1.0, ttft=0.25), *took(2.0, ttft=0.5), *took(3.0))
    async with app.run_test(size=SIZE):
        head, took_line, ttft = app.lines[-3:]
        assert head.split() == ["p50", "p90", "p95", "p99", "max"]
        assert took_line.split()[0] == "took"
        assert took_line.split()[-1] == "3.00s"
        assert ttft.split()[-1] == "0.50s"
        assert head.index("max") + 3 == took_line.index("3.00s") + 5


async def test_a_wide_pane_has_the_table_beside_the_bars() -> None:
    app = OnePane(LatencyPane(), *MANY)
    async with app.run_test(size=(120, 12)):
        assert app.lines[1].split()[-1] == "took"
        assert [line.split()[-2] for line in app.lines[2:7]] == ["p50", "p90", "p95", "p99", "max"]
        assert app.lines[6].split()[-1] == "3.20s"
        assert app.lines[7].split()[-2:] == ["calls", "44"]


async def test_the_axis_says_milliseconds_and_seconds() -> None:
    app = OnePane(LatencyPane(), *took(0.02, 0.5, 12.0))
    async with app.run_test(size=SIZE):
        labels = next(line for line in app.lines if "100ms" in line)
        assert labels.split() == ["30ms", "100ms", "300ms", "1s", "3s", "10s"]


async def test_bars_stand_over_their_own_latency() -> None:
    app = OnePane(LatencyPane(), *took(1.05, 1.051, 1.052, 0.01, 100.0))
    async with app.run_test(size=(80, 16)):
        axis = next(at for at, line in enumerate(app.lines) if "┬" in line)
        labels = app.lines[axis + 1]
        second = labels.index(" 1s") + 1
        top = app.lines[1]
        assert abs(top.index("█") - second) <= 2


@pytest.mark.parametrize("size", [(1, 1), (9, 3), (37, 7), (41, 14), (71, 22), (196, 50)])
async def test_every_line_is_as_wide_as_the_pane_and_none_is_too_many(
    size: tuple[int, int],
) -> None:
    app = OnePane(LatencyPane(), *MANY)
    async with app.run_test(size=size):
        assert {strip.cell_length for strip in app.pane.drawn} == {size[0]}
        assert len(app.lines) <= size[1]


async def test_the_selected_bar_is_named_and_enter_asks_for_exactly_its_calls() -> None:
    app = OnePane(LatencyPane(), *MANY)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("right", "right", "right", "right", "right", "right", "right", "right")
        assert "4 calls  ▒ 1 failed" in app.lines[0]
        await pilot.press("enter")
        (asked,) = heard(app, LatencyRangeSelected)
        assert app.view is not None
        assert {asked.low, asked.high} <= set(app.view.histogram.edges)
        passed = [call for call in app.view.calls if asked.low <= (call.latency or 0) <= asked.high]
        assert len(passed) == 4
        said = parse(f"latency:{asked.low!r}..{asked.high!r}")
        assert sum(said.matches(call) for call in app.view.calls) == 4


async def test_left_and_right_go_from_bar_to_bar_and_leave_out_the_empty_ones() -> None:
    app = OnePane(LatencyPane(), *took(0.1, 0.1001, 5.0))
    async with app.run_test(size=SIZE) as pilot:
        assert "  2 calls" in app.lines[0]
        await pilot.press("l")
        assert "  1 call " in app.lines[0]
        await pilot.press("l")
        assert "  1 call " in app.lines[0]
        await pilot.press("h")
        assert "  2 calls" in app.lines[0]


async def test_the_selection_stays_on_its_latency_while_bars_come() -> None:
    app = OnePane(LatencyPane(), *took(1.0, 1.001))
    async with app.run_test(size=SIZE):
        assert app.lines[0].startswith("924ms–1.04s  2 calls")
        app.renew(*took(0.5, 0.51, 0.52, 3.0))
        assert app.lines[0].startswith("924ms–1.04s  2 calls")


async def test_without_the_keys_no_bar_is_selected() -> None:
    app = OnePane(LatencyPane(), *MANY)
    async with app.run_test(size=SIZE) as pilot:
        assert "═" in "".join(app.lines)
        app.set_focus(None)
        await pilot.pause()
        assert "═" not in "".join(app.lines)


async def test_a_double_click_on_a_bar_asks_for_its_calls() -> None:
    app = OnePane(LatencyPane(), *took(1.0))
    async with app.run_test(size=SIZE) as pilot:
        x = app.lines[1].index("█")
        await pilot.click(LatencyPane, offset=(x, 2), times=2)
        (asked,) = heard(app, LatencyRangeSelected)
        assert asked.low <= 1.0 <= asked.high


async def test_the_filter_rules_the_histogram() -> None:
    app = OnePane(LatencyPane(), *MANY)
    async with app.run_test(size=SIZE) as pilot:
        app.set_focus(None)
        await pilot.pause()
        app.set_filter("status:error")
        assert app.lines[0].startswith("1 call  ▒ 1 failed ")
        app.set_filter("model:nothing")
        assert "No calls with a latency pass the filter" in app.lines[1]


async def test_a_window_without_calls_names_the_key_for_a_longer_one() -> None:
    app = OnePane(LatencyPane(), *MANY, now=NOON + 4000)
    async with app.run_test(size=SIZE):
        app.asked = structs.replace(app.asked, window="1m")
        app.renew(request("fresh", NOON + 3999), now=NOON + 4000)
        assert app.lines[1].strip() == "No calls with a latency in the last 1m."
        assert app.lines[2].strip() == "w chooses a longer window."


async def test_an_empty_pane_says_what_would_fill_it() -> None:
    app = OnePane(LatencyPane())
    async with app.run_test(size=SIZE) as pilot:
        assert app.lines[1].strip() == "No calls with a latency yet."
        await pilot.press("enter", "right")
        assert not app.told
