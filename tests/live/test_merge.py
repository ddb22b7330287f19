"""The one merge rule: a span is the same whatever the order of its fragments."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.live.merge import LONGEST_MESSAGE
from llmtop.span import MAX_DURATION_S, Flag, Fragment, Span
from tests.live.fragments import ENDED, NOON, OPENED, live


def merged(*fragments: Fragment) -> Span:
    found = live(*fragments).find("a")
    assert found is not None
    return found


def told(flags: int = OPENED | ENDED, **fields: Any) -> Fragment:
    return Fragment(span_id="a", operation="chat", flags=flags, **fields)


def test_the_earliest_start_and_the_latest_end_stay() -> None:
    found = merged(
        told(start=NOON + 1, end=NOON + 2),
        told(start=NOON, end=NOON + 1),
        told(start=NOON + 2, end=NOON + 5),
    )
    assert (found.start, found.end) == (NOON, NOON + 5)


def test_a_latency_that_was_told_wins_over_times() -> None:
    for order in ((0, 1), (1, 0)):
        both = [told(OPENED, start=NOON), told(ENDED, end=NOON + 9, duration=2.0)]
        assert merged(*(both[each] for each in order)).latency == pytest.approx(2.0)


def test_only_an_end_and_a_latency_tell_the_start() -> None:
    found = merged(told(ENDED, end=NOON, duration=2.0))
    assert found.start == pytest.approx(NOON - 2)
    assert found.flags & Flag.ESTIMATED_START


def test_without_a_latency_and_a_second_time_there_is_none() -> None:
    for one_time in (told(ENDED, end=NOON), told(start=NOON)):
        assert merged(one_time).latency is None


@pytest.mark.parametrize("duration", [-1.0, MAX_DURATION_S + 1])
def test_an_absurd_latency_is_a_broken_clock(duration: float) -> None:
    found = merged(told(start=NOON, duration=duration))
    assert found.flags & Flag.BAD_CLOCK
    assert found.latency is None


def test_an_end_before_the_start_is_a_broken_clock() -> None:
    assert merged(told(start=NOON, end=NOON - 5)).flags & Flag.BAD_CLOCK


def test_cumulative_usage_ends_with_the_most() -> None:
    found = merged(
        told(output_tokens=3, input_tokens=10, cache_read_tokens=5),
        told(output_tokens=30, input_tokens=10, cache_write_tokens=2),
        told(output_tokens=7),
    )
    assert (found.input_tokens, found.output_tokens) == (10, 30)
    assert found.cache is not None
    assert (found.cache.read, found.cache.write) == (5, 2)


def test_an_error_is_not_undone_by_a_later_ok() -> None:
    found = merged(told(status="error", error_type="E", error_message="why"), told(status="ok"))
    assert found.failed
    assert found.failure is not None
    assert (found.failure.type, found.failure.message) == ("E", "why")


def test_a_long_message_is_cut_in_memory() -> None:
    found = merged(told(status="error", error_message="x" * 5000))
    assert found.failure is not None
    assert len(found.failure.message or "") == LONGEST_MESSAGE


def test_a_model_that_answers_more_exactly_is_the_same_row() -> None:
    found = merged(
        told(OPENED, model="gpt-4o-mini"), told(ENDED, response_model="gpt-4o-mini-2024-07-18")
    )
    assert found.series.model == "gpt-4o-mini"
    assert found.series.price_model == "gpt-4o-mini-2024-07-18"
    routed = merged(told(OPENED, model="auto"), told(ENDED, response_model="gpt-4o"))
    assert routed.series.model == "gpt-4o"


def sane(flags: int, end: float | None, **fields: Any) -> Fragment:
    """A fragment that tells an end only if it ends the span."""
    return told(flags, end=end if flags & ENDED else None, **fields)


fragments = st.builds(
    sane,
    flags=st.sampled_from([OPENED, ENDED, OPENED | ENDED]),
    start=st.none() | st.integers(0, 5).map(lambda each: NOON + each),
    end=st.none() | st.integers(5, 9).map(lambda each: NOON + each),
    input_tokens=st.none() | st.integers(0, 50),
    output_tokens=st.none() | st.integers(0, 50),
    ttft=st.none() | st.sampled_from([0.1, 0.5]),
    status=st.sampled_from([None, "ok", "error"]),
    cost=st.none() | st.sampled_from([0.1, 0.2]),
)


@given(st.lists(fragments, min_size=1, max_size=5), st.randoms())
def test_no_order_makes_a_difference(told_fragments: list[Fragment], shuffle: Any) -> None:
    shuffled = list(told_fragments)
    shuffle.shuffle(shuffled)
    one, other = merged(*told_fragments), merged(*shuffled)
    for name in ("input_tokens", "output_tokens", "ttft", "status", "cost"):
        assert getattr(one, name) == getattr(other, name), name
    times = [each for each in told_fragments if each.start is not None or each.end is not None]
    if times:
        assert one.latency == other.latency
