"""What calls add up to."""

from __future__ import annotations

import pytest

from llmtop.live.tally import Tally
from llmtop.span import Flag
from tests.live.test_ledger import call


def test_what_nobody_told_is_unknown_and_not_zero() -> None:
    tally = Tally()
    tally.add(call(0, 1.0))
    figures = tally.figures()
    assert figures.input_tokens is None
    assert figures.cost is None
    assert figures.ttft is None
    assert figures.calls_without_usage == 1
    assert figures.unpriced_calls == 0


def test_a_zero_that_was_told_is_zero() -> None:
    tally = Tally()
    tally.add(call(0, 1.0, input_tokens=0, output_tokens=0, cost=0.0))
    figures = tally.figures()
    assert (figures.input_tokens, figures.cost, figures.priced_calls) == (0, 0.0, 1)


def test_a_failed_call_without_usage_is_no_call_without_usage() -> None:
    tally = Tally()
    tally.add(call(0, 1.0, status="error"))
    assert tally.figures().calls_without_usage == 0


def test_a_cancelled_call_is_neither_an_error_nor_all_right() -> None:
    tally = Tally()
    cancelled = call(0, 1.0, status="cancelled")
    for each in (cancelled, call(1, 1.0), call(2, 1.0, status="error")):
        tally.add(each)
    figures = tally.figures()
    assert (figures.calls, figures.cancelled, figures.errors) == (3, 1, 1)
    tally.add(cancelled, -1)
    assert tally.figures().cancelled == 0


def test_costs_come_back_to_nothing_exactly() -> None:
    tally = Tally()
    calls = [call(n, 1.0, cost=0.1 * n) for n in range(100)]
    for each in calls:
        tally.add(each)
    for each in reversed(calls):
        tally.add(each, -1)
    assert tally.picodollars == 0
    assert tally.figures().cost is None


def test_the_longest_call_is_exact_also_after_it_was_taken_back_and_added_again() -> None:
    tally = Tally()
    slow = call(0, 33.3)
    for each in (call(0, 1.0), slow):
        tally.add(each)
    tally.add(slow, -1)
    tally.add(slow)
    figures = tally.figures()
    assert figures.latency is not None
    assert figures.latency.max == 33.3 + slow.start - slow.start


def test_the_speed_of_writing_leaves_out_the_time_to_the_first_token() -> None:
    tally = Tally()
    tally.add(call(0, 3.0, output_tokens=100, ttft=1.0))
    assert tally.figures().output_tokens_per_second == pytest.approx(50.0)


def test_a_broken_clock_gives_no_latency() -> None:
    tally = Tally()
    broken = call(0, 1.0)
    broken.flags |= Flag.BAD_CLOCK
    tally.add(broken)
    assert tally.figures().latency is None
    assert tally.bad_clocks == 1
