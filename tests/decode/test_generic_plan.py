"""Records with the keys of earlier ones: what is remembered of those changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from llmtop.decode.format import Unreadable
from llmtop.decode.generic import Generic
from llmtop.decode.generic_plan import Plans, plan_of
from llmtop.span import Fragment
from tests.decode.reading import read

NAMES = [
    "model", "modelName", "usage", "response", "request", "extra", "record", "message", "event",
    "prompt_tokens", "input_tokens", "outputTokens", "tokens", "total", "prompt", "latency",
    "latency_ms", "duration", "cost", "error", "status", "id", "request_id", "timestamp", "ts",
    "time", "level", "name", "type", "choices", "object", "llm", "data", "cached_tokens", "body",
    "response_body", "start_time", "end_time", "finish_reason", "stream", "own name", "calls",
]  # fmt: skip
plain = (
    st.none() | st.booleans() | st.integers(-5, 3000) | st.floats() | st.text(max_size=6)
    | st.sampled_from(["gpt-4o", "User", "my-model", "$0.25", "1.5s", "2026-01-02T03:04:05Z",
                       '{"usage": {"prompt_tokens": 3}}', "llm_call", "x" * 200])
)  # fmt: skip
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)
records = st.dictionaries(st.sampled_from(NAMES), values, min_size=1, max_size=8)


def told(reader: Generic, record: dict[str, Any]) -> Any:
    """What a reader makes of a record: its fragments, or why there are none."""
    try:
        return reader.read(record, 1)
    except Unreadable as error:
        return str(error)


@settings(max_examples=150)
@given(st.lists(records, min_size=1, max_size=6))
def test_a_record_tells_the_same_whatever_came_before_it(given_records: list[Any]) -> None:
    shared = Plans()
    for record in given_records:
        before, plan = shared.of(record)
        fresh_fragment, fragment = Fragment(), Fragment()
        rest = plan.read(before, fragment)
        fresh_rest = plan_of(before).read(before, fresh_fragment)
        assert repr((fragment, rest)) == repr((fresh_fragment, fresh_rest))


@settings(max_examples=150)
@given(records, records)
@example({"model": "m", "prompt": "x" * 2000, "prompt_tokens": 3}, {"model": "m"})
@example({"model": "m", "response": "é\n" * 900, "ts": 1767323045}, {"model": "m"})
def test_a_line_tells_the_same_as_its_object(first: dict[str, Any], second: dict[str, Any]) -> None:
    reader = Generic()
    for record in (first, second, first):
        line = json.dumps(record).encode()
        expected = told(Generic(), json.loads(line))
        try:
            quick: Any = reader.read_line(line, 1)
        except Unreadable as error:
            quick = str(error)
        if quick is not None:
            assert _without_units(quick) == _without_units(expected)


def _without_units(found: Any) -> str:
    """Durations whose unit the size has to tell depend on what came before."""
    if isinstance(found, tuple):
        for fragment in found:
            fragment.duration = fragment.duration and True
    return repr(found)


def test_the_same_keys_with_other_values_are_read_anew() -> None:
    spread = read(
        {"model": "gpt-4o", "tokens": {"prompt": 5}, "latency_ms": None, "cost": "free"},
        {"model": "gpt-4o", "tokens": {"prompt": "7"}, "latency_ms": 20, "cost": 0.5},
        {"model": "gpt-4o", "tokens": 12, "latency_ms": "1.5s", "cost": "$0.25"},
    )
    assert [call.input_tokens for call in spread.calls] == [5, 7, None]
    assert [call.cost for call in spread.calls if call.series] == [
        pytest.approx(5e-6), 0.5, 0.25]  # fmt: skip
    assert spread.calls[2].latency == pytest.approx(1.5)


def test_outer_values_go_before_inner_ones_and_likelier_names_before_others() -> None:
    call = read(
        {"model": "gpt-4o", "metadata": {"model": "other", "prompt_tokens": 1},
         "tokens_in": 9, "prompt_tokens": 7, "usage": {"prompt_tokens": 8}}
    ).call  # fmt: skip
    assert (call.series.model, call.input_tokens) == ("gpt-4o", 7)


def test_a_value_that_is_none_of_its_field_gives_way_to_the_next() -> None:
    call = read({"model": "gpt-4o", "prompt_tokens": "many", "usage": {"prompt_tokens": 8}}).call
    assert call.input_tokens == 8


def test_what_was_said_to_a_model_and_by_it_tells_nothing_of_the_call() -> None:
    for said in (
        {"status": "failed", "cost": 12, "error": "x"},
        '{"status": "failed", "cost": 12}',
    ):
        call = read({"model": "gpt-4o", "total_tokens": 5, "response": said, "input": said}).call
        assert (call.status, call.cost) == ("ok", None)


def test_bodies_of_an_api_are_looked_into_also_where_they_are_texts() -> None:
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
    answered = {"id": "chatcmpl-1", "model": "gpt-4o-2024-08-06",
                "choices": [{"finish_reason": "length"}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 3}}  # fmt: skip
    for line in (
        {"request": asked, "response": answered, "duration_ms": 5},
        {"request_body": json.dumps(asked), "response_body": json.dumps(answered), "ms": 5},
        {"request": {"body": asked}, "response": {"status": 200, "body": answered}, "took_ms": 5},
    ):
        call = read(line).call
        assert (call.series.requested, call.series.answered) == ("gpt-4o", "gpt-4o-2024-08-06")
        assert (call.input_tokens, call.output_tokens) == (9, 3)
        assert call.latency == pytest.approx(0.005, abs=1e-6)


def test_records_with_very_long_names_are_not_remembered() -> None:
    plans = Plans()
    for record in ({"model": "m", "k" * 20_000: 1}, {"model": "m", "usage": {"k" * 20_000: 1}}):
        assert plans.of(record)[1].may_be_a_call
        assert plans.find(record)[1] is None


def test_very_many_kinds_of_records_are_not_all_remembered() -> None:
    plans = Plans()
    for number in range(5000):
        plans.of({"model": "m", f"key{number}": 1})
    assert plans.kept <= 2001
