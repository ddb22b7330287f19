"""One observation of Langfuse, as any of its exports writes it.

The screens, the programming interface and the scheduled exports to a bucket differ in the spelling
of names, in what stands beside an observation, and in units.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from llmtop.decode import attributes, errors, operations, usage
from llmtop.decode.found_documents import texts_of
from llmtop.decode.messages import conversation
from llmtop.decode.timestamps import utc_time
from llmtop.decode.values import count, mapping, number, text
from llmtop.payload import Payload
from llmtop.span import CALL_OPERATIONS, Flag, Fragment

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_STREAM = int(Flag.STREAM)

Told = Mapping[str, Any]


def show(told: Told, payload: Payload) -> None:
    """What an observation says was asked and answered, and what else was recorded of it."""
    payload.input += conversation(told.get("input"))
    payload.output += conversation(texts_of(told.get("output")), "assistant")
    for name in ("modelParameters", "model_parameters"):
        payload.parameters.update(mapping(told.get(name)))
    payload.attributes.update(mapping(told.get("metadata")))
    for name in _SHOWN:
        if told.get(name) not in (None, "", [], {}):
            payload.attributes[name] = told[name]


_SHOWN = (
    "environment",
    "version",
    "release",
    "tags",
    "promptName",
    "promptVersion",
    "prompt_name",
    "prompt_version",
    "level",
    "usageDetails",
    "usage_details",
    "costDetails",
    "cost_details",
)


class _Names(Struct, frozen=True):
    """What one kind of export calls the parts of an observation."""

    trace: str
    parent: str
    model: str
    start: str
    end: str
    first: str
    to_first: str
    said: str
    used: str
    paid: str
    total: str
    session: str
    user: str


_CAMEL = _Names(
    "traceId",
    "parentObservationId",
    "providedModelName",
    "startTime",
    "endTime",
    "completionStartTime",
    "timeToFirstToken",
    "statusMessage",
    "usageDetails",
    "costDetails",
    "totalCost",
    "sessionId",
    "userId",
)
_SNAKE = _Names(
    "trace_id",
    "parent_observation_id",
    "provided_model_name",
    "start_time",
    "end_time",
    "completion_start_time",
    "time_to_first_token",
    "status_message",
    "usage_details",
    "cost_details",
    "total_cost",
    "session_id",
    "user_id",
)


def observation(told: Told, trace: Told, *, place: int) -> Fragment:
    """What one observation tells; of whom it is, its trace may tell."""
    of = told.get
    names = _SNAKE if _SNAKE.parent in told or _SNAKE.start in told else _CAMEL
    start, end = utc_time(of(names.start)), utc_time(of(names.end))
    kind, name = text(of("type")), text(of("name"))
    operation = operations.operation(kind)
    fragment = Fragment(
        span_id=text(of("id")),
        trace_id=text(of(names.trace)) or text(trace.get("id")),
        parent_id=text(of(names.parent)),
        name=name,
        operation=operation,
        model=text(of("model")) or text(of(names.model)),
        start=start,
        end=end,
        flags=_OPENED,
        session_id=text(of(names.session)) or text(trace.get(names.session)),
        user_id=text(of(names.user)) or text(trace.get(names.user)),
        agent=name if operation == "invoke_agent" else None,
        place=place,
    )
    used = False
    if operation in CALL_OPERATIONS:
        used = _use(fragment, told, names)
        fragment.cost = _cost(told, names)
        _first_token(fragment, told, names)
    failed = of("level") == "ERROR"
    # Programs often leave a generation open once they have told what it used.
    if end is not None or used or failed or kind == "EVENT":
        fragment.flags |= _ENDED
        fragment.status = "ok"
    if failed:
        said = text(of(names.said))
        fragment.status = "error"
        fragment.error_type, fragment.error_message = errors.kind_of(said) or "error", said
    return fragment


def _first_token(fragment: Fragment, told: Told, names: _Names) -> None:
    first = told.get(names.first)
    if first and fragment.start is not None:
        moment = utc_time(first)
        # An answer that came at once, at its end, was not streamed.
        if moment is None or moment < fragment.start or moment == fragment.end:
            return
        fragment.ttft = moment - fragment.start
    else:
        fragment.ttft = number(told.get(names.to_first))
        if fragment.ttft is None:
            fragment.ttft = attributes.milliseconds(told.get("timeToFirstTokenMs"))
    if fragment.ttft is not None:
        fragment.flags |= _STREAM


_PLAIN = frozenset({"input", "output", "total"})


def _use(fragment: Fragment, told: Told, names: _Names) -> bool:
    """Put in the usage; whether there is some."""
    used = _details(told.get(names.used)) or _details(told.get("usage"))
    if _PLAIN.issuperset(used):
        # Most usage is no more than this, and takes no rules.
        fragment.input_tokens = count(used.get("input"))
        fragment.output_tokens = count(used.get("output"))
    else:
        usage.read(fragment, used, exclusive=_leaves_out_cached(used))
        # Reasoning stays beside the output, as the figure of that name has it in Langfuse.
        output = count(used.get("output"))
        fragment.output_tokens = fragment.output_tokens if output is None else output
    if fragment.input_tokens is None and fragment.output_tokens is None:
        sent, said = count(told.get("promptTokens")), count(told.get("completionTokens"))
        if sent or said:
            fragment.input_tokens, fragment.output_tokens = sent, said
    return fragment.input_tokens is not None or fragment.output_tokens is not None


def _details(value: object) -> Told:
    """Usage or costs by kind; a table's cell may hold them in single quotes."""
    if type(value) is str and value.startswith("{'"):
        value = value.replace("'", '"')
    return mapping(value)


def _leaves_out_cached(used: Told) -> bool | None:
    """True where the kinds of tokens add up to the total, so that none is a part of another."""
    total = count(used.get("total"))
    if total is None or len(used) < 4:
        return None
    parts = [count(value) for name, value in used.items() if name != "total"]
    return True if sum(filter(None, parts)) == total else None


def _cost(told: Told, names: _Names) -> float | None:
    """US dollars; a total of 0 without its parts means that no price was known."""
    parts = _details(told.get(names.paid))
    if parts:
        total = number(parts.get("total"))
        if total is not None:
            return total
        known = [found for value in parts.values() if (found := number(value)) is not None]
        return sum(known) if known else None
    for value in (told.get(names.total), told.get("calculatedTotalCost")):
        found = number(value)
        if found:
            return found
    return number(mapping(told.get("usage")).get("totalCost")) or None
