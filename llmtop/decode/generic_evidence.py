"""Whether a record of unknown make tells of a call to a language model: a wrong guess is worse
than none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from llmtop.decode.format import Document
from llmtop.decode.generic_marks import SEVERAL
from llmtop.decode.generic_names import canonical
from llmtop.decode.generic_plan import Plan
from llmtop.span import Fragment

OF_SEVERAL = "the sum of several calls, and not a call"
UNSURE = (
    "names a model and nothing that only a language model's call has; "
    "[formats.generic] in the configuration makes it one"
)
UNANSWERED = "a request without an id: its answer, told elsewhere, counts as the call"
"""Reasons for rejecting a record that might be taken for a call."""

_FAMILIES = re.compile(
    r"gpt-?[345o]|gpt-oss|chatgpt|claude|gemini|gemma|llama|mi[sx]tral|codestral|devstral"
    r"|ministral|magistral|pixtral|qwen|qwq|deepseek|command-|cohere|grok|\bphi-?\d"
    r"|\bo[134](?:-|\Z)|davinci|babbage|embed|whisper|dall-e|\bnova-(?:lite|micro|pro|premier)"
    r"|titan-(?:text|embed)|sonnet|opus-|haiku|kimi|\bglm-|\byi-\d|ernie|hunyuan|minimax|palm-?2"
    r"|\bbison|jamba|vicuna|zephyr|wizardlm|granite-|nemotron|olmo|smollm|starcoder|\bbge-|\be5-"
    r"|rerank|\bsonar|-instruct|-chat\b|gguf|\bawq\b|gptq|\d+b\b"
)
_MAKERS = re.compile(
    r"(?:openai|anthropic|google|azure|bedrock|vertex_ai|ollama|openrouter|groq|together|cohere"
    r"|mistralai|huggingface|fireworks|vllm|models|publishers|accounts|arn:aws:bedrock)[/:.]"
)
_PLAIN = re.compile(r"(?=[^\W\d_A-Z]|[\w.-]+/)[\w.:/@+-]*(?:[-:/]|\d)[\w.:/@+-]*\Z")
"""A name as models have: no blanks, no capital at first, a digit or a mark within."""
_ONE_WORD = re.compile(r"[a-z][\w.-]*\Z")
_CALLS = re.compile(
    r"llm|openai|anthropic|completion|generat|inference|embedding|\bchat\b|model_call"
)
_LOADS = re.compile(r"\b(?:load|loads|loaded|loading|unload\w*|initiali[sz]\w*|warm\w*|download\w*"
                    r"|pull\w*|regist\w*|configur\w*|startup|health\w*)\b")  # fmt: skip
_LONGEST_WORDS = 200


@lru_cache(maxsize=4096)
def is_known_model(name: str) -> bool:
    """Whether a name is, by its family or its maker, that of a language model."""
    said = name.lower()
    return _FAMILIES.search(said) is not None or _MAKERS.match(said) is not None


@lru_cache(maxsize=4096)
def is_likely_model(name: str) -> bool:
    """Whether a name may well be that of a model on someone's own server."""
    return _PLAIN.match(name) is not None


def words_of(plan: Plan, document: Document) -> str:
    """What a record says that happened, in small letters."""
    said = ""
    for key in plan.word_keys:
        value = document[key]
        if type(value) is str:
            said += f" {value[:_LONGEST_WORDS].lower()}"
    return said


def why_not_a_call(
    fragment: Fragment, rest: Mapping[str, Any], plan: Plan, document: Document
) -> str | None:
    """Why a record is no call, from what it tells.

    `None` if it is one; empty if nothing about it looks like one; else a reason to be said.
    """
    model = fragment.model or fragment.response_model
    if (
        fragment.output_tokens is not None
        or fragment.input_tokens is not None
        or fragment.ttft is not None
        or "total_tokens" in rest
        or "ttft_untold" in rest
    ):
        if model is None:
            return None if fragment.request_id is not None else ""
        return OF_SEVERAL if plan.may_be_several and _are_several(document) else None
    if model is None:
        return ""
    return _why_not(model, fragment, rest, plan, document)


def _why_not(
    model: str, fragment: Fragment, rest: Mapping[str, Any], plan: Plan, document: Document
) -> str | None:
    """The same for a record that names a model and counts nothing of a model's."""
    timed = fragment.duration is not None or fragment.cost is not None or "duration_untold" in rest
    telling = (
        timed
        or "input" in rest
        or "output" in rest
        or "error" in rest
        or fragment.request_id is not None
        or fragment.error_type is not None
        or "failed" in rest
        or (fragment.start is not None and fragment.end is not None)
    )
    if telling and (plan.is_spoken or isinstance(rest.get("input"), list)):
        return None
    model = model[:_LONGEST_WORDS]
    words = words_of(plan, document)
    named = _CALLS.search(words) is not None
    if not telling and not (named and "status" in rest):
        return ""
    if is_known_model(model):
        return "" if _LOADS.search(words) and "input" not in rest else None
    if plan.is_of_things:
        return ""
    if named or (is_likely_model(model) and (timed or fragment.provider is not None)):
        return None
    if timed and plan.has_latency and _ONE_WORD.match(model):
        return None
    return UNSURE if timed or "input" in rest or "output" in rest else ""


def _are_several(document: Document) -> bool:
    return any(
        type(value) is int and value > 1 and canonical(key) in SEVERAL
        for holder in (document, *(each for each in document.values() if type(each) is dict))
        for key, value in holder.items()
    )
