"""Words are found as they are shown, wherever a line ends, and set apart."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.tui.documents.blocks import BLANK, Fact, Facts, Prose, prose
from llmtop.tui.documents.document import Document, Place
from llmtop.tui.documents.text_search import Hit, Match, TextSearch, highlighted

MARGIN = (("│ ", "dim"),)


def found(words: str, text: str, width: int = 40) -> list[str]:
    """What the matches cover, line ends as `/`."""
    document = Document([Prose(text, margin=MARGIN)])
    return [
        "/".join(line(document, width, part.row)[part.start : part.end] for part in match)
        for match in TextSearch(words).matches(document, 0, width)
    ]


def line(document: Document, width: int, row: int) -> str:
    return "".join(text for text, _ in document.rows(0, width)[row])


def test_every_match_is_found_whatever_the_capitals() -> None:
    assert found("paris", "Paris, not PARIS-paris") == ["Paris", "PARIS", "paris"]


def test_a_word_that_is_broken_at_the_edge_is_found() -> None:
    assert found("abcdefghij", "abcdefghij" * 3, 8) == [
        "abcdef/ghij",
        "ab/cdefgh/ij",
        "abcd/efghij",
    ]


def test_words_on_two_lines_are_found_and_any_blanks_between_them() -> None:
    assert found("two words", "here are two words and two  words", 12) == [
        "two words",
        "two /words",
    ]


def test_signs_of_expressions_and_of_markup_are_only_text() -> None:
    assert found("[/b].*", "a [/b].* b [/b]xx") == ["[/b].*"]


def test_control_characters_are_found_as_they_are_shown() -> None:
    assert found("␛[2J", "before \x1b[2J after") == ["␛[2J"]


def test_figures_can_be_found_too() -> None:
    document = Document([Facts("Model", [Fact("provider", "openai")]), BLANK])
    assert len(TextSearch("OpenAI").matches(document, 0, 60)) == 1


def test_steps_go_round_both_ends() -> None:
    document = Document([BLANK, *prose("one two one"), BLANK, *prose("one")])
    search = TextSearch("one")
    first = search.first(document, Place(), 40)
    assert first == Hit(1, 0)
    hits = [first]
    for _ in range(3):
        following = search.step(document, hits[-1], 1, 40)
        assert following is not None
        hits.append(following)
    assert hits == [Hit(1, 0), Hit(1, 1), Hit(3, 0), Hit(1, 0)]
    assert search.step(document, Hit(1, 0), -1, 40) == Hit(3, 0)
    assert search.count(document, Hit(3, 0), 40) == (3, 3)


def test_what_is_nowhere_is_not_found() -> None:
    document = Document([*prose("some text"), BLANK])
    assert TextSearch("other").first(document, Place(), 40) is None
    assert TextSearch("other").step(document, Hit(0, 0), -1, 40) is None


def test_the_search_begins_at_the_place_and_goes_round() -> None:
    document = Document(list(prose("\n".join(f"line {number}" for number in range(50)))))
    search = TextSearch("line")
    assert search.first(document, Place(0, 20), 40) == Hit(0, 20)
    assert TextSearch("line 7").first(document, Place(0, 20), 40) == Hit(0, 0)


words = st.text("ab c漢\n[]*é", min_size=1, max_size=5).filter(str.strip)


@given(st.text("ab c漢\n[]*é\x1b", max_size=120), words, st.integers(1, 30))
def test_matches_lie_in_the_lines_and_do_not_overlap(text: str, wanted: str, width: int) -> None:
    document = Document([Prose(text, margin=MARGIN)])
    matches: Sequence[Match] = TextSearch(wanted).matches(document, 0, width)
    covered: set[tuple[int, int]] = set()
    for match in matches:
        assert match
        for part in match:
            assert 0 <= part.start < part.end <= len(line(document, width, part.row))
            cells = {(part.row, at) for at in range(part.start, part.end)}
            assert not cells & covered
            covered |= cells


@given(
    st.lists(st.tuples(st.text("ab漢", max_size=5), st.sampled_from(["", "dim"])), max_size=5),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=4),
)
def test_setting_words_apart_changes_no_character(
    row: list[tuple[str, str]], drawn: list[tuple[int, int]]
) -> None:
    stretches = [(min(pair), max(pair), "match") for pair in sorted(drawn)]
    shown = highlighted(tuple(row), stretches)
    assert "".join(text for text, _ in shown) == "".join(text for text, _ in row)


def test_the_words_alone_are_set_apart() -> None:
    row = (("│ ", "dim"), ("one two", ""))
    assert highlighted(row, [(6, 9, "match")]) == (
        ("│ ", "dim"),
        ("one ", ""),
        ("two", "match"),
    )


@pytest.mark.parametrize("width", [4, 9, 20, 80])
def test_a_sentence_is_found_at_every_width(width: int) -> None:
    text = "The quick brown fox jumps over the lazy dog, 速い茶色の狐。"
    assert len(found("brown fox jumps", text, width)) == 1
    assert len(found("速い茶色の狐", text, width)) == 1
