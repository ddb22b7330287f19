from __future__ import annotations

from itertools import pairwise
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from llmtop.live.view import Histogram, Query
from llmtop.tui.panes.latency_bars import Bars, asked_for, bars_of
from tests.live.fragments import NOON, live, request, response


def histogram(*latencies: float, failed: tuple[float, ...] = ()) -> Histogram:
    """The histogram that a view has for calls that took so many seconds."""
    fragments = []
    for number, latency in enumerate((*latencies, *failed)):
        told = {"error_type": "boom"} if number >= len(latencies) else {}
        fragments.append(request(f"r{number}", NOON))
        fragments.append(response(f"r{number}", NOON + latency, **told))
    view = live(*fragments).view(Query(window="all"), NOON + 100)
    return view.histogram


def bars(found: Histogram, width: int) -> Bars:
    made = bars_of(found, width)
    assert made is not None
    return made


def test_without_a_latency_there_are_no_bars() -> None:
    assert bars_of(Histogram((), (), ()), 40) is None


def test_bars_have_the_edges_of_the_bins_while_there_is_room() -> None:
    found = histogram(0.5, 0.9, 3.0, failed=(0.5,))
    edges = {bar.low for bar in bars(found, 120).bars}
    assert set(found.edges[:-1]) <= edges
    told = [(bar.ok, bar.errors) for bar in bars(found, 120).bars if bar.calls]
    assert told == [(1, 1), (1, 0), (1, 0)]


def test_neighbours_are_added_up_where_there_is_not() -> None:
    found = histogram(*(0.01 * 1.07**number for number in range(100)))
    made = bars(found, 30)
    assert len(made.bars) <= 30
    assert sum(bar.calls for bar in made.bars) == 100
    step = round(len(found.ok) / len([bar for bar in made.bars if bar.calls]))
    assert step > 1


def test_bars_are_cut_at_the_same_latencies_when_a_shorter_call_comes() -> None:
    before = bars(histogram(*(0.01 * 1.07**number for number in range(100))), 30)
    after = bars(histogram(*(0.0087 * 1.07**number for number in range(102))), 30)
    common = {round(bar.low, 9) for bar in before.bars} & {round(bar.low, 9) for bar in after.bars}
    assert len(common) >= 25


def test_few_calls_still_span_a_factor_of_ten() -> None:
    made = bars(histogram(1.0), 60)
    assert made.bars[-1].high / made.bars[0].low >= 10
    assert made.width <= 60


def test_calls_of_no_time_at_all_are_asked_for_with_the_lowest_bar() -> None:
    low, high = asked_for(next(bar for bar in bars(histogram(0.0, 1.0), 200).bars if bar.calls))
    assert low == 0.0
    assert 1e-4 < high < 2e-4


@given(
    st.lists(st.floats(0, 1000), min_size=1, max_size=30),
    st.lists(st.floats(0, 1000), max_size=10),
    st.integers(1, 250),
)
def test_whatever_the_width_bars_touch_fit_and_hold_every_call(
    latencies: list[float], failed: list[float], width: int
) -> None:
    made = bars(histogram(*latencies, failed=tuple(failed)), width)
    assert made.width <= width
    assert sum(bar.ok for bar in made.bars) == len(latencies)
    assert sum(bar.errors for bar in made.bars) == len(failed)
    assert all(isclose(one.high, other.low, rel_tol=1e-9) for one, other in pairwise(made.bars))
    for index, bar in enumerate(made.bars):
        assert made.index_of((bar.low * bar.high) ** 0.5) == index
