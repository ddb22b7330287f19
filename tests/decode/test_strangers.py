"""Records that tell nothing of calls, known again by their keys."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmtop.decode.registry import FORMATS
from llmtop.decode.strangers import Strangers
from tests.decode.reading import Reading, read
from tests.decode.test_decoder import KINDS, WORDS

CALL = {"event": "llm_call", "model": "gpt-4o", "input_tokens": 5}
OTHER = {"event": "cache hit", "key": "k", "level": "info"}

plain = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab:", max_size=6)
    | st.sampled_from(["gpt-4o", "LLM", "2026-01-02T03:04:05Z", *KINDS])
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6, unique=True), st.data())
def test_whatever_is_taken_for_known_no_format_knows(keys: list[str], data: Any) -> None:
    strangers = Strangers(FORMATS)
    first, second = ({key: data.draw(plain) for key in keys} for _ in range(2))
    for key, value in first.items():
        if data.draw(st.booleans()):
            second[key] = value
    second["type"] = first["type"] = data.draw(st.none() | st.sampled_from(KINDS))
    if any(kind.recognises(first) for kind in FORMATS):
        return
    strangers.meet(first)
    if strangers.know(second):
        assert not any(kind.recognises(second) for kind in FORMATS)


def test_lines_alike_are_counted_as_the_first_one_was() -> None:
    told = read(CALL, OTHER, {**OTHER, "key": "other"}, CALL)
    assert (told.counts().skipped, told.counts().rejected, told.figures.calls) == (2, 0, 2)
    before = read(OTHER, OTHER)
    assert (before.counts().skipped, before.counts().rejected) == (0, 2)


@pytest.mark.parametrize(
    "value",
    ['{"model": "gpt-4o", "input_tokens": 5}', 'said {"model": "gpt-4o", "input_tokens": 5}'],
)
def test_a_record_within_a_text_is_seen_though_the_keys_are_known(value: str) -> None:
    told = read(OTHER, OTHER, {**OTHER, "event": value})
    assert told.figures.calls == 1


def test_a_model_that_was_not_told_before_is_seen() -> None:
    nothing = {"event": "done", "model": None, "input_tokens": None}
    told = Reading().lines(nothing, nothing, {**nothing, "model": "gpt-4o", "input_tokens": 5})
    assert told.figures.calls == 1


def test_very_many_kinds_are_not_all_remembered() -> None:
    strangers = Strangers(FORMATS)
    for number in range(5000):
        strangers.meet({f"key{number}": 1})
    assert strangers.know({"key4999": 2})
    assert not strangers.know({"key1": 2})
