"""The calls that have just ended: each is told once."""

from __future__ import annotations

from llmtop.live.ended_calls import EndedCalls
from llmtop.live.live import Live
from tests.live.fragments import NOON, live, request, response, span
from tests.rates import PerMillion


def ended(state: Live, calls: EndedCalls) -> list[str]:
    state.settle()
    return [call.span_id for call in calls.take()]


def test_a_call_is_told_when_it_ends_and_once() -> None:
    state, calls = Live(PerMillion()), EndedCalls()
    state.watch(calls)
    state.apply([request("a")], NOON)
    assert ended(state, calls) == []
    state.apply([response("a")], NOON)
    assert ended(state, calls) == ["a"]
    state.apply([response("a", output_tokens=5)], NOON)
    assert ended(state, calls) == []


def test_what_ended_before_anybody_listened_is_not_told() -> None:
    state, calls = live(request("a"), response("a")), EndedCalls()
    state.watch(calls)
    assert ended(state, calls) == []
    state.apply([response("a", output_tokens=5)], NOON)
    assert ended(state, calls) == []


def test_spans_that_call_no_model_and_lost_calls_are_not_told() -> None:
    state, calls = Live(PerMillion(), lost_after=5.0), EndedCalls()
    state.watch(calls)
    state.apply([span("tool", NOON, NOON + 1.0, operation="execute_tool"), request("b")], NOON)
    state.tick(NOON + 60.0)
    assert ended(state, calls) == []
    state.apply([response("b", NOON + 70.0)], NOON + 70.0)
    assert ended(state, calls) == ["b"]
