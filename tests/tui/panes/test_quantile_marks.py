from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmtop.live.view import Quantiles
from llmtop.tui.panes import quantile_marks
from llmtop.tui.panes.latency_bars import Bar, Bars

BARS = Bars(tuple(Bar(10 ** (at / 10), 10 ** ((at + 1) / 10), 1, 0) for at in range(40)), 1)
"""From 1 s to 10 000 s, ten cells for each power of ten."""


def line(p50: float, p95: float, p99: float, *, values: bool = False) -> str:
    quantiles = Quantiles(count=9, p50=p50, p90=p50, p95=p95, p99=p99, max=p99)
    return quantile_marks.line(quantiles, BARS, values=values)


def test_marks_stand_where_the_quantiles_are() -> None:
    shown = line(1.01, 101.0, 1010.0)
    assert shown == "▲p50                ▲p95      ▲p99      "


def test_values_stand_beside_them_where_there_is_room() -> None:
    assert line(1.01, 20.0, 317.0, values=True) == "▲p50 1.01s   ▲p95 20.0s  ▲p99 5m17s     "


def test_a_name_stands_at_the_left_where_the_right_is_taken() -> None:
    assert line(11.0, 101.0, 130.0) == "          ▲p50   p95▲▲p99".ljust(40)


def test_names_get_shorter_before_one_is_left_out() -> None:
    assert line(11.0, 21.0, 42.0) == "          ▲50▲95▲99".ljust(40)


def test_quantiles_in_one_cell_share_a_mark() -> None:
    assert "▲p50/p95/p99" in line(10.5, 10.6, 10.7)


def test_without_quantiles_there_is_no_mark() -> None:
    assert quantile_marks.line(None, BARS, values=True) == ""


@given(*[st.floats(0.0001, 1e6)] * 3, st.booleans())
def test_every_quantile_has_its_mark(one: float, two: float, three: float, values: bool) -> None:
    p50, p95, p99 = sorted((one, two, three))
    shown = line(p50, p95, p99, values=values)
    assert len(shown) == 40
    cells = {BARS.cell_of(value) for value in (p50, p95, p99)}
    assert {at for at, char in enumerate(shown) if char == "▲"} == cells
