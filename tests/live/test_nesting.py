"""Calls within calls: only the inner one counts, whatever the order in which they come."""

from __future__ import annotations

from itertools import permutations

from llmtop.live.view import Figures, Query
from llmtop.span import Fragment
from tests.live.fragments import NOON, live, span


def call(span_id: str, parent: str | None = None, **told: object) -> Fragment:
    told.setdefault("operation", "chat")
    told.setdefault("model", "m")
    told.setdefault("input_tokens", 100)
    return span(span_id, NOON, NOON + 2, parent_id=parent, **told)


def other(span_id: str, operation: str, parent: str | None = None) -> Fragment:
    return span(span_id, NOON, NOON + 2, parent_id=parent, operation=operation, name=operation)


def figures(*fragments: Fragment) -> Figures:
    return live(*fragments).view(Query(window="all"), NOON + 10).figures


def test_a_frameworks_call_around_the_sdks_own_counts_once_in_any_order() -> None:
    told = [call("outer"), other("http", "other", "outer"), call("inner", "http")]
    for order in permutations(told):
        found = figures(*order)
        assert (found.calls, found.input_tokens) == (1, 100)


def test_of_three_that_stand_in_each_other_the_innermost_counts() -> None:
    told = [call("a"), call("b", "a", input_tokens=90), call("c", "b", input_tokens=80)]
    for order in permutations(told):
        assert figures(*order).input_tokens == 80


def test_calls_that_a_tool_or_an_agent_makes_are_calls_of_their_own() -> None:
    for boundary in ("execute_tool", "invoke_agent", "turn"):
        told = [call("a"), other("b", boundary, "a"), call("c", "b")]
        for order in permutations(told):
            assert figures(*order).calls == 2, boundary


def test_an_agents_own_usage_is_shown_and_not_added() -> None:
    agent = span("a", NOON, NOON + 2, operation="invoke_agent", input_tokens=500)
    state = live(agent, call("b", "a"), call("c", "a"))
    assert state.view(Query(window="all"), NOON + 10).figures.input_tokens == 200
    found = state.find("a")
    assert found is not None
    assert found.input_tokens == 500


def test_a_parent_that_never_comes_hides_nothing() -> None:
    assert figures(call("b", "gone"), call("c", "gone")).calls == 2
