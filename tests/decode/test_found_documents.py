"""Documents that a retriever found."""

from __future__ import annotations

from typing import Any

import pytest

from llmtop.decode.found_documents import texts_of

FOUND = {"page_content": "a café", "metadata": {"source": "x"}, "type": "Document"}


@pytest.mark.parametrize(
    "answer",
    [{"documents": [FOUND]}, [FOUND], '[{"pageContent": "a café", "metadata": {}}]',
     [{"lc": 1, "type": "constructor", "kwargs": FOUND}]],
)  # fmt: skip
def test_their_texts_are_shown(answer: Any) -> None:
    assert texts_of(answer) == ["a café"]


@pytest.mark.parametrize("answer", ["Hi", None, {}, [], [FOUND, {"role": "user"}], {"a": 1}, "[1"])
def test_any_other_answer_stays_as_it_is(answer: Any) -> None:
    assert texts_of(answer) == answer
