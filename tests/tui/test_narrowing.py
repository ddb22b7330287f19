"""Terms are added to a filter and taken away again, and the filter stays one that is understood."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.filter import parse
from llmtop.tui import narrowing


def test_a_term_is_added_to_what_is_there() -> None:
    assert narrowing.toggled("", "model:o3") == "model:o3"
    assert narrowing.toggled("status:error", "model:o3") == "status:error model:o3"


def test_the_same_term_again_is_taken_away() -> None:
    assert narrowing.toggled("status:error model:o3", "model:o3") == "status:error"


def test_another_value_of_the_key_replaces_the_first() -> None:
    assert narrowing.toggled("latency:1s..2s x", "latency:2s..4s") == "x latency:2s..4s"


def test_an_or_at_the_top_is_put_in_parentheses() -> None:
    assert narrowing.toggled("a or b", "model:o3") == "(a or b) model:o3"
    assert narrowing.toggled("(a or b) c", "model:o3") == "(a or b) c model:o3"


def test_quoted_words_stay_whole() -> None:
    assert narrowing.toggled('model:"my model" x', "model:o3") == "x model:o3"


@pytest.mark.parametrize("value", ["o3", "my model", "a(b)", 'say "hi"', "x|y", "模型 一"])
def test_any_value_makes_a_term_that_is_understood(value: str) -> None:
    parse(narrowing.term("model", value))


@given(st.lists(st.sampled_from(["a", "b or c", "(d e)", "-f", "model:x", 'g:"h i"']), max_size=4))
def test_a_narrowed_filter_is_understood_if_the_first_was(parts: list[str]) -> None:
    text = " ".join(parts)
    if text:
        parse(text)
    parse(narrowing.toggled(text, "model:o3"))


@given(st.floats(1e-4, 1e5), st.floats(1.0, 10.0))
def test_a_range_of_lengths_is_said_exactly_enough(low: float, ratio: float) -> None:
    said = narrowing.seconds(low, low * ratio)
    parse(said)
    ends = said.removeprefix("latency:").split("..")
    told = [float(e[:-2]) / 1000 if e.endswith("ms") else float(e[:-1]) for e in ends]
    assert math.isclose(told[0], low, rel_tol=1e-9)
    assert math.isclose(told[1], low * ratio, rel_tol=1e-9)
