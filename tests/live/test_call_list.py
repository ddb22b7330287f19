"""The rows of the request stream and their order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.live.view import Query, SortKey
from llmtop.span import Flag
from tests.live.fragments import NOON, live, request, response, span


def rows(sort: SortKey = "time", *, reverse: bool = False) -> list[str]:
    state = live(
        request("old", NOON, model="b"),
        response("old", NOON + 5, duration=5.0, input_tokens=10),
        request("running", NOON - 50, model="a"),
        request("new", NOON + 7, model="c"),
        response("new", NOON + 8, duration=1.0, input_tokens=99, error_type="Timeout"),
        request("quiet", NOON + 6, model="mystery"),
        response("quiet", NOON + 9),
    )
    view = state.view(Query(window="all", sort=sort, reverse=reverse), NOON + 10)
    return [call.span_id for call in view.calls]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("time", ["running", "new", "quiet", "old"]),
        ("latency", ["old", "quiet", "new", "running"]),
        ("cost", ["new", "old", "quiet", "running"]),
        ("tokens", ["new", "old", "quiet", "running"]),
        ("model", ["running", "old", "new", "quiet"]),
    ],
)
def test_rows_stand_in_the_order_of_the_column_and_the_unknown_below(
    sort: SortKey, expected: list[str]
) -> None:
    assert rows(sort) == expected


def test_reversed_the_unknown_still_stand_below() -> None:
    assert rows("cost", reverse=True) == ["old", "new", "quiet", "running"]
    assert rows("time", reverse=True) == ["running", "old", "quiet", "new"]


def test_failed_calls_stand_first_when_sorted_by_status() -> None:
    assert rows("status")[0] == "new"


def test_rows_that_come_late_find_their_place() -> None:
    state = live(request("b", NOON + 2), response("b", NOON + 3))
    query = Query(window="all")
    assert [call.span_id for call in state.view(query, NOON + 9).calls] == ["b"]
    for name, at in (("a", NOON), ("c", NOON + 4)):
        state.apply([request(name, at), response(name, at + 1)], NOON + 9)
        state.view(query, NOON + 9)
    shown = state.view(query, NOON + 9).calls
    assert [call.span_id for call in shown] == ["c", "b", "a"]


_MOMENTS = st.integers(0, 40).map(lambda tenths: NOON + tenths / 10)


@given(
    st.lists(
        st.tuples(st.integers(0, 9), _MOMENTS, st.booleans(), st.booleans()),
        max_size=60,
    ),
    st.sampled_from([3, 200]),
)
def test_rows_are_newest_first_with_running_calls_on_top_whatever_came(
    records: list[tuple[int, float, bool, bool]], most: int
) -> None:
    state = live(max_calls=most)
    query = Query(window="all")
    for number, at, ended, looked in records:
        told = span(str(number), at, at + 1 if ended else None, trace_id=None, model="m")
        state.apply([told], NOON + 9)
        if looked:
            state.view(query, NOON + 9)
    shown = [call for call in state.view(query, NOON + 9).calls if not call.flags & Flag.EVICTED]
    kept = sorted(state.index, key=lambda call: -call.start)
    running = [call.start for call in kept if call.running]
    assert [call.start for call in shown] == running + [
        call.start for call in kept if not call.running
    ]
    assert len({id(call) for call in shown}) == len(shown)
