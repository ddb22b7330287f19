"""Where texts differ is told line by line, within bounds, and nothing is lost of either."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from llmtop.tui.documents import diff_blocks
from llmtop.tui.documents.line_diff import MOST_LINES, Row, difference


def marked(left: str, right: str, width: int = 40) -> list[str]:
    """The lines of the blocks as they are read."""
    return [
        "".join(text for text, _ in line).rstrip()
        for block in diff_blocks.blocks(difference(left, right))
        for line in block.rows(width)
    ]


def test_lines_lost_and_gained_bear_signs() -> None:
    assert marked("a\nb\nc", "a\nX\nc\nd") == ["  a", "- b", "+ X", "  c", "+ d"]


def test_beside_each_other_the_same_lines_stand_in_one_row() -> None:
    lines = marked("a\nb\nc", "a\nc\nd", 83)
    assert [line.split("│")[0].strip() for line in lines] == ["a", "- b", "c", ""]
    assert [line.split("│")[1].strip() for line in lines] == ["a", "", "c", "+ d"]


def test_texts_that_are_the_same_are_only_counted() -> None:
    found = difference("a\nb\nc\nd", "a\nb\nc\nd")
    assert found.changed == 0
    assert found.rows == (Row(None, None, 4),)


def test_what_is_the_same_far_from_a_change_is_only_counted() -> None:
    left = "\n".join(f"line {number}" for number in range(100))
    found = difference(left, left.replace("line 50", "other"))
    assert [row.skipped for row in found.rows if row.skipped] == [48, 47]
    assert found.changed == 1


def test_a_long_line_is_compared_sentence_by_sentence() -> None:
    left = " ".join(f"This is sentence number {number}." for number in range(60))
    found = difference(left, left.replace("number 30", "number thirty"))
    (changed,) = (row for row in found.rows if not row.is_same)
    assert changed == Row("This is sentence number 30.", "This is sentence number thirty.")


def test_more_lines_than_can_be_compared_quickly_are_cut_and_that_is_said() -> None:
    left = "\n".join(f"left {number}" for number in range(MOST_LINES + 50))
    right = "\n".join(f"right {number}" for number in range(MOST_LINES + 50))
    found = difference(left, right)
    assert found.note == f"Only {MOST_LINES:,} lines of each are compared, from where they differ."
    assert found.changed == MOST_LINES
    assert found.note in marked(left, right, 100)


def test_a_change_behind_megabytes_that_are_the_same_is_found() -> None:
    left = "\n".join(f"line {number} of the prompt" for number in range(200_000))
    found = difference(left + "\nend", left + "\nother end")
    assert not found.note
    assert [row for row in found.rows if not row.is_same] == [Row("end", "other end")]
    assert found.rows[0].skipped == 199_998


def test_a_change_in_a_megabyte_without_a_line_end_is_found() -> None:
    left = "word and more words. " * 100_000
    found = difference(left, left[:1_500_000] + "here " + left[1_500_000:])
    assert any("here" in (row.right or "") for row in found.rows if not row.is_same)


lines = st.lists(st.sampled_from(["a", "b", "c", "", "d d"]), max_size=12).map("\n".join)


@given(lines, lines)
def test_no_line_of_either_is_lost(left: str, right: str) -> None:
    rows = difference(left, right).rows
    skipped = sum(row.skipped for row in rows)
    for text, side in ((left, [row.left for row in rows]), (right, [row.right for row in rows])):
        told = [line for line in side if line is not None]
        assert len(told) + skipped == len(text.splitlines())
        remaining = iter(text.splitlines())
        assert all(line in remaining for line in told)


@given(st.text("ab \t\n漢\x1b[", max_size=200), st.text("ab \n漢\u200ex", max_size=200))
@pytest.mark.parametrize("width", [4, 20, 79, 80, 120])
def test_every_line_fits(width: int, left: str, right: str) -> None:
    for block in diff_blocks.blocks(difference(left, right)):
        for line in block.rows(width):
            text = "".join(part for part, _ in line)
            assert "\x1b" not in text
            assert cell_len(text) <= max(width, 34)
