"""The fragment that a hand-made record tells, from what was taken for what in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from llmtop.decode import errors, operations, providers, usage
from llmtop.decode.format import Document
from llmtop.decode.generic_evidence import words_of
from llmtop.decode.generic_plan import Plan
from llmtop.decode.values import number, text
from llmtop.span import Flag, Fragment

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED
_STREAM = int(Flag.STREAM)
_LOCAL = int(Flag.LOCAL)

_LONGEST = 200
"""Characters of a name that are looked at, and remembered."""
_OPENS = re.compile(r"request|start|begin|sent|sending|calling")
_ENDS = re.compile(r"response|complet|finish|end|done|error|fail|received|ok|retry")


def finish(fragment: Fragment, rest: Mapping[str, Any], plan: Plan, document: Document) -> bool:
    """Work out what a record tells beside the fields of the fragment that were taken from it.

    False for a request whose answer cannot be told to be its.
    """
    if fragment.finish_reason is None and type(rest.get("output")) is list:
        fragment.finish_reason = _reason_within(rest["output"])
    if fragment.provider is not None:
        fragment.provider = providers.provider(fragment.provider)
    elif fragment.model is not None and ":" in fragment.model and len(fragment.model) < _LONGEST:
        fragment.provider, fragment.model = _with_its_provider(fragment.model)
    operation = fragment.operation
    if operation is not None:
        operation = operations.operation(operation)
    if operation is None or operation == "other":
        model = fragment.model or fragment.response_model or ""
        operation = _operation_of(model[:_LONGEST])
    fragment.operation = operation
    if "total_tokens" in rest or fragment.cache_read_tokens or fragment.cache_write_tokens:
        _count(fragment, rest, plan, document)
    if fragment.reasoning_tokens:
        _count_thoughts(fragment, plan, document)
    if not _time(fragment, rest, plan, document):
        return False
    if fragment.flags & _ENDED:
        _outcome(fragment, rest, plan, document)
    if rest.get("stream") in _TRUE:
        fragment.flags |= _STREAM
    if fragment.provider is not None or "base_url" in rest:
        _place(fragment, rest.get("base_url"))
    return True


_TRUE = (True, "true")


_NAMED_WITH = re.compile(
    r"(openai|anthropic|google|gemini|vertex|azure|azureopenai|bedrock|mistral|groq|cohere|deepseek"
    r"|ollama|openrouter|xai|together|huggingface|replicate|perplexity|fireworks|cerebras"
    r"|google-gla|google-vertex)"
    r":(?:(?:chat|completion|messages|responses|embeddings?|assistant):)?(.+)"
)


@lru_cache(maxsize=1024)
def _with_its_provider(model: str) -> tuple[str | None, str]:
    """The provider and the model of a name such as `openai:gpt-4o`."""
    named = _NAMED_WITH.fullmatch(model)
    return (None, model) if named is None else (providers.provider(named[1]), named[2])


@lru_cache(maxsize=1024)
def _operation_of(model: str) -> str:
    """What a model is for, where its name tells."""
    name = model.lower()
    if "rerank" in name:
        return "rerank"
    return "embeddings" if "embed" in name else "chat"


def _reason_within(choices: list[Any]) -> str | None:
    """Why the first of the choices of an answer ended."""
    first = choices[0] if choices else None
    if type(first) is not dict:
        return None
    return text(first.get("finish_reason", first.get("finishReason")))


def _place(fragment: Fragment, address: object) -> None:
    """Whether the call went to a model on the user's own machine, and not by a proxy there."""
    if providers.is_local_provider(fragment.provider) or (
        providers.is_local_address(address)
        and not providers.is_hosted_model(
            (fragment.model or fragment.response_model or "")[:_LONGEST]
        )
    ):
        fragment.flags |= _LOCAL


def _count(fragment: Fragment, rest: Mapping[str, Any], plan: Plan, document: Document) -> None:
    """The output where only the total is told; the input with what was cached."""
    total = rest.get("total_tokens")
    if fragment.input_tokens is None:
        return
    if total is not None and fragment.output_tokens is None:
        fragment.output_tokens = max(0, total - fragment.input_tokens)
    cached = (fragment.cache_read_tokens or 0) + (fragment.cache_write_tokens or 0)
    if cached and _leaves_out_cached(fragment, total, cached, plan, document):
        fragment.input_tokens += cached
    elif cached:
        usage.include_cache(fragment)


def _count_thoughts(fragment: Fragment, plan: Plan, document: Document) -> None:
    """Gemini's answer leaves out what the model thought."""
    if fragment.output_tokens is not None and fragment.reasoning_tokens is not None:
        taken = plan.place("output_tokens", document)
        if taken is not None and taken.name == "candidates_token_count":
            fragment.output_tokens += fragment.reasoning_tokens


