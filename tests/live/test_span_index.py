"""Keeping spans, and letting the oldest go."""

from __future__ import annotations

from llmtop.live.live import Live
from llmtop.live.view import Query
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
