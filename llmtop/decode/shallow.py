"""Decodes of a line only what figures are made of; long content is passed over undecoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Union

from msgspec import DecodeError, Raw, ValidationError, json

SKIPPED = "…"
"""Stands for content that was not decoded: it is there, and is some text."""

Plan = Mapping[str, Union[bool, frozenset[str], "Plan"]]
"""What is done with the value of a key: `False` passes over it, names decode only these of its
keys, a plan goes on within it (or within each element of a list). Other keys are decoded."""

SKIP = False

_objects = json.Decoder(dict[str, Raw])
_lists = json.Decoder(list[dict[str, Raw]])
_decode = json.decode


def shallow(line: bytes, plan: Plan) -> dict[str, Any] | None:
    """The object of a line as far as a plan wants it, or `None` if it is not as expected."""
    try:
        return _by_plan(_objects.decode(line), plan)
    except (DecodeError, ValidationError, UnicodeDecodeError, RecursionError):
        return None


def shallow_lines(data: bytes, plan: Plan, lines: int) -> list[dict[str, Any]] | None:
    """The objects of so many lines, or `None` if any is not as expected."""
    try:
        told = _objects.decode_lines(data)
        return [_by_plan(each, plan) for each in told] if len(told) == lines else None
    except (DecodeError, ValidationError, UnicodeDecodeError, RecursionError):
        return None


def _by_plan(told: dict[str, Raw], plan: Plan) -> dict[str, Any]:
    found: dict[str, Any] = {}
    rule_of = plan.get
    for key, raw in told.items():
        rule = rule_of(key)
        if rule is None:
            found[key] = _decode(raw)
        elif rule is SKIP:
            found[key] = SKIPPED
        elif isinstance(rule, frozenset):
            found[key] = {
                name: _decode(value) for name, value in _objects.decode(raw).items() if name in rule
            }
        else:
            found[key] = _within(raw, rule)
    return found


def _within(raw: Raw, plan: Any) -> Any:
    start = memoryview(raw)[0]
    if start == _BRACE:
        return _by_plan(_objects.decode(raw), plan)
    if start == _BRACKET:
        return [_by_plan(each, plan) for each in _lists.decode(raw)]
    return _decode(raw)


_BRACE, _BRACKET = b"{["
