"""Blocks of documents: no line is wider than the screen, and nothing of a text is lost."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from llmtop.tui.documents.blocks import Fact, Facts, Heading, Prose, Stack, pieces, prose
from llmtop.tui.documents.document import Block, Parts

hostile = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\t\r\n \u202e\u200d\ud800\u0301🙂日[]\\{}"),
    ),
    max_size=300,
)


def text_of(row: Parts) -> str:
    return "".join(text for text, _ in row)


def lines_of(block: Block, width: int) -> list[str]:
    return [text_of(row) for row in block.rows(width)]


@given(hostile, hostile, st.integers(24, 120))
def test_no_line_is_wider_than_asked(label: str, value: str, width: int) -> None:
    blocks: list[Block] = [
        Heading("Input", value),
        Facts("Title", [Fact(label, value), Fact("short", "1")]),
        Stack(list(prose(value, margin=(("│ ", ""),)))),
    ]
    for block in blocks:
        for line in lines_of(block, width):
            assert cell_len(line) <= width
            assert not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in line)
            assert "\u202e" not in line


@given(st.text(max_size=400), st.integers(1, 50))
def test_pieces_hold_all_of_a_text_in_its_order(text: str, size: int) -> None:
    found = list(pieces(text, size))
    assert all(len(piece) <= size for piece in found)
    squeezed = "".join("".join(found).split())
    assert squeezed == "".join(text.split())


def test_pieces_end_where_lines_do() -> None:
    text = "\n".join(f"line {number}" for number in range(100))
    assert "\n".join(pieces(text, 50)) == text
    assert all(piece.startswith("line ") for piece in pieces(text, 50))


def test_what_goes_on_stands_below_its_beginning() -> None:
    lines = lines_of(Prose("    " + "word " * 10), 24)
    assert len(lines) > 2
    assert all(line.startswith("    word") for line in lines)


def test_tabs_keep_code_indented() -> None:
    assert lines_of(Prose("if x:\n\treturn"), 40) == ["if x:", "    return"]


def test_the_names_of_json_are_set_apart_and_its_values_are_not() -> None:
    row = Prose('  "name": "a: \\"b\\": c",', keys=True).rows(60)[0]
    assert row == (("  ", ""), ('"name"', "accent"), (': "a: \\"b\\": c",', ""))
    plain = Prose('he said "name": yes', keys=True).rows(60)[0]
    assert plain == (('he said "name": yes', ""),)


def test_values_stand_in_one_column_and_go_on_below_themselves() -> None:
    facts = Facts("Ids", [Fact("trace", "x" * 30), Fact("user", "u1")])
    lines = lines_of(facts, 30)
    assert lines[0] == "Ids"
    column = lines[1].index("x")
    assert lines[1].count("x") + lines[2].count("x") == 30
    assert lines[2].index("x") == column
    assert lines[-1].index("u1") == column


def test_a_label_too_long_for_its_column_stands_on_a_line_of_its_own() -> None:
    lines = lines_of(Facts("", [Fact("gen_ai.request.a_very_long_name_indeed", "7")]), 40)
    assert lines[0] == "gen_ai.request.a_very_long_name_indeed"
    assert lines[1].strip() == "7"


@pytest.mark.parametrize("width", [1, 5, 12, 80])
def test_a_heading_fits_any_width_that_has_room_for_its_name(width: int) -> None:
    line = lines_of(Heading("Input", "3 messages"), width)[0]
    assert "Input" in line
    if width > 10:
        assert cell_len(line) == width
