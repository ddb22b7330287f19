"""Chunks of another time are passed over, and never one that could tell of a wanted call."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmtop.history.range_sift import BEFORE_S, RangeSift
from tests.history.logs import DAY, NOON, call, request, text


def test_lines_of_another_time_are_passed_over() -> None:
    sift = RangeSift(NOON, NOON + 60)
    assert not sift(text(call("early", NOON - BEFORE_S - 10)))
    assert not sift(text(call("late", NOON + DAY)))
    assert sift(
        text([*call("early", NOON - DAY), *call("in", NOON + 1), *call("early", NOON - DAY)])
    )
    assert sift(text([request("began before", NOON - 60)]))
    assert RangeSift(None, None)(b"anything")


def test_what_tells_no_moment_is_read() -> None:
    sift = RangeSift(NOON, None)
    early = text(call("early", NOON - DAY))
    assert not sift(early)
    assert sift(early + b'{"type":"response","request_id":"a"}\n')
    assert sift(early + b'{"timestamp":"2001-01-01T00:00:00Z","usage":{}}\n')
    assert sift(early + b"not json\n")


MOMENTS = st.floats(min_value=NOON - 3 * DAY, max_value=NOON + 3 * DAY)


@given(st.lists(MOMENTS, max_size=20), MOMENTS, MOMENTS)
def test_a_call_in_the_range_is_never_passed_over(
    moments: list[float], one: float, other: float
) -> None:
    since, until = sorted((one, other))
    data = text(each for number, at in enumerate(moments) for each in call(str(number), at))
    if any(since <= at <= until for at in moments):
        assert RangeSift(since, until)(data)
        assert RangeSift(since, None)(data)
        assert RangeSift(None, until)(data)
