"""Attributes of a native record: what they tell beneath what the record's own fields say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode import attributes
from llmtop.decode.attributes import RULES, Rule
from llmtop.decode.special_attributes import SPECIAL
from llmtop.decode.values import text
from llmtop.span import Flag, Fragment

_ENDED = int(Flag.ENDED)
_DEEP_FIELDS = frozenset(
    {"provider", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens"}
)
"""Fields that decide on other ones, or on flags."""
_DEEP = (
    SPECIAL
    | {"request_data"}
    | {name for name, (field, _, _) in RULES.items() if field in _DEEP_FIELDS}
)
_PLAIN: Mapping[str, Rule | None] = {
    **{name: rule for name, rule in RULES.items() if name not in _DEEP},
    **dict.fromkeys(_DEEP),
}


def fill_in(record: Fragment, told: Mapping[str, Any]) -> None:
    """Put in what attributes tell and the record itself does not."""
    found = _plainly(told)
    if found is None:
        extra = Fragment(start=record.start)
        attributes.apply(extra, told)
        found = {each: getattr(extra, each) for each in attributes.TOLD}
        record.flags |= extra.flags
        if extra.status == "error" and record.flags & _ENDED:
            record.status = "error"
    for field, value in found.items():
        if value is not None and getattr(record, field) is None:
            setattr(record, field, value)


def _plainly(told: Mapping[str, Any]) -> dict[str, Any] | None:
    """What few and simple attributes tell, quickly; `None` where they need all of the rules.

    Most spans of programs bear two or three: a session, a step, a tool.
    """
    found: dict[str, Any] = {}
    ranks: dict[str, int] = {}
    for name, value in told.items():
        if name in _PLAIN:
            rule = _PLAIN[name]
            if rule is None:
                return None
            field, rank, convert = rule
            if rank < ranks.get(field, 100):
                converted = convert(value)
                if converted is not None:
                    ranks[field] = rank
                    found[field] = converted
    operation = found.get("operation")
    if operation is None:
        operation = found["operation"] = attributes.implied_operation(
            told,
            model="model" in found or "response_model" in found,
            agent="agent" in found,
        )
    if operation == "execute_tool":
        found["name"] = attributes.tool_name(told)
    elif operation == "invoke_agent" and "agent" not in found:
        found["agent"] = text(told.get("traceloop.entity.name"))
    return found
