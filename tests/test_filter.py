"""The filter language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.filter import ELSEWHERE, FilterError, parse, suggestions
from llmtop.filter_terms import KEYS
from llmtop.live.view import Query
from llmtop.span import Span
from tests.live.fragments import NOON, live, request, response


def calls() -> dict[str, Span]:
    state = live(
        request("fast", NOON, model="gpt-4o", provider="openai", user_id="ada", session_id="s1"),
        response("fast", NOON + 0.5, input_tokens=100, output_tokens=10, ttft=0.1),
        request("slow", NOON, model="claude-sonnet-4", provider="anthropic", trace_id="t9"),
        response("slow", NOON + 9, input_tokens=90_000, output_tokens=5, cache_read_tokens=8000),
        request("bad", NOON, model="gpt-4o-mini", provider="openai", operation="embeddings"),
        response("bad", NOON + 2, error_type="RateLimitError", error_message="Too many requests"),
        request("open", NOON, model="llama3:8b"),
    )
    return {span.span_id: span for span in state.view(Query(window="all"), NOON + 10).calls}


CALLS = calls()


def found(text: str) -> set[str]:
    matches = parse(text).matches
    return {name for name, span in CALLS.items() if matches(span)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"fast", "slow", "bad", "open"}),
        ("gpt", {"fast", "bad"}),
        ("GPT -mini", {"fast"}),
        ("model:gpt-4o", {"fast", "bad"}),
        ("model:gpt-4o*", {"fast", "bad"}),
        ("model:=gpt-4o-mini", {"bad"}),
        ("model:=gpt-4", set()),
        ('model:"=GPT-4o"', {"fast"}),
        ("model:*sonnet*,llama3", {"slow", "open"}),
        ("llama3:8b", {"open"}),
        ("provider:openai op:chat", {"fast"}),
        ("status:error", {"bad"}),
        ("status:running", {"open"}),
        ("status:ok,err", {"fast", "slow", "bad"}),
        ("not status:ok", {"bad", "open"}),
        ("latency:>1s", {"slow", "bad"}),
        ("latency:<=500ms", {"fast"}),
        ("latency:1s..3s", {"bad"}),
        ("latency:..1s", {"fast"}),
        ("ttft:<1s", {"fast"}),
        ("tokens:>1k", {"slow"}),
        ("in:100 in:<1000", {"fast"}),
        ("cached:>0", {"slow"}),
        ("cost:>$0.01", {"slow"}),
        ("user:ada or trace:t9", {"fast", "slow"}),
        ("user:ada | trace:t9", {"fast", "slow"}),
        ("(user:ada or trace:t9) -model:claude*", {"fast"}),
        ("-(user:ada or trace:t9)", {"bad", "open"}),
        ('"too many"', {"bad"}),
        ('error:"too many requests"', {"bad"}),
        ("error:ratelimit", {"bad"}),
        ("session:s1", {"fast"}),
        ("id:slow", {"slow"}),
        ("operation:embeddings", {"bad"}),
    ],
)
def test_a_filter_lets_through_what_it_says(text: str, expected: set[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("latancy:>2s", "did you mean `latency:`", 0),
        ("x status:broken", "a status is one of", 9),
        ("latency:>fast", "not an amount", 8),
        ("latency:>2parsecs", "unit `parsecs`", 8),
        ("latency:3s..1s", "backwards", 8),
        ("(gpt", "not closed", 0),
        ("gpt)", "not opened", 3),
        ("gpt or", "must follow `or`", 4),
        ("or gpt", "before `or`", 0),
        ("not", "must follow `not`", 0),
        ('model:"gpt', "quotation mark", 6),
        ("model:", "needs a value", 6),
        ("zzzz:>3", "the keys are", 0),
    ],
)
def test_a_mistake_is_said_with_its_place(text: str, message: str, position: int) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert message in caught.value.message
    assert caught.value.position == position


@given(st.text(alphabet=st.characters() | st.sampled_from(':()|"-<>=. *ortnlac')))
def test_any_text_is_understood_or_refused_with_a_sentence(text: str) -> None:
    try:
        matches = parse(text).matches
    except FilterError as error:
        refused = error
    else:
        assert all(matches(span) in (True, False) for span in CALLS.values())
        return
    assert refused.message
    assert 0 <= refused.position <= len(text)


@pytest.mark.parametrize("key", KEYS)
def test_the_example_of_each_key_is_right(key: str) -> None:
    assert parse(KEYS[key].example, ELSEWHERE).text == KEYS[key].example


def test_filters_are_equal_when_their_texts_are() -> None:
    assert parse(" a  b ") == parse("a b")
    assert hash(parse("a b")) == hash(parse("a  b"))
    assert parse("a") != parse("b")


def test_an_unknown_figure_is_neither_small_nor_large() -> None:
    assert "open" not in found("latency:>0s") | found("latency:<100s")


def test_suggestions_complete_keys_and_known_values() -> None:
    assert suggestions("mo", 2, {}) == ("model:",)
    assert suggestions("a -status:e", 11, {}) == ("status:error",)
    values = {"model": ["gpt-4o", "gpt-4o-mini", "claude"]}
    assert suggestions("model:gpt", 9, values) == ("model:gpt-4o", "model:gpt-4o-mini")


def test_a_call_that_was_given_up_and_answered_after_all_is_not_lost() -> None:
    state = live(request("late"), lost_after=60.0)
    state.apply([request("other", NOON + 3600)], NOON + 3600)
    state.tick(NOON + 3600)
    (late,) = [span for span in state.calls() if span.span_id == "late"]
    assert parse("status:lost").matches(late)
    state.apply([response("late", NOON + 3601)], NOON + 3601)
    assert not parse("status:lost").matches(late)
    assert parse("status:ok").matches(late)
