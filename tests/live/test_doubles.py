"""One call told by two instrumentations."""

from __future__ import annotations

from itertools import permutations

from llmtop.live.view import Figures, Query
from llmtop.span import STREAM_SCOPE, Flag, Fragment
from tests.live.fragments import NOON, live, span


def call(span_id: str, start: float, end: float, **told: object) -> Fragment:
    told.setdefault("operation", "chat")
    told.setdefault("model", "claude")
    told.setdefault("input_tokens", 100)
    told.setdefault("output_tokens", 7)
    return span(span_id, NOON + start, NOON + end, **told)


def figures(*fragments: Fragment) -> Figures:
    return live(*fragments).view(Query(window="all"), NOON + 10).figures


def test_two_spans_that_tell_the_same_answers_id_are_one_call() -> None:
    told = [
        call("a", 0, 2, trace_id="t1", scope="sdk", response_id="msg_1"),
        call("b", 0.01, 1.9, trace_id="t2", scope="framework", response_id="msg_1"),
    ]
    for order in permutations(told):
        state = live(*order)
        view = state.view(Query(window="all"), NOON + 10)
        assert (view.figures.calls, view.figures.input_tokens) == (1, 100)
        assert view.honest.nested_calls == 1
        assert [each.span_id for each in view.calls] == ["b"]


def test_two_scopes_that_tell_the_same_at_the_same_time_are_one_call() -> None:
    one = call("a", 0, 2, scope="sdk")
    assert figures(one, call("b", 0.01, 1.99, scope="other")).calls == 1
    assert figures(one, call("b", 0.01, 1.99, scope="sdk")).calls == 2
    assert figures(one, call("b", 3, 5, scope="other")).calls == 2
    assert figures(one, call("b", 0.01, 1.99, scope="other", output_tokens=8)).calls == 2
    assert figures(one, call("b", 0.01, 1.99, scope="other", model="gpt")).calls == 2


def test_what_only_the_double_is_told_is_true_of_the_call() -> None:
    told = [
        call("a", 0, 2, trace_id="t1", scope="sdk", response_id="1", parent_id="root"),
        call("b", 0, 2, trace_id="t2", response_id="1", cost=0.25, user_id="ann", ttft=0.5),
    ]
    for order in permutations(told):
        view = live(*order).view(Query(window="all"), NOON + 10)
        (counted,) = view.calls
        assert (counted.span_id, counted.cost, counted.user_id) == ("a", 0.25, "ann")
        assert (view.figures.cost, counted.ttft) == (0.25, 0.5)


def test_answers_with_ids_of_their_own_are_calls_of_their_own() -> None:
    told = [
        call("a", 0, 2, scope="sdk", response_id="1"),
        call("b", 0, 2, scope="other", response_id="2"),
    ]
    assert figures(*told).calls == 2


def test_an_answer_given_again_from_a_cache_is_another_call() -> None:
    told = [
        call("a", 0, 2, scope="sdk", response_id="1"),
        call("b", 5, 5.1, scope="sdk", response_id="1"),
    ]
    assert figures(*told).calls == 2


def test_parallel_requests_that_are_given_one_answer_are_calls_of_their_own() -> None:
    client = [call(name, 0, 2, request_id=name, response_id="1") for name in "abc"]
    assert figures(*client).calls == 3
    logged = [call(name, 0, 2, request_id=f"req_{name}", response_id="1") for name in "de"]
    assert figures(*logged).calls == 2
    assert figures(client[0], logged[0]).calls == 1


def test_parallel_calls_pair_off_one_by_one() -> None:
    told = [
        call(f"{scope}{number}", 0, 2, scope=scope) for number in range(4) for scope in ("x", "y")
    ]
    assert figures(*told).calls == 4


def test_a_double_counts_again_when_the_other_turns_out_to_stand_around_a_third() -> None:
    told = [
        call("outer", 0, 2, scope="framework", response_id="1", parent_id="root"),
        call("beside", 0, 2, scope="sdk", response_id="1", trace_id="other"),
        span("middle", NOON, NOON + 2, parent_id="outer", name="http"),
        call("inner", 0, 2, scope="http", parent_id="middle", response_id="1"),
    ]
    for order in permutations(told):
        assert figures(*order).calls == 1


def test_a_hidden_double_is_still_in_its_trace() -> None:
    state = live(
        call("a", 0, 2, trace_id="t1", scope="sdk", response_id="1"),
        call("b", 0, 2, trace_id="t2", scope="framework", response_id="1", cache_read_tokens=5),
    )
    trace = state.trace("t1", NOON)
    assert trace is not None
    assert trace.rows[0].span.flags & Flag.DOUBLE
    assert trace.calls == 0


def test_an_instrumentation_that_is_blind_to_a_streams_usage_tells_the_same_call() -> None:
    blind = call("a", 0, 2, scope="one", input_tokens=None, output_tokens=None)
    seeing = call("b", 0.01, 1.99, scope="other")
    for order in permutations([blind, seeing]):
        found = figures(*order)
        assert (found.calls, found.input_tokens) == (1, 100)
    later = call("b", 3, 5, scope="other")
    assert figures(blind, later).calls == 2
    same_scope = call("b", 0.01, 1.99, scope="one")
    assert figures(blind, same_scope).calls == 2


def test_failed_calls_without_an_id_pair_off_by_their_time() -> None:
    one = call("a", 0, 2, scope="one", input_tokens=None, output_tokens=None, status="error")
    other = call("b", 0, 2, scope="other", input_tokens=None, output_tokens=None, status="error")
    ok = call("c", 0, 2, scope="other", input_tokens=None, output_tokens=None, status="ok")
    assert (figures(one, other).calls, figures(one, other).errors) == (1, 1)
    assert figures(one, ok).calls == 2


def test_how_a_stream_was_read_is_told_apart_from_its_request_and_is_the_same_call() -> None:
    asked = call("a", 0, 1, scope="logfire.openai", input_tokens=None, output_tokens=None)
    stream = call("b", 1.001, 3, scope=f"logfire.openai{STREAM_SCOPE}", trace_id="another")
    for order in permutations([asked, stream]):
        found = figures(*order)
        assert (found.calls, found.output_tokens) == (1, 7)
    much_later = call("b", 60, 63, scope=f"logfire.openai{STREAM_SCOPE}")
    assert figures(asked, much_later).calls == 2
