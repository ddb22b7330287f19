"""Bodies of requests and answers that a record has as JSON in a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from llmtop.decode.format import Document
from llmtop.decode.values import mapping

_OF_AN_ANSWER = frozenset({"usage", "choices", "usageMetadata", "candidates", "stop_reason"})
_OF_A_QUESTION = frozenset({"messages", "prompt", "contents", "input"})


def opened(document: Document, keys: Iterable[str]) -> Document:
    """The record with the bodies at some keys decoded; what a model wrote as JSON stays a text."""
    found: dict[str, Any] = {}
    for key in keys:
        value = document[key]
        if type(value) is str and value[:1] == "{":
            body = mapping(value)
            if _is_a_body(body):
                found[key] = body
    return {**document, **found} if found else document


def _is_a_body(told: Document) -> bool:
    return not _OF_AN_ANSWER.isdisjoint(told) or (
        "model" in told and not _OF_A_QUESTION.isdisjoint(told)
    )
