"""Usage objects of providers, in whatever words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode import usage
from llmtop.span import Fragment


def read(told: dict[str, Any], **how: Any) -> Fragment:
    fragment = Fragment()
    usage.read(fragment, told, **how)
    return fragment


@pytest.mark.parametrize(
    "told",
    [
        {"prompt_tokens": 125, "completion_tokens": 7,
         "prompt_tokens_details": {"cached_tokens": 100}},
        {"input_tokens": 125, "output_tokens": 7, "input_tokens_details": {"cached_tokens": 100}},
        {"input_tokens": 25, "cache_read_input_tokens": 100, "output_tokens": 7},
        {"promptTokenCount": 125, "candidatesTokenCount": 7, "cachedContentTokenCount": 100},
        {"inputTokens": 125, "outputTokens": 7, "cachedInputTokens": 100},
        {"input": 25, "output": 7, "cache_read_input_tokens": 100, "total": 132},
        {"input": 125, "output": 7, "input_cached_tokens": 100, "total": 132},
        {"input_tokens": 125, "cache_read_input_tokens": 100, "output_tokens": 7,
         "total_tokens": 132},
    ],
    ids=str,
)  # fmt: skip
def test_input_tokens_include_cached_ones_whatever_the_words(told: dict[str, Any]) -> None:
    found = read(told)
    assert (found.input_tokens, found.output_tokens) == (125, 7)
    assert found.cache_read_tokens == 100


def test_reasoning_is_part_of_the_output() -> None:
    found = read({"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 5}})
    assert (found.output_tokens, found.reasoning_tokens) == (9, 5)


def test_what_is_not_told_stays_untold() -> None:
    found = read({"odd": 1, "input_tokens": None})
    assert (found.input_tokens, found.output_tokens, found.cost) == (None, None, None)


def test_a_cost_that_the_provider_tells_is_taken() -> None:
    assert read({"prompt_tokens": 1, "cost": 0.25}).cost == 0.25


def test_geminis_answers_leave_out_what_the_model_thought() -> None:
    told = {"promptTokenCount": 100, "candidatesTokenCount": 7, "thoughtsTokenCount": 3}
    fragment = Fragment()
    usage.read(fragment, told)
    assert (fragment.output_tokens, fragment.reasoning_tokens) == (10, 3)


def test_a_total_beyond_cached_and_reasoning_tokens_tells_that_input_leaves_out_cached_ones() -> (
    None
):
    told = {"input": 60, "output": 7, "input_cached_tokens": 40, "output_reasoning_tokens": 3}
    for total, sent in ((110, 100), (107, 100), (67, 60), (70, 60)):
        fragment = Fragment()
        usage.read(fragment, {**told, "total": total})
        assert fragment.input_tokens == sent


COUNT = st.none() | st.integers(0, 1000)


@given(COUNT, COUNT, COUNT, COUNT, COUNT, COUNT)
def test_input_and_output_are_made_whole_once_and_never_less(
    sent: int | None,
    answered: int | None,
    read: int | None,
    written: int | None,
    thoughts: int | None,
    total: int | None,
) -> None:
    fragment = Fragment(
        input_tokens=sent,
        output_tokens=answered,
        cache_read_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=thoughts,
    )
    usage.make_whole(fragment, total)
    whole = (fragment.input_tokens, fragment.output_tokens)
    cached = (read or 0) + (written or 0)
    assert whole[0] in ((None,) if sent is None else (sent, sent + cached))
    assert whole[1] in ((None,) if answered is None else (answered, answered + (thoughts or 0)))
    assert whole[0] is None or whole[0] >= cached
    assert whole[1] is None or whole[1] >= (thoughts or 0)
    usage.make_whole(fragment, total)
    assert (fragment.input_tokens, fragment.output_tokens) == whole


def test_a_total_of_input_and_output_alone_leaves_the_parts_within() -> None:
    fragment = Fragment(
        input_tokens=100, output_tokens=20, cache_read_tokens=60, reasoning_tokens=8
    )
    usage.make_whole(fragment, 120)
    assert (fragment.input_tokens, fragment.output_tokens) == (100, 20)
