"""What attributes tell of a span, whichever convention their names follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from llmtop.decode import agent_span_types, usage
from llmtop.decode.attribute_names import RULES, Rule, finish_reason, milliseconds
from llmtop.decode.providers import UNSETTLED, is_hosted_model, is_local_provider, of_model
from llmtop.decode.special_attributes import COMPANIONS, SPECIAL, apply_special
from llmtop.decode.values import count, mapping, text
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
        "llmtop.status",
        "logfire.level_num",
        "logfire.msg",
        "logfire.pending_parent_id",
        "logfire.span_type",
        "lk.function_tool.name",
        "request_data",
        "response_data",
        "retrieval.source",
        "spring.ai.tool.definition.name",
        "tool.name",
        "traceloop.entity.name",
    }
)
"""What is looked for only where another attribute, or the lack of one, asks for it."""
_TOTALS = (
    "gen_ai.usage.total_tokens",
    "llm.token_count.total",
    "llm.usage.total_tokens",
    "ai.usage.totalTokens",
)
_OF_AGENTS = frozenset({*agent_span_types.BARE, "model_name"})
"""What only the spans of certain agents mean by such a name."""
BESIDE = frozenset({*SPECIAL, *COMPANIONS, *_OTHERS, *_TOTALS, *_OF_AGENTS})
"""Every attribute that tells something and has no rule."""
READ = frozenset({*RULES, *BESIDE})
"""Every attribute that is looked at; the rest is for showing."""
WANTED = READ - _OF_AGENTS
"""Every attribute that tells something of a call's figures in whatever span it stands."""


def apply(fragment: Fragment, attributes: Mapping[str, Any]) -> Iterable[str]:
    """Put what a span's attributes tell into its fragment; the fields that may have changed."""
    ranks: dict[str, int] = {}
    rule_of = RULES.get
    for name, value in attributes.items():
        rule = rule_of(name)
        if rule is None or value is None:
            continue
        field, rank, convert = rule
        if rank >= ranks.get(field, 100):
            continue
        converted = convert(value)
        if converted is not None:
            ranks[field] = rank
            setattr(fragment, field, converted)
    special = SPECIAL.intersection(attributes)
    complete(fragment, attributes, special)
    return TOLD if special else (*ranks, *_INFERRED)


def complete(fragment: Fragment, attributes: Mapping[str, Any], special: frozenset[str]) -> None:
    """Put in what no rule tells by itself, once the rules were followed.

    Of the attributes those are looked at that no rule reads; `special` are the names of those
    that have a way of their own to tell something.
    """
    if special:
        apply_special(fragment, attributes, special)
    if fragment.operation is None:
        _infer_operation(fragment, attributes)
    if fragment.provider in UNSETTLED:
        _settle_provider(fragment)
    if fragment.flags & _LOCAL:
        _settle_place(fragment)
    if fragment.operation in _NAMED_BY:
        _name(fragment, attributes)
    if fragment.cache_read_tokens or fragment.cache_write_tokens or fragment.reasoning_tokens:
        totals = (count(attributes.get(name)) for name in _TOTALS)
        usage.make_whole(fragment, next((told for told in totals if told is not None), None))


def _settle_provider(fragment: Fragment) -> None:
    if is_local_provider(fragment.provider):
        fragment.flags |= _LOCAL
        return
    model = fragment.response_model or fragment.model
    served = None if model is None else of_model(model)
    if served is not None:
        fragment.provider = served


def _settle_place(fragment: Fragment) -> None:
    """A proxy on this machine makes no model free that its maker alone serves."""
    model = fragment.model or fragment.response_model
    if model is not None and not is_local_provider(fragment.provider) and is_hosted_model(model):
        fragment.flags &= ~_LOCAL


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
        fragment.name = tool_name(attributes) or fragment.name


def tool_name(attributes: Mapping[str, Any]) -> str | None:
    """The name of a tool, in any convention's words."""
    return next((told for name in _TOOL_NAMES if (told := text(attributes.get(name)))), None)


_TOOL_NAMES = (
    "gen_ai.tool.name",
    "tool.name",
    "ai.toolCall.name",
    "spring.ai.tool.definition.name",
    "lk.function_tool.name",
)


def _infer_operation(fragment: Fragment, attributes: Mapping[str, Any]) -> None:
    request = attributes.get("request_data")
    if request is not None and "response_data" in attributes and fragment.model is None:
        fragment.model = text(mapping(request).get("model"))
    fragment.operation = implied_operation(
        attributes,
        model=fragment.model is not None or fragment.response_model is not None,
        agent=fragment.agent is not None,
    )


def implied_operation(attributes: Mapping[str, Any], *, model: bool, agent: bool) -> str | None:
    """What a span does that does not say so, by what it tells; and whether of a model, an agent."""
    if not attributes:
        return "chat" if model else None
    if "chain.step" in attributes:
        return "chain"
    if "retrieval.source" in attributes or "db.vector.query.top_k" in attributes:
        return "retrieval"
    if agent and "model_name" in attributes:
        return "invoke_agent"  # as pydantic-ai tells a run of an agent
    if tool_name(attributes) is not None:
        return "execute_tool"
    return "chat" if model else None
