"""Texts and mappings of the program, which may be of any kind and fail when looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.emit.emitter import failed


def text_of(value: object) -> str:
    """The value as text; its kind, where it cannot be made text."""
    if type(value) is str:
        return value
    try:
        return str(value)
    except Exception as error:  # the value's own, or too deeply nested
        failed(error)
        return type(value).__name__


def mapping_of(value: Mapping[str, Any] | None) -> dict[str, Any]:
    """A copy of the mapping; an empty one, where it is none."""
    if value is None:
        return {}
    try:
        return dict(value)
    except Exception as error:
        failed(error)
        return {}
