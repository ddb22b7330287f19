"""The user's own names of fields, from the configuration: where in a record each one is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmtop.decode.duration_names import UNTOLD
from llmtop.decode.format import Document
from llmtop.decode.generic_names import NAMES
from llmtop.decode.generic_values import kind_of

Mapped = Mapping[str, tuple[str, ...]]
"""The user's own names: for each field, paths such as `stats.in`, tried before all others."""
UNITS = {"_ms": 1e-3, "_s": 1.0, "_us": 1e-6, "_ns": 1e-9}


def mapped_values(document: Document, mapped: Mapped) -> Iterator[tuple[str, Any, str]]:
    """What is at the user's paths: each field that is told, its value and its path."""
    for field, paths in mapped.items():
        plain, unit = _with_unit(field)
        for path in paths:
            value = at_path(document, path)
            fit = None if value is None else kind_of(plain)(value, unit)
            if fit is not None:
                yield plain, fit, path
                break


def _with_unit(field: str) -> tuple[str, float]:
    for suffix, unit in UNITS.items():
        plain = field.removesuffix(suffix)
        if plain != field and plain in {"duration", "ttft"}:
            return plain, unit
    return (f"{field}_untold" if field in {"duration", "ttft"} else field), UNTOLD


def at_path(document: Mapping[str, Any], path: str) -> Any:
    """The value at a path of names with points between them; a name may have points itself."""
    if path in document:
        return document[path]
    name, point, rest = path.partition(".")
    while point:
        inner = document.get(name)
        if isinstance(inner, dict):
            found = at_path(inner, rest)
            if found is not None:
                return found
        more, point, rest = rest.partition(".")
        name = f"{name}.{more}"
    return None


FIELDS = (*NAMES, *(f"{name}{unit}" for name in ("duration", "ttft") for unit in ("", *UNITS)))
"""The fields that a mapping may name."""


def is_field(name: str) -> bool:
    """Whether a field can be mapped."""
    return name in FIELDS
