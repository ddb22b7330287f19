"""Calls that tell no usage, inside one that does: the usage counts, and once."""

from __future__ import annotations

from itertools import permutations

import pytest

from llmtop.live.live import Live
from llmtop.live.view import Figures, Query
from llmtop.span import Fragment
from tests.live.fragments import NOON, live, span


def call(span_id: str, parent: str | None = None, **told: object) -> Fragment:
    usual = {"operation": "chat", "model": "gpt-4o"}
    return span(span_id, NOON, NOON + 2, parent_id=parent, **{**usual, **told})


def figures(state: Live) -> Figures:
    return state.view(Query(window="all"), NOON + 10).figures


OUTER = call("outer", input_tokens=1000, output_tokens=50, cache_read_tokens=400)
INNER = call("inner", "http")
BETWEEN = span("http", NOON, NOON + 2, parent_id="outer", operation="other", name="POST")


def test_a_call_that_tells_no_usage_has_that_of_the_call_around_it_in_any_order() -> None:
    for order in permutations([OUTER, BETWEEN, INNER]):
        at_once = figures(live(*order))
        state = live()
        for fragment in order:
            state.apply([fragment], NOON + 5)
            figures(state)
        for found in (at_once, figures(state)):
            assert (found.calls, found.input_tokens, found.output_tokens) == (1, 1000, 50)
            assert found.cache_read_tokens == 400
            assert found.cost == pytest.approx((1000 + 4 * 50) / 1e6)
            assert found.calls_without_usage == 0


def test_of_several_calls_inside_nobody_knows_whose_usage_it_is() -> None:
    told = [OUTER, BETWEEN, INNER, call("second", "outer", input_tokens=10)]
    for order in permutations(told):
        state = live()
        for fragment in order:
            state.apply([fragment], NOON + 5)
            figures(state)
        found = figures(state)
        assert (found.calls, found.input_tokens, found.calls_without_usage) == (2, 10, 1)


@pytest.mark.parametrize(
    "inner",
    [
        call("inner", "outer", input_tokens=7),
        call("inner", "outer", operation="embeddings"),
        call("inner", "outer", model="another"),
        call("inner", "outer", status="error", error_type="Timeout"),
    ],
)
def test_what_tells_its_own_failed_or_is_another_call_borrows_nothing(inner: Fragment) -> None:
    assert figures(live(OUTER, inner)).input_tokens in (None, 7)


def test_usage_that_comes_late_takes_the_place_of_what_was_lent() -> None:
    state = live(OUTER, BETWEEN, INNER)
    assert figures(state).input_tokens == 1000
    state.apply([call("inner", "http", input_tokens=990, output_tokens=49)], NOON + 6)
    assert figures(state).input_tokens == 990
