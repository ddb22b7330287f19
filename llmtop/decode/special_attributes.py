"""Attributes that tell something in a way of their own, and not just one field each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from llmtop.decode import (
    agent_span_types,
    genkit,
    mlflow_attributes,
    openinference,
    usage,
    vercel,
)
from llmtop.decode.providers import is_local_address
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, parsed, text
from llmtop.span import CALL_OPERATIONS, Flag, Fragment

_STREAM = int(Flag.STREAM)
_LOCAL = int(Flag.LOCAL)

Told = Mapping[str, Any]
Rule = Callable[[Fragment, Told], None]


def apply_special(fragment: Fragment, attributes: Told, names: frozenset[str]) -> None:
    """Put in what attributes of these names tell, once those were read that tell one field each."""
    for rule in _rules_of(names):
        rule(fragment, attributes)


@lru_cache(maxsize=1024)
def _rules_of(names: frozenset[str]) -> tuple[Rule, ...]:
    """The rules of these attributes, each once and in the order of the table."""
    return tuple(dict.fromkeys(rule for name, rule in _RULES.items() if name in names))


def _address(value: object) -> int:
    return _LOCAL if is_local_address(value) else 0


def _stream(value: object) -> int:
    return _STREAM if value in (True, "true", "True") else 0


_ANSWER_ID = re.compile(r'[^{]{0,40}\{\s*\\?"id\\?"\s*:\s*\\?"([\w.:-]{6,100})')


def _answer(fragment: Fragment, told: Told) -> None:
    """The provider's id at the beginning of a whole answer that is written out as JSON."""
    if fragment.response_id is None and fragment.operation in CALL_OPERATIONS:
        answer = told[ANSWER]
        found = _ANSWER_ID.match(answer[:ANSWER_BEGINNING]) if isinstance(answer, str) else None
        fragment.response_id = None if found is None else found.group(1)


def _logfire_usage(fragment: Fragment, told: Told) -> None:
    """The provider's own usage: of Anthropic's it alone tells what was cached."""
    raw = mapping(told.get(_RAW_USAGE)) or mapping(mapping(told.get(_RESPONSE)).get("usage"))
    if raw and (fragment.operation is None or fragment.operation in CALL_OPERATIONS):
        usage.read(fragment, raw)


_RAW_USAGE = "gen_ai.usage.raw"
_RESPONSE = "response_data"


def _langsmith_details(fragment: Fragment, told: Told) -> None:
    """Parts of the usage that are written out as JSON."""
    _lend_parts(fragment, {name: told.get(f"gen_ai.usage.{name}") for name in _DETAILS})
    _lend_parts(fragment, mapping(told.get(_LANGCHAIN_USAGE)))


def _litellm_usage(fragment: Fragment, told: Told) -> None:
    """The whole usage, as Python writes an object out: it alone tells what was cached."""
    written = text(told[_LITELLM_USAGE])
    if written is not None:
        _lend_parts(fragment, dict(_WRITTEN_COUNT.findall(written[:_LONGEST_USAGE])))


def _openlit_usage(fragment: Fragment, told: Told) -> None:
    """Anthropic's own input, which leaves out what was cached: so OpenLIT tells it."""
    sent, answered = fragment.input_tokens, fragment.output_tokens
    cached = (fragment.cache_read_tokens or 0) + (fragment.cache_write_tokens or 0)
    if (
        fragment.provider == "anthropic"
        and sent is not None
        and 0 < cached <= sent  # what is more than the whole is added for everyone
        and count(told[_OPENLIT_TOTAL]) == sent + (answered or 0)
    ):
        fragment.input_tokens = sent + cached


def _lend_parts(fragment: Fragment, told: Told) -> None:
    """Put in the parts of a usage that no attribute of their own tells."""
    parts = Fragment()
    usage.read(parts, told)
    for field in ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens"):
        if getattr(fragment, field) is None:
            setattr(fragment, field, getattr(parts, field))


_DETAILS = ("input_token_details", "output_token_details")
_LANGCHAIN_USAGE = "langsmith.metadata.usage_metadata"
_LITELLM_USAGE = "metadata.usage_object"
_OPENLIT_TOTAL = "gen_ai.client.token.usage"
_LONGEST_USAGE = 10_000
_WRITTEN_COUNT = re.compile(r"""['"](\w{1,60})['"]: ?(\d{1,15})\b""")


def _langfuse_usage(fragment: Fragment, told: Told) -> None:
    details = mapping(told[_USAGE])
    if details:
        usage.read(fragment, details)


def _langfuse_cost(fragment: Fragment, told: Told) -> None:
    if fragment.cost is None:
        fragment.cost = number(mapping(told[_COST]).get("total"))


def _langfuse_first_token(fragment: Fragment, told: Told) -> None:
    first = parse_time(parsed(told[_STARTED]))
    if first is not None and fragment.start is not None and first >= fragment.start:
        fragment.ttft = first - fragment.start


def _langfuse_level(fragment: Fragment, told: Told) -> None:
    if told[_LEVEL] == "ERROR":
        fragment.status = "error"


_USAGE = "langfuse.observation.usage_details"
_COST = "langfuse.observation.cost_details"
_STARTED = "langfuse.observation.completion_start_time"
_LEVEL = "langfuse.observation.level"
FLAGS: Mapping[str, Callable[[object], int]] = {
    **dict.fromkeys(
        ("server.address", "gen_ai.openai.api_base", "llm.api_base", "url.full"), _address
    ),
    **dict.fromkeys(
        (
            "gen_ai.request.stream",
            "gen_ai.request.is_stream",
            "gen_ai.response.streaming",
            "gen_ai.is_streaming",
            "llm.is_streaming",
        ),
        _stream,
    ),
}
"""Attributes that tell a flag, or 0, by themselves."""


def _flag_rule(name: str, flag: Callable[[object], int]) -> Rule:
    def rule(fragment: Fragment, told: Told) -> None:
        fragment.flags |= flag(told[name])

    return rule


ANSWER = "output.value"
ANSWER_BEGINNING = 512
"""Of a whole answer that is written out only the id is looked for, at its beginning."""
_RULES: Mapping[str, Rule] = {
    **{name: _flag_rule(name, flag) for name, flag in FLAGS.items()},
    agent_span_types.KIND: agent_span_types.tell,
    agent_span_types.ENTITY: agent_span_types.tell,
    genkit.KIND: genkit.tell,
    mlflow_attributes.KIND: mlflow_attributes.tell,
    openinference.PARAMETERS: openinference.tell_asked_model,
    vercel.OPERATION: vercel.tell,
    **dict.fromkeys((_RAW_USAGE, _RESPONSE), _logfire_usage),
    **dict.fromkeys((f"gen_ai.usage.{name}" for name in _DETAILS), _langsmith_details),
    _LANGCHAIN_USAGE: _langsmith_details,
    _LITELLM_USAGE: _litellm_usage,
    _OPENLIT_TOTAL: _openlit_usage,
    _USAGE: _langfuse_usage,
    _COST: _langfuse_cost,
    _STARTED: _langfuse_first_token,
    _LEVEL: _langfuse_level,
    # Last, as it asks what the others tell of the operation.
    ANSWER: _answer,
}
SPECIAL = frozenset(_RULES)
"""The attributes."""
COMPANIONS = frozenset(
    {*mlflow_attributes.COMPANIONS, *vercel.COMPANIONS, genkit.NAME, genkit.OUTPUT}
)
"""Attributes that are looked at beside one of these."""
