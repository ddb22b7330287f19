"""What attributes tell of a span, whichever convention their names follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from llmtop.decode import usage
from llmtop.decode.attribute_names import RULES, Rule, finish_reason, milliseconds
from llmtop.decode.providers import is_local_provider
from llmtop.decode.special_attributes import SPECIAL, apply_special
from llmtop.decode.values import mapping, text
from llmtop.span import Flag, Fragment

__all__ = [
    "BESIDE",
    "RULES",
    "TOLD",
    "WANTED",
    "Rule",
    "apply",
    "complete",
    "finish_reason",
    "milliseconds",
]

_LOCAL = int(Flag.LOCAL)

_OTHERS = frozenset(
    {
        "chain.step",
        "db.vector.query.top_k",
        "duration",
        "event.name",
        "gen_ai.tool.name",
        "llmtop.latency",
        "logfire.level_num",
        "logfire.msg",
        "logfire.pending_parent_id",
        "logfire.span_type",
        "request_data",
        "response_data",
        "retrieval.source",
        "tool.name",
        "traceloop.entity.name",
    }
)
"""What is looked for only where another attribute, or the lack of one, asks for it."""
BESIDE = frozenset({*SPECIAL, *_OTHERS})
"""Every attribute that tells something and has no rule."""
WANTED = frozenset({*RULES, *BESIDE})
"""Every attribute that tells something of a call's figures; the rest is for showing."""


def apply(fragment: Fragment, attributes: Mapping[str, Any]) -> Iterable[str]:
    """Put what a span's attributes tell into its fragment; the fields that may have changed."""
    ranks: dict[str, int] = {}
    special = False
    rule_of = RULES.get
    for name, value in attributes.items():
        rule = rule_of(name)
        if rule is None:
            special = special or name in SPECIAL
            continue
        if value is None:
            continue
        field, rank, convert = rule
        if rank >= ranks.get(field, 100):
            continue
        converted = convert(value)
        if converted is not None:
            ranks[field] = rank
            setattr(fragment, field, converted)
    complete(fragment, attributes, special=special)
    return TOLD if special else (*ranks, *_INFERRED)


def complete(fragment: Fragment, attributes: Mapping[str, Any], *, special: bool = True) -> None:
    """Put in what no rule tells by itself, once the rules were followed.

    Of the attributes those are looked at that no rule reads.
    """
    if special:
        apply_special(fragment, attributes)
    if fragment.operation is None:
        _infer_operation(fragment, attributes)
    if fragment.provider is not None and is_local_provider(fragment.provider):
        fragment.flags |= _LOCAL
    if fragment.operation in _NAMED_BY:
        _name(fragment, attributes)
    usage.include_cache(fragment)


TOLD = tuple(
    each
    for each in Fragment.__struct_fields__
    if each not in {"flags", "place", "start", "end", "duration", "scope"}
)
"""The fields that attributes may tell."""
_INFERRED = ("operation", "name", "agent", "model")
_NAMED_BY = frozenset({"execute_tool", "invoke_agent"})


def _name(fragment: Fragment, attributes: Mapping[str, Any]) -> None:
    """Tools and agents are known by their own names, not by those of their spans."""
    if fragment.operation == "invoke_agent":
        fragment.agent = (
            fragment.agent or text(attributes.get("traceloop.entity.name")) or fragment.name
        )
    else:
        told = attributes.get("gen_ai.tool.name", attributes.get("tool.name"))
        fragment.name = text(told) or fragment.name


def _infer_operation(fragment: Fragment, attributes: Mapping[str, Any]) -> None:
    request = attributes.get("request_data")
    if request is not None and "response_data" in attributes and fragment.model is None:
        fragment.model = text(mapping(request).get("model"))
    if "chain.step" in attributes:
        fragment.operation = "chain"
    elif "retrieval.source" in attributes or "db.vector.query.top_k" in attributes:
        fragment.operation = "retrieval"
    elif fragment.model is not None or fragment.response_model is not None:
        fragment.operation = "chat"
