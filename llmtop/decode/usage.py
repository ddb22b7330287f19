"""Token usage in any provider's words; inside llmtop input tokens include cached ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode.values import MOST_TOKENS, count, mapping, number
from llmtop.span import Fragment


def include_cache(fragment: Fragment) -> None:
    """Make input tokens include cached ones, where they cannot do so already.

    Conventions from 1.40 on include them; raw usage of Anthropic leaves them out, which shows
    when more tokens were cached than there were in all.
    """
    cached = _cached(fragment)
    if cached and fragment.input_tokens is not None and cached > fragment.input_tokens:
        fragment.input_tokens += cached


def make_whole(fragment: Fragment, total: int | None) -> None:
    """Make input tokens include cached ones, and output tokens reasoning.

    What a total counts beyond input and output is what they leave out. Without one, a part that
    is larger than its whole is no part of it.
    """
    sent, answered = fragment.input_tokens, fragment.output_tokens
    cached, thoughts = _cached(fragment), fragment.reasoning_tokens or 0
    beyond = 0
    if total is not None and sent is not None and answered is not None:
        beyond = total - sent - answered
    if (
        cached
        and sent is not None
        and (cached > sent or (beyond > 0 and beyond in (cached, cached + thoughts)))
    ):
        fragment.input_tokens = sent + cached
        beyond -= cached
    if thoughts and answered is not None and (thoughts > answered or beyond == thoughts):
        fragment.output_tokens = answered + thoughts


def _cached(fragment: Fragment) -> int:
    return (fragment.cache_read_tokens or 0) + (fragment.cache_write_tokens or 0)


def read(fragment: Fragment, told: Mapping[str, Any], *, exclusive: bool | None = None) -> None:
    """Read a provider's usage object: OpenAI's, Anthropic's, Gemini's or a mixture of their words.

    `exclusive` says that input tokens leave out cached ones; `None` lets the names tell.
    """
    ranks: dict[str, int] = {}
    for name, value in told.items():
        hit = _INDEX.get(name)
        if hit is not None:
            _take(fragment, hit, value, ranks)
        elif name in _DETAILS:
            for inner, part in mapping(value).items():
                hit = _INDEX.get(inner)
                if hit is not None and hit[0] in _IN_DETAILS:
                    _take(fragment, (hit[0], hit[1] + 100), part, ranks)
    if "cache_creation" in told:
        written = mapping(told["cache_creation"])
        hour = count(written.get("ephemeral_1h_input_tokens"))
        if hour:
            fragment.cache_write_1h_tokens = hour
    if fragment.cost is None and "cost" in told:
        fragment.cost = number(told["cost"])
    cached = fragment.cache_read_tokens or fragment.cache_write_tokens
    if cached and exclusive is None:
        exclusive = _leaves_out_cached(fragment, told)
    if fragment.reasoning_tokens and _leaves_out_reasoning(fragment, told):
        fragment.output_tokens = (fragment.output_tokens or 0) + fragment.reasoning_tokens
    if not cached:
        return
    if exclusive and fragment.input_tokens is not None:
        fragment.input_tokens += _cached(fragment)
    else:
        include_cache(fragment)


def _beyond(fragment: Fragment, told: Mapping[str, Any]) -> int | None:
    """How many tokens the total counts beyond those of input and output."""
    total = next((found for name in _TOTAL if (found := count(told.get(name))) is not None), None)
    if total is None:
        return None
    return total - (fragment.input_tokens or 0) - (fragment.output_tokens or 0)


def _leaves_out_cached(fragment: Fragment, told: Mapping[str, Any]) -> bool:
    """Whether input tokens leave out cached ones: by the total, or else by Anthropic's names."""
    cached = _cached(fragment)
    if not cached:
        return False
    thoughts, rest = fragment.reasoning_tokens or 0, _beyond(fragment, told)
    if rest in (0, thoughts):
        return False
    if rest in (cached, cached + thoughts):
        return True
    return "input_tokens" in told and (
        "cache_creation_input_tokens" in told or "cache_read_input_tokens" in told
    )


def _leaves_out_reasoning(fragment: Fragment, told: Mapping[str, Any]) -> bool:
    """Whether output tokens leave out reasoning: by Gemini's names, by the total, or by size."""
    if not _CANDIDATES.isdisjoint(told):
        return True
    thoughts, output = fragment.reasoning_tokens or 0, fragment.output_tokens
    if output is not None and thoughts > output:
        return True
    cached, beyond = _cached(fragment), _beyond(fragment, told)
    return beyond == thoughts != cached or beyond == cached + thoughts != cached


_CANDIDATES = frozenset({"candidatesTokenCount", "candidates_token_count"})
"""Gemini's names of the output, which leave out what the model thought."""
_TOTAL = ("total_tokens", "total", "totalTokens", "totalTokenCount")


def _take(fragment: Fragment, hit: tuple[str, int], value: object, ranks: dict[str, int]) -> None:
    field, rank = hit
    if rank < ranks.get(field, 1000):
        plain = type(value) is int and 0 <= value <= MOST_TOKENS
        found = value if plain else count(value)
        if found is not None:
            ranks[field] = rank
            setattr(fragment, field, found)


_DETAILS = frozenset(
    {
        "prompt_tokens_details",
        "input_tokens_details",
        "completion_tokens_details",
        "output_tokens_details",
        "input_token_details",
        "output_token_details",
    }
)
_IN_DETAILS = frozenset({"cache_read_tokens", "cache_write_tokens", "reasoning_tokens"})
_INPUT = (
    "input_tokens",
    "prompt_tokens",
    "input",
    "inputTokens",
    "promptTokens",
    "promptTokenCount",
    "prompt_token_count",
    "input_token_count",
    "tokens_in",
    "prompt_eval_count",
)
_OUTPUT = (
    "output_tokens",
    "completion_tokens",
    "output",
    "outputTokens",
    "completionTokens",
    "candidatesTokenCount",
    "candidates_token_count",
    "output_token_count",
    "tokens_out",
    "eval_count",
)
_CACHE_READ = (
    "cache_read_input_tokens",
    "cached_tokens",
    "cache_read_tokens",
    "cached_input_tokens",
    "cachedInputTokens",
    "cacheReadInputTokens",
    "cachedContentTokenCount",
    "input_cached_tokens",
    "input_cache_read",
    "cached_read_tokens",
    "cached_content_token_count",
    "cachedContentTokens",
    "cache_read",
)
_CACHE_WRITE = (
    "cache_creation_input_tokens",
    "cache_write_tokens",
    "cache_creation_tokens",
    "cacheCreationInputTokens",
    "cacheWriteInputTokens",
    "input_cache_creation",
    "cached_write_tokens",
    "cache_write",
    "cache_creation",
)
_REASONING = (
    "reasoning",
    "reasoning_tokens",
    "reasoning_output_tokens",
    "thoughtsTokenCount",
    "thoughts_token_count",
    "thoughtsTokens",
    "reasoningTokens",
    "thinking_tokens",
    "output_reasoning_tokens",
    "output_reasoning",
    "thought_tokens",
)
_INDEX = {
    name: (field, rank)
    for field, names in (
        ("input_tokens", _INPUT),
        ("output_tokens", _OUTPUT),
        ("cache_read_tokens", _CACHE_READ),
        ("cache_write_tokens", _CACHE_WRITE),
        ("reasoning_tokens", _REASONING),
    )
    for rank, name in enumerate(names)
}
