from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmtop.plain_text import on_one_line, plain


@given(st.text())
def test_nothing_of_a_text_is_obeyed_by_a_terminal(text: str) -> None:
    assert plain(text).isprintable()
    assert len(plain(text)) == len(text)


def test_text_that_can_be_printed_stays_as_it_is() -> None:
    assert plain("größer 日本 [/foo]") == "größer 日本 [/foo]"


def test_escapes_and_turned_writing_are_seen_and_not_obeyed() -> None:
    assert plain("a\x1b[31mb\u202ec") == "a�[31mb�c"


def test_line_ends_stay_where_they_are_wanted() -> None:
    assert plain("a\nb\x07", keep="\n\t") == "a\nb�"


def test_a_text_on_one_line_has_single_spaces() -> None:
    assert on_one_line(" a\r\n\t b\0 ") == "a b�"


def test_what_is_not_known_is_a_dash() -> None:
    assert plain(None) == "–"
