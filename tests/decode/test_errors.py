"""Errors as records tell them."""

from __future__ import annotations

import pytest

from llmtop.decode import errors


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("openai.RateLimitError: slow", "RateLimitError"),
        ("Error code: 429 - slow down", "429"),
        ("rate limit reached", "rate_limit"),
        ("Request timed out.", "timeout"),
        ("Connection refused", "connection"),
        ("the model is overloaded", "overloaded"),
        ("content_filter", "content_filter"),
        ("something odd happened here", None),
        ("", None),
        (None, None),
    ],
)
def test_a_type_is_found_in_a_message(told: str | None, kind: str | None) -> None:
    assert errors.kind_of(told) == kind


def test_objects_of_sdks_tell_type_and_message() -> None:
    inner = {"type": "overloaded_error", "message": "busy"}
    assert errors.told(inner) == ("overloaded_error", "busy")
    assert errors.told({"type": "error", "error": inner}) == ("overloaded_error", "busy")
    kind, message = errors.told({"odd": 1})
    assert kind is None
    assert message == '{"odd":1}'


@pytest.mark.parametrize(
    ("told", "status"),
    [("OK", "ok"), ("STATUS_CODE_ERROR", "error"), ("failure", "error"), ("200", "ok"),
     ("cancelled", "cancelled"), ("odd", None), (None, None), (2, "error")],
)  # fmt: skip
def test_statuses_have_llmtops_words(told: object, status: str | None) -> None:
    assert errors.status(told) == status
