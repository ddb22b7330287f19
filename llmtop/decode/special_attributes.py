"""Attributes that tell something in a way of their own, and not just one field each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from llmtop.decode import openinference, usage
from llmtop.decode.providers import is_local_address
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, number, parsed, text
from llmtop.span import CALL_OPERATIONS, Flag, Fragment

_STREAM = int(Flag.STREAM)
_LOCAL = int(Flag.LOCAL)

Told = Mapping[str, Any]


def apply_special(fragment: Fragment, attributes: Told) -> None:
    """Put in what these attributes tell, once those were read that tell one field each."""
    for name in SPECIAL.intersection(attributes):
        _RULES[name](fragment, attributes[name], attributes)


def _address(fragment: Fragment, value: object, attributes: Told) -> None:
    del attributes
    if is_local_address(value):
        fragment.flags |= _LOCAL


def _stream(fragment: Fragment, value: object, attributes: Told) -> None:
    del attributes
    if value in (True, "true", "True"):
        fragment.flags |= _STREAM


def _vercel(fragment: Fragment, value: object, attributes: Told) -> None:
    del attributes
    fragment.operation = _VERCEL.get(text(value) or "", "other")


_ANSWER_ID = re.compile(r'[^{]{0,40}\{\s*\\?"id\\?"\s*:\s*\\?"([\w.:-]{6,100})')


def _answer(fragment: Fragment, value: object, attributes: Told) -> None:
    """The provider's id at the beginning of a whole answer that is written out as JSON."""
    del attributes
    if (
        isinstance(value, str)
        and fragment.response_id is None
        and fragment.operation in CALL_OPERATIONS
    ):
        found = _ANSWER_ID.match(value[:512])
        fragment.response_id = found.group(1) if found is not None else None


def _asked_model(fragment: Fragment, value: object, attributes: Told) -> None:
    del value
    openinference.tell_asked_model(fragment, attributes)


def _langfuse_usage(fragment: Fragment, value: object, attributes: Told) -> None:
    del attributes
    details = mapping(value)
    if details:
        usage.read(fragment, details)


def _langfuse_cost(fragment: Fragment, value: object, attributes: Told) -> None:
    del attributes
    if fragment.cost is None:
        fragment.cost = number(mapping(value).get("total"))


def _langfuse_first_token(fragment: Fragment, value: object, attributes: Told) -> None:
    del attributes
    first = parse_time(parsed(value))
    if first is not None and fragment.start is not None and first >= fragment.start:
        fragment.ttft = first - fragment.start


def _langfuse_level(fragment: Fragment, value: object, attributes: Told) -> None:
    del attributes
    if value == "ERROR":
        fragment.status = "error"


_VERCEL = {
    "ai.generateText.doGenerate": "chat",
    "ai.streamText.doStream": "chat",
    "ai.generateObject.doGenerate": "chat",
    "ai.streamObject.doStream": "chat",
    "ai.embed.doEmbed": "embeddings",
    "ai.embedMany.doEmbed": "embeddings",
    "ai.toolCall": "execute_tool",
    "ai.generateText": "chain",
    "ai.streamText": "chain",
    "ai.generateObject": "chain",
    "ai.streamObject": "chain",
    "ai.embed": "chain",
    "ai.embedMany": "chain",
}

_RULES: Mapping[str, Callable[[Fragment, object, Told], None]] = {
    **dict.fromkeys(
        ("server.address", "gen_ai.openai.api_base", "llm.api_base", "url.full"), _address
    ),
    **dict.fromkeys(("gen_ai.request.stream", "llm.is_streaming", "gen_ai.is_streaming"), _stream),
    "ai.operationId": _vercel,
    "output.value": _answer,
    openinference.PARAMETERS: _asked_model,
    "langfuse.observation.usage_details": _langfuse_usage,
    "langfuse.observation.cost_details": _langfuse_cost,
    "langfuse.observation.completion_start_time": _langfuse_first_token,
    "langfuse.observation.level": _langfuse_level,
}
SPECIAL = frozenset(_RULES)
"""The attributes."""
