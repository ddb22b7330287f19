"""Objects fitted to a typed record field by field: what does not fit is left out, not refused."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar, get_args, get_origin

from msgspec import DecodeError, Raw, Struct, ValidationError, convert, json, structs

Record = TypeVar("Record", bound=Struct)

_DEEPEST = 8


def fitted(told: Mapping[str, Any], kind: type[Record], depth: int = 0) -> Record:
    """The record that an object tells; fields of the wrong kind are as if they were not there."""
    found: dict[str, Any] = {}
    for field in _fields(kind):
        value = told.get(field.encode_name)
        if value is not None and depth < _DEEPEST:
            fit = _fit(value, field.type, depth)
            if fit is not None:
                found[field.name] = fit
    return kind(**found)


@lru_cache(maxsize=64)
def _fields(kind: type[Struct]) -> tuple[structs.FieldInfo, ...]:
    return structs.fields(kind)


def _fit(value: object, kind: Any, depth: int) -> Any:
    choices = get_args(kind) if get_origin(kind) is not list else (kind,)
    for choice in choices or (kind,):
        if choice is Raw:
            return _raw(value)
        if isinstance(value, Mapping) and _is_record(choice):
            return fitted(value, choice, depth + 1)
        if isinstance(value, list) and get_origin(choice) is list:
            (member,) = get_args(choice)
            fits = [_fit(each, member, depth) for each in value]
            return [each for each in fits if each is not None]
    try:
        return convert(value, kind, strict=False)
    except (ValidationError, RecursionError, OverflowError, UnicodeError):
        return None


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _raw(value: object) -> Raw | None:
    try:
        return Raw(json.encode(value))
    except (TypeError, UnicodeError, RecursionError, DecodeError):
        return None
