from __future__ import annotations

from llmtop.tui.panes.latency_bars import Bar, Bars
from llmtop.tui.panes.latency_chart import axis_line, chart, failure_line


def some(*counts: tuple[int, int], cells: int = 1) -> Bars:
    """Bars of (ok, failed) calls from 100 ms on, each twice as long as the one before."""
    return Bars(
        tuple(Bar(0.1 * 2**at, 0.2 * 2**at, *told) for at, told in enumerate(counts)), cells
    )


def text(lines: list[list[tuple[str, str]]]) -> list[str]:
    return ["".join(part for part, _ in line) for line in lines]


def test_the_highest_bar_takes_the_whole_height() -> None:
    assert text(chart(some((16, 0), (8, 0), (1, 0)), 2, -1)) == ["█  ", "██▁"]


def test_one_call_among_thousands_is_still_seen() -> None:
    assert text(chart(some((9000, 0), (1, 0), (0, 0)), 2, -1))[1] == "█▁ "


def test_failed_calls_stand_at_the_foot_and_look_different_without_colour() -> None:
    assert text(chart(some((16, 16), (32, 0)), 4, -1)) == ["██", "██", "▒█", "▒█"]
    assert text(chart(some((0, 32)), 2, -1)) == ["▒", "▒"]


def test_colours_tell_failed_from_selected_from_ordinary() -> None:
    foot = chart(some((8, 8), (16, 0)), 2, 1)[1]
    assert [meaning for _, meaning in foot] == ["bar-error", "mark"]


def test_broad_bars_stand_apart() -> None:
    assert text(chart(some((8, 0), (8, 0), cells=3), 1, -1)) == ["██ ██ "]


def test_each_bar_with_a_failed_call_has_a_cross_however_few_they_are() -> None:
    assert failure_line(some((9000, 1), (5, 0), (0, 12))) == [("✗ ✗", "error")]
    assert failure_line(some((9000, 1), (5, 0), (0, 12), cells=3)) == [("✗1    ✗12", "error")]


def test_the_axis_has_a_tick_at_round_latencies_and_is_doubled_under_the_selected_bar() -> None:
    bars = some(*[(1, 0)] * 8, cells=2)
    assert axis_line(bars, -1) == [("┬─────┬──────┬──", "dim")]
    line = "".join(text for text, _ in axis_line(bars, 2))
    assert line[4:6] == "══"
    assert len(line) == 16
