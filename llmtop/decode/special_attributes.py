"""Attributes that tell something in a way of their own, and not just one field each."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
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
from llmtop.decode.values import mapping, number, parsed
from llmtop.span import CALL_OPERATIONS, Flag, Fragment

_STREAM = int(Flag.STREAM)
_LOCAL = int(Flag.LOCAL)

Told = Mapping[str, Any]


def apply_special(fragment: Fragment, attributes: Told, names: Collection[str]) -> None:
    """Put in what attributes of these names tell, once those were read that tell one field each."""
    for name in sorted(names, key=_ORDER.__getitem__) if len(names) > 1 else names:
        flag = FLAGS.get(name)
        if flag is None:
            _RULES[name](fragment, attributes[name], attributes)
        else:
            fragment.flags |= flag(attributes[name])


def _address(value: object) -> int:
    return _LOCAL if is_local_address(value) else 0


def _stream(value: object) -> int:
    return _STREAM if value in (True, "true", "True") else 0


def _by(tell: Callable[[Fragment, Told], None]) -> Callable[[Fragment, object, Told], None]:
    """The rule of a convention that looks at several attributes together."""

    def rule(fragment: Fragment, value: object, attributes: Told) -> None:
        del value
        tell(fragment, attributes)

    return rule


_ANSWER_ID = re.compile(r'[^{]{0,40}\{\s*\\?"id\\?"\s*:\s*\\?"([\w.:-]{6,100})')


def _answer(fragment: Fragment, value: object, attributes: Told) -> None:
    """The provider's id at the beginning of a whole answer that is written out as JSON."""
    del attributes
    if (
        isinstance(value, str)
        and fragment.response_id is None
        and fragment.operation in CALL_OPERATIONS
    ):
        found = _ANSWER_ID.match(value[:ANSWER_BEGINNING])
        fragment.response_id = found.group(1) if found is not None else None


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
ANSWER = "output.value"
ANSWER_BEGINNING = 512
"""Of a whole answer that is written out only the id is looked for, at its beginning."""
_RULES: Mapping[str, Callable[[Fragment, object, Told], None]] = {
    **dict.fromkeys((agent_span_types.KIND, agent_span_types.ENTITY), _by(agent_span_types.tell)),
    genkit.KIND: _by(genkit.tell),
    mlflow_attributes.KIND: _by(mlflow_attributes.tell),
    openinference.PARAMETERS: _by(openinference.tell_asked_model),
    vercel.OPERATION: _by(vercel.tell),
    "langfuse.observation.usage_details": _langfuse_usage,
    "langfuse.observation.cost_details": _langfuse_cost,
    "langfuse.observation.completion_start_time": _langfuse_first_token,
    "langfuse.observation.level": _langfuse_level,
    # Last, as it asks what the others tell of the operation.
    ANSWER: _answer,
}
_ORDER = {name: at for at, name in enumerate((*FLAGS, *_RULES))}
SPECIAL = frozenset({*_RULES, *FLAGS})
"""The attributes."""
COMPANIONS = frozenset(
    {*mlflow_attributes.COMPANIONS, *vercel.COMPANIONS, genkit.NAME, genkit.OUTPUT}
)
"""Attributes that are looked at beside one of these."""
