"""Bytes cut into lines and documents."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.documents import line_count, lines_of, values_of


def test_blank_lines_and_a_byte_order_mark_are_no_lines() -> None:
    assert lines_of(b"\xef\xbb\xbf{}\r\n\n  \n[]") == [b"{}\r", b"[]"]


@given(st.lists(st.binary(max_size=20) | st.just(b"x" * 900), max_size=8), st.booleans())
def test_long_lines_are_cut_where_short_ones_are(parts: list[bytes], ended: bool) -> None:
    data = b"\n".join(parts) + (b"\n" if ended else b"")
    plain = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    assert lines_of(data) == [line for line in plain if line and not line.isspace()]
    if data:
        assert line_count(data) == data.count(b"\n") + (not data.endswith(b"\n"))


def test_values_stand_one_after_the_other_in_any_layout() -> None:
    text = '{"a": 1}\n{\n  "a": 2\n}[{"a": 3},\n {"a": 4}],{"a":5}'
    values, problem = values_of(text.encode())
    assert [value["a"] for value in values] == [1, 2, 3, 4, 5]
    assert problem is None


@pytest.mark.parametrize("rest", ["nonsense", '{"a": ', "]"])
def test_what_comes_before_a_mistake_is_kept_and_the_mistake_is_told(rest: str) -> None:
    values, problem = values_of(f'{{"a": 1}} {rest}'.encode())
    assert values == [{"a": 1}]
    assert (problem or "").startswith("not JSON")


@given(st.lists(st.dictionaries(st.text(), st.integers() | st.text()), max_size=4))
def test_documents_written_in_a_row_are_read_back(documents: list[dict[str, object]]) -> None:
    text = "\n".join(json.dumps(each, indent=2) for each in documents)
    assert values_of(text.encode()) == (documents, None)
