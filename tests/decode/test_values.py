"""Loosely typed values, read leniently."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.values import count, mapping, number, parsed, shown, text

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("told", "expected"),
    [(5, 5), ("5", 5), (5.0, 5), ("5.0", 5), (0, 0), (-1, None), (True, None), (None, None),
     ("many", None), (float("nan"), None), (10**13, None), ([], None), ({}, None)],
)  # fmt: skip
def test_counts(told: object, expected: int | None) -> None:
    assert count(told) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [(1.5, 1.5), ("1.5", 1.5), ("inf", None), (False, None), ([1], None), ("", None)],
)
def test_numbers(told: object, expected: float | None) -> None:
    assert number(told) == expected


def test_texts_say_something_or_are_not_told() -> None:
    assert (text("a"), text(""), text(7), text(True), text([])) == ("a", None, "7", None, None)


def test_json_within_text_is_opened() -> None:
    assert mapping('{"a": 1}') == {"a": 1}
    assert mapping("[1]") == {}
    assert mapping("{broken") == {}
    assert parsed("[1]") == [1]
    assert parsed("plain") == "plain"


@given(anything)
def test_nothing_raises_and_everything_can_be_shown(told: object) -> None:
    assert isinstance(shown(told), str)
    assert count(told) is None or count(told) >= 0  # type: ignore[operator]  # it is no None here
    assert number(told) is None or isinstance(number(told), float)
    assert isinstance(mapping(told), dict)
    parsed(told)
