from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.tui.panes.column_numbers import dollars, seconds, whole


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.0, "0.00s"),
        (0.004, "<0.01s"),
        (0.34, "0.34s"),
        (12.3, "12.30s"),
        (999.99, "999.99s"),
        (1234.5, "1234.5s"),
        (604_800.0, "604800s"),
    ],
)
def test_lengths_of_time_are_seconds_all_the_way_down(value: float | None, shown: str) -> None:
    assert seconds(value) == shown


def test_a_trace_shows_milliseconds_as_the_third_decimal() -> None:
    assert seconds(0.003, 8, 3) == "0.003s"
    assert seconds(1234.5678, 8, 3) == "1234.57s"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.0, "$0.00000"),
        (0.000001, "<$0.00001"),
        (0.00123, "$0.00123"),
        (12.345678, "$12.34568"),
        (123456.0, "$123456.0"),
    ],
)
def test_dollars_keep_their_decimals_while_they_fit(value: float | None, shown: str) -> None:
    assert dollars(value) == shown


def test_a_lower_bound_says_so_and_is_never_below_something() -> None:
    assert dollars(0.5, at_least=True) == "≥$0.50000"
    assert dollars(0.000001, at_least=True) == "≥$0.00000"


def test_counts_are_whole_until_they_do_not_fit() -> None:
    assert whole(123456, 6) == "123456"
    assert whole(1234567, 6) == "1.2M"
    assert whole(None, 6) == "–"


@given(st.floats(0, 1e10))
def test_no_length_of_time_is_wider_than_its_column(value: float) -> None:
    assert len(seconds(value)) <= 7


@given(st.floats(0, 9e8), st.booleans())
def test_no_amount_is_wider_than_its_column(value: float, at_least: bool) -> None:
    text = dollars(value, at_least=at_least)
    assert len(text) <= 9
    assert re.fullmatch(r"[≥<]?\$[\d.]+[kM]?", text)
