from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.json_words import written

LETTERS = st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp"))
WORDS = st.text(LETTERS, min_size=1, max_size=8).filter(lambda text: bool(text.split()))


def written_ways(text: str) -> list[bytes]:
    """A text as programs write it: plain, escaped, and as JSON within JSON within JSON."""
    inner = {"content": f"so: {text}!"}
    once = json.dumps(inner)
    twice = json.dumps({"body": once})
    return [
        json.dumps(inner, ensure_ascii=False).encode("utf-8", "surrogatepass"),
        once.encode(),
        twice.encode(),
        json.dumps({"line": twice}).encode(),
        once.replace("/", "\\/").encode(),
    ]


@given(WORDS)
def test_words_are_found_however_they_are_escaped(words: str) -> None:
    assert all(written(words).search(data) for data in written_ways(words))


@pytest.mark.parametrize("words", ["refund", "Café", "ÉCLAIR", "straße", "日本", "👩", 'say "no"'])
def test_upper_and_lower_case_are_the_same(words: str) -> None:
    for told in (words.lower(), words.capitalize(), words):
        assert all(written(words).search(data) for data in written_ways(told))


@pytest.mark.parametrize("space", [" ", "  ", "\n", "\r\n\t", "\u00a0", "\u2003"])
def test_one_space_stands_for_any_white_space(space: str) -> None:
    ways = written_ways(f"late{space}fee")
    found = [written("late fee").search(data) is not None for data in ways]
    assert all(found)


def test_other_words_are_not_found() -> None:
    assert not any(written("refund").search(data) for data in written_ways("re fund"))
    assert not any(written("a.c").search(data) for data in written_ways("abc"))
