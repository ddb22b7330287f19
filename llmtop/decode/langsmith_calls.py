"""What a run of LangSmith tells of the call that it is: model, tokens, cost, first token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode import usage
from llmtop.decode.timestamps import utc_time
from llmtop.decode.values import count, mapping, number, text
from llmtop.span import Flag, Fragment

_STREAM = int(Flag.STREAM)

Told = Mapping[str, Any]


def tell(fragment: Fragment, run: Told, metadata: Told, outputs: Told) -> None:
    """What is told of a run that calls a model, and not of the sums that those around it bear."""
    if fragment.model is None:
        asked = mapping(mapping(run.get("extra")).get("invocation_params"))
        fragment.model = text(
            asked.get("model")
            or asked.get("model_name")
            or asked.get("model_id")
            or mapping(run.get("inputs")).get("model")
        )
    first = run.get("first_token_time") or _first_token(run.get("events"))
    if first is not None:
        _stream(fragment, utc_time(first))
    used: Told = {}
    if outputs:
        message = message_of(outputs)
        about = mapping(message.get("response_metadata")) if message else message
        _answer(fragment, outputs, about)
        used = mapping(outputs.get("usage_metadata")) or mapping(message.get("usage_metadata"))
    used = used or mapping(metadata.get("usage_metadata"))
    if used:
        _use(fragment, used)
    elif outputs:
        told = mapping(outputs.get("usage"))
        usage.read(fragment, told or mapping(mapping(outputs.get("llm_output")).get("token_usage")))
    if fragment.input_tokens is None and fragment.output_tokens is None:
        _counted(fragment, run)
    if "total_cost" in run or "total_cost" in used:
        # A total of 0 means that the platform knows no price.
        fragment.cost = number(run.get("total_cost")) or number(used.get("total_cost")) or None


def _stream(fragment: Fragment, first: float | None) -> None:
    fragment.flags |= _STREAM
    if first is not None and fragment.start is not None and first >= fragment.start:
        fragment.ttft = first - fragment.start


def _first_token(events: object) -> Any:
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict) and event.get("name") == "new_token":
            return event.get("time")
    return None


def _answer(fragment: Fragment, outputs: Told, about: Told) -> None:
    """Which model answered, by what id, and why it stopped."""
    generated = outputs.get("llm_output")
    fragment.response_model = text(
        outputs.get("model")
        or (mapping(generated).get("model_name") if generated else None)
        or about.get("model_name")
        or about.get("model")
    )
    fragment.response_id = text(outputs.get("id") or about.get("id"))
    choices = outputs.get("choices")
    told = mapping(choices[0]).get("finish_reason") if type(choices) is list and choices else None
    if type(told) is dict:
        # JavaScript's wrapper puts a stream's last chunk here.
        told = told.get("finish_reason")
    told = told or about.get("finish_reason") or about.get("stop_reason")
    fragment.finish_reason = text(told or outputs.get("stop_reason"))


def _use(fragment: Fragment, used: Told) -> None:
    """Usage in LangChain's words: input tokens are the sum of all kinds of them."""
    fragment.input_tokens = count(used.get("input_tokens"))
    fragment.output_tokens = count(used.get("output_tokens"))
    sent = used.get("input_token_details")
    if type(sent) is dict and sent:
        fragment.cache_read_tokens = count(sent.get("cache_read"))
        fragment.cache_write_tokens = count(sent.get("cache_creation"))
        fragment.cache_write_1h_tokens = count(sent.get("ephemeral_1h_input_tokens"))
        usage.include_cache(fragment)
    said = used.get("output_token_details")
    if type(said) is dict and said:
        fragment.reasoning_tokens = count(said.get("reasoning"))


def _counted(fragment: Fragment, run: Told) -> None:
    """The tokens that the platform counted; where it found none, both are 0."""
    sent, said = count(run.get("prompt_tokens")), count(run.get("completion_tokens"))
    if not sent and not said:
        return
    usage.read(
        fragment,
        {
            "prompt_tokens": sent,
            "completion_tokens": said,
            "prompt_tokens_details": _by_kind(run.get("prompt_token_details")),
            "completion_tokens_details": _by_kind(run.get("completion_token_details")),
        },
        exclusive=False,
    )


def _by_kind(details: object) -> Told:
    told = mapping(details)
    return mapping(told.get("raw")) or told


def message_of(outputs: Told) -> Told:
    """The first message of an answer as LangChain keeps it, written out or with its class."""
    first: Any = outputs.get("generations")
    if first is None and "output" not in outputs:
        return {}
    while isinstance(first, list):
        first = first[0] if first else None
    message = mapping(mapping(first).get("message")) or mapping(outputs.get("output"))
    return mapping(message.get("kwargs")) or message
