"""JSON in logs is laid out for reading; what is not JSON stays as it is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.tui.documents.json_text import pretty, value_text

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), values, max_size=4))
def test_laying_out_changes_no_value(told: dict[str, object]) -> None:
    laid_out = pretty(json.dumps(told))
    assert laid_out is not None
    assert json.loads(laid_out) == told


def test_escaped_letters_become_readable() -> None:
    assert pretty('{"city":"M\\u00fcnchen"}') == '{\n  "city": "München"\n}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[not json",
        "{'a': 1}",
        "42",
        '"text"',
        "[" * 100_000,
        '{"a": "\ud800"',
        "[/foo]",
    ],
)
def test_what_is_not_an_object_or_array_is_left_alone(text: str) -> None:
    assert pretty(text) is None


@given(st.text() | values)
def test_any_value_has_a_text(value: object) -> None:
    assert isinstance(value_text(value), str)


def test_values_are_written_as_in_json() -> None:
    told: tuple[object, ...] = (None, True, 0.2, "a", "", [], {"a": 1})
    assert [value_text(each) for each in told] == [
        "null",
        "true",
        "0.2",
        "a",
        '""',
        "[]",
        '{\n  "a": 1\n}',
    ]