def _leaves_out_cached(
    fragment: Fragment, total: int | None, cached: int, plan: Plan, document: Document
) -> bool:
    """Whether input tokens leave out cached ones: by the total, or else by Anthropic's names."""
    if total is not None:
        rest = total - (fragment.input_tokens or 0) - (fragment.output_tokens or 0)
        if rest in (0, cached):
            return rest == cached
    names = [
        None if place is None else place.name
        for place in (plan.place(field, document) for field in _IN_OR_OUT)
    ]
    return names[0] == "input_tokens" and not _ANTHROPIC.isdisjoint(names[1:])


_IN_OR_OUT = ("input_tokens", "cache_read_tokens", "cache_write_tokens")
_ANTHROPIC = frozenset({"cache_read_input_tokens", "cache_creation_input_tokens",
                        "cache_write_input_tokens"})  # fmt: skip


def _time(fragment: Fragment, rest: Mapping[str, Any], plan: Plan, document: Document) -> bool:
    """When it was, and which half of a call it tells; false if it is none that counts."""
    moment = rest.get("time")
    named = fragment.request_id is not None or fragment.span_id is not None
    if fragment.output_tokens is None and not _is_answered(fragment, rest):
        half = _half(rest, plan, document, named=named)
        if half is None:
            return False
    else:
        alone = named and fragment.start is None and "input" not in rest
        half = _ENDED if alone else _BOTH
    fragment.flags |= half
    if half == _OPENED:
        if fragment.start is None:
            fragment.start = moment
    elif fragment.end is None and (
        half == _ENDED or fragment.start is None or fragment.duration is None
    ):
        fragment.end = moment
    elif half == _BOTH and fragment.start is None and _is_before(moment, fragment.end):
        # What tells when a call ended, and is of an earlier moment, is of its beginning.
        fragment.start = moment
    if half == _ENDED:
        # What a response names is the model that answered, whichever half is read first.
        fragment.response_model = fragment.response_model or fragment.model
        fragment.model = None
    return True


def _is_before(moment: float | None, end: float | None) -> bool:
    """Whether a moment is before an end, and not the same one with its fraction left out."""
    return (
        moment is not None
        and end is not None
        and moment < end
        and not (moment.is_integer() and end - moment < 1.0)
    )


def _is_answered(fragment: Fragment, rest: Mapping[str, Any]) -> bool:
    return bool(
        fragment.duration is not None
        or fragment.finish_reason is not None
        or fragment.cost is not None
        or fragment.ttft is not None
        or "output" in rest
        or rest.get("error")
        or "total_tokens" in rest
        or "failed" in rest
    )


def _half(rest: Mapping[str, Any], plan: Plan, document: Document, *, named: bool) -> int | None:
    """Which half of a call a record without an answer tells, from its words.

    Without an id a request and its response are not known for one call: the response counts.
    """
    words = words_of(plan, document)
    ends = _ENDS.search(words) is not None
    opens = _OPENS.search(words) is not None
    if not named:
        return None if opens and not ends and "status" not in rest else _BOTH
    return _ENDED if ends and not opens else _OPENED


def _outcome(fragment: Fragment, rest: Mapping[str, Any], plan: Plan, document: Document) -> None:
    status = rest.get("status")
    kind: str | None
    if status is not None:
        if type(status) is str:
            status = status[:_LONGEST]
        fragment.status, kind = _status(status) if type(status) in _PLAIN else (None, None)
        if kind is not None and fragment.error_type is None:
            fragment.error_type = kind
    error = rest.get("error")
    if error and (type(error) is not str or error not in _NO_ERRORS):
        fragment.status = "error"
        kind, fragment.error_message = errors.told(error)
        fragment.error_type = fragment.error_type or kind
    elif fragment.error_type is not None or rest.get("failed") in _FAILED:
        fragment.status = "error"
    elif fragment.status is None:
        fragment.status = "error" if plan.is_grave(document) else "ok"


_PLAIN = frozenset({str, int, float, bool})
_FAILED = (True, "true", "True", 1)
_NO_ERRORS = frozenset({"None", "null", "false", "none", "False", "0"})


@lru_cache(maxsize=1024, typed=True)
def _status(told: str | float | bool) -> tuple[str | None, str | None]:
    """A status in llmtop's words and the type of its error, from a word, a flag or a code."""
    if isinstance(told, bool):
        return ("ok" if told else "error"), None
    code = number(told.split(" ", 1)[0] if isinstance(told, str) else told)
    if code is not None and 100 <= code < 600:
        return ("error", str(int(code))) if code >= 400 else ("ok", None)
    word = str(told).strip().lower()
    if word in {"timeout", "timed_out"}:
        return "error", "timeout"
    return _STATUSES.get(word) or errors.status(told), None


_STATUSES = {"true": "ok", "false": "error", "rate_limited": "error", "fail": "error"}
