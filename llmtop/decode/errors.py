"""Errors as records tell them: a short type for counting, and the message for reading."""

from __future__ import annotations

import re
from functools import lru_cache

from llmtop.decode.values import mapping, shown, text

_NAMED = re.compile(
    r"\s*(?:[A-Za-z_][\w]*\.)*([A-Z][A-Za-z0-9_]*(?:Error|Exception|Timeout|Exceeded))\b"
)
_STATUS_CODE = re.compile(r"\b(4\d\d|5\d\d)\b")
_LONGEST_TYPE = 60


def told(error: object) -> tuple[str | None, str | None]:
    """The type and the message of an error: a text, an object of an SDK, or a flag."""
    if isinstance(error, dict):
        inner = mapping(error.get("error")) or error
        kind = text(inner.get("type") or inner.get("code") or inner.get("error_type"))
        message = text(inner.get("message") or inner.get("error_message") or inner.get("detail"))
        return kind or kind_of(message), message or shown(error)
    message = text(error)
    if message is None:
        return None, None
    return kind_of(message), message


def kind_of(message: str | None) -> str | None:
    """A type for an error of which only the message is known: its class or its HTTP status."""
    return _kind_of(message[:300]) if message else None


@lru_cache(maxsize=1024)
def _kind_of(head: str) -> str | None:
    named = _NAMED.match(head)
    if named is not None:
        return named.group(1)
    code = _STATUS_CODE.search(head)
    if code is not None:
        return code.group(1)
    lowered = head.lower()
    for words, kind in _KINDS:
        if words in lowered:
            return kind
    if re.fullmatch(r"[\w.-]+", head) and len(head) <= _LONGEST_TYPE:
        return head
    return None


_KINDS = (
    ("rate limit", "rate_limit"),
    ("timed out", "timeout"),
    ("timeout", "timeout"),
    ("connection", "connection"),
    ("overloaded", "overloaded"),
    ("context length", "context_length"),
    ("cancel", "cancelled"),
)


def status(value: object) -> str | None:
    """A status in llmtop's words: `ok`, `error`, `cancelled`, or `None` for any other."""
    said = text(value)
    if said is None:
        return None
    return _STATUSES.get(said.strip().lower().removeprefix("status_code_"))


_STATUSES = {
    "ok": "ok",
    "success": "ok",
    "succeeded": "ok",
    "completed": "ok",
    "200": "ok",
    "1": "ok",
    "error": "error",
    "failure": "error",
    "failed": "error",
    "exception": "error",
    "2": "error",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "aborted": "cancelled",
}
