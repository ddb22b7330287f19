"""Attributes of OTLP as they stand in a line: names, and values that are decoded on demand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from msgspec import DecodeError, Meta, Raw, Struct, ValidationError, json

from llmtop.decode.otlp_values import any_value
from llmtop.decode.special_attributes import ANSWER, ANSWER_BEGINNING
from llmtop.decode.undecoded import Undecoded
from llmtop.decode.values import number

NOTHING = Raw(b"")
Nanoseconds = Annotated[int, Meta(ge=0)]
"""Since the epoch; 0 is unknown."""
Refusals = (DecodeError, ValidationError, UnicodeDecodeError, RecursionError, OverflowError)
"""What decoding raises where something is spelled in a rarer way."""


class Pair(Struct, gc=False):
    """An attribute."""

    key: str
    value: Raw = NOTHING


class Value(Struct, gc=False, rename="camel"):
    """A value that is a plain one; all others leave the fields empty."""

    string_value: str | None = None
    int_value: int | None = None
    double_value: float | None = None
    bool_value: bool | None = None


value_of = json.Decoder(Value, strict=False).decode


def undecoded(pairs: Iterable[Pair]) -> Mapping[str, Any]:
    """Attributes as a mapping of plain values."""
    return Undecoded({pair.key: pair.value for pair in pairs}, decoded)


def decoded(name: str, raw: Raw) -> Any:
    """The value of an attribute, as far as it is looked at."""
    if name == ANSWER and len(raw) > ANSWER_BEGINNING:
        return (b"" + raw)[_BEFORE_VALUE:ANSWER_BEGINNING].decode("utf-8", "replace")
    return plain(raw)


_BEFORE_VALUE = len('{"stringValue"')


def plain(raw: Raw) -> Any:
    """A value of AnyValue's union as a plain one."""
    found = value_of(raw)
    if found.string_value is not None:
        return found.string_value
    if found.int_value is not None:
        return found.int_value
    if found.bool_value is not None:
        return found.bool_value
    if found.double_value is not None:
        return number(found.double_value)
    return any_value(json.decode(raw))
