"""Keeping spans, and letting the oldest go."""

from __future__ import annotations

from llmtop.live.live import Live
from llmtop.live.view import Query
from llmtop.span import Fragment
from tests.live.fragments import NOON, request, response, span
from tests.rates import PerMillion


def test_running_calls_stay_while_ended_ones_can_leave() -> None:
    state = Live(PerMillion(), max_calls=10)
    state.apply([request("running", NOON)], NOON)
    for number in range(100):
        at = NOON + 60 * number
        state.apply([request(f"r{number}", at), response(f"r{number}", at + 1)], at)
    assert state.find("running") is not None
    assert len(state.index) <= 10


def test_when_everything_runs_the_bound_holds_all_the_same() -> None:
    state = Live(PerMillion(), max_calls=10)
    for number in range(100):
        state.apply([request(f"r{number}", NOON + number)], NOON + number)
    assert len(state.index) <= 10
    assert state.view(Query(window="all"), NOON + 200).figures.calls == 100


def test_a_trace_leaves_as_a_whole_and_the_oldest_first() -> None:
    state = Live(PerMillion(), max_calls=9)
    for number in range(6):
        at = NOON + 100 * number
        for part in range(3):
            told = span(f"s{number}.{part}", at + part, at + part + 1, trace_id=f"t{number}")
            state.apply([told], at + 10)
    kept = sorted(state.index.traces)
    assert kept == ["t3", "t4", "t5"]
    assert all(len(state.spans_of(trace_id)) == 3 for trace_id in kept)
    assert state.index.traces_seen == 6


def test_an_evicted_call_leaves_the_rows() -> None:
    state = Live(PerMillion(), max_calls=20)
    for number in range(60):
        at = NOON + 40 * number
        state.apply([request(f"r{number}", at), response(f"r{number}", at + 1)], at)
        rows = state.view(Query(window="all"), at + 2).calls
        assert rows[0].span_id == f"r{number}"
    assert len(rows) <= 25


def _opening(number: int) -> Fragment:
    """A request as a log has it: the span it belongs to is told, and the model."""
    trace = f"t{number // 2}"
    return request(f"r{number}", NOON + number, span_id=f"s{number}", trace_id=trace)


def test_totals_are_those_of_the_log_when_it_is_read_backwards_beyond_the_bound() -> None:
    state = Live(PerMillion(), max_calls=640)
    for number in reversed(range(3_000)):
        at = NOON + number
        state.apply([response(f"r{number}", at + 1, input_tokens=10, output_tokens=1)], at)
        if number < 2_993:
            state.apply([_opening(number + 7)], at)
    state.apply([_opening(number) for number in range(7)], NOON)
    figures = state.view(Query(window="all"), NOON + 3_000).figures
    assert len(state.index) <= 660
    assert (figures.calls, figures.in_flight, figures.lost) == (3_000, 0, 0)
    assert figures.priced_calls == 3_000
    assert state.index.traces_seen == 1_500


def test_an_end_without_an_opening_leaves_in_its_turn() -> None:
    state = Live(PerMillion(), max_calls=640)
    for number in range(3_000):
        state.apply([response(f"r{number}", NOON + number)], NOON + number)
    assert len(state.index) <= 660
    assert state.find("r2999") is not None
    assert state.view(Query(window="all"), NOON + 3_000).figures.calls == 3_000


def test_the_other_half_of_a_call_that_left_is_not_another_call() -> None:
    state = Live(PerMillion(), max_calls=10)
    for number in range(100):
        at = NOON + 60 * number
        told = span(f"s{number}", at, at + 1, request_id=f"r{number}", operation="chat", model="m")
        state.apply([told], at)
    state.apply([response("r3", NOON + 181)], NOON + 6_000)
    assert state.find("r3") is None
    assert state.view(Query(window="all"), NOON + 6_000).figures.calls == 100


def test_of_calls_of_one_moment_those_that_came_last_are_kept_and_none_in_flight_is_lost() -> None:
    state = Live(PerMillion(), max_calls=10)
    for number in range(200):
        # All within seconds, and each answered when others have begun and ended meanwhile.
        at = NOON + 0.01 * number
        state.apply([request(f"r{number}", at)], at)
        if number >= 5:
            state.apply([response(f"r{number - 5}", at)], at)
    figures = state.view(Query(window="all"), NOON + 3).figures
    assert (figures.calls, figures.lost, figures.in_flight) == (200, 0, 5)
    kept = {span.span_id for span in state.index}
    assert kept <= {f"r{number}" for number in range(180, 200)}
    assert {f"r{number}" for number in range(195, 200)} <= kept
