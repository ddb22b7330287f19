"""Token usage in any provider's words; inside llmtop input tokens include cached ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode.values import count, mapping, number
from llmtop.span import Fragment


def include_cache(fragment: Fragment) -> None:
    """Make input tokens include cached ones, where they cannot do so already.

    Conventions from 1.40 on include them; raw usage of Anthropic leaves them out, which shows
    when more tokens were cached than there were in all.
    """
    cached = (fragment.cache_read_tokens or 0) + (fragment.cache_write_tokens or 0)
    if cached and fragment.input_tokens is not None and cached > fragment.input_tokens:
        fragment.input_tokens += cached


def read(fragment: Fragment, told: Mapping[str, Any], *, exclusive: bool | None = None) -> None:
    """Read a provider's usage object: OpenAI's, Anthropic's, Gemini's or a mixture of their words.

    `exclusive` says that input tokens leave out cached ones; `None` lets the names tell.
    """
    details = mapping(told.get("prompt_tokens_details") or told.get("input_tokens_details"))
    produced = mapping(told.get("completion_tokens_details") or told.get("output_tokens_details"))
    fragment.input_tokens = _first(told, _INPUT, fragment.input_tokens)
    fragment.output_tokens = _first(told, _OUTPUT, fragment.output_tokens)
    fragment.cache_read_tokens = _first(
        {**details, **told}, _CACHE_READ, fragment.cache_read_tokens
    )
    fragment.cache_write_tokens = _first(
        {**details, **told}, _CACHE_WRITE, fragment.cache_write_tokens
    )
    fragment.reasoning_tokens = _first({**produced, **told}, _REASONING, fragment.reasoning_tokens)
    written = mapping(told.get("cache_creation"))
    hour = count(written.get("ephemeral_1h_input_tokens"))
    if hour:
        fragment.cache_write_1h_tokens = hour
    if fragment.cost is None:
        fragment.cost = number(told.get("cost"))
    if exclusive is None:
        exclusive = _leaves_out_cached(fragment, told)
    if exclusive and fragment.input_tokens is not None:
        fragment.input_tokens += (fragment.cache_read_tokens or 0) + (
            fragment.cache_write_tokens or 0
        )
    else:
        include_cache(fragment)


def _leaves_out_cached(fragment: Fragment, told: Mapping[str, Any]) -> bool:
    """Whether input tokens leave out cached ones: by the total, or else by Anthropic's names."""
    total = _first(told, _TOTAL, None)
    cached = (fragment.cache_read_tokens or 0) + (fragment.cache_write_tokens or 0)
    if total is not None and cached:
        counted = (fragment.input_tokens or 0) + (fragment.output_tokens or 0)
        if total in (counted, counted + cached):
            return total == counted + cached
    return "input_tokens" in told and (
        "cache_creation_input_tokens" in told or "cache_read_input_tokens" in told
    )


_TOTAL = ("total_tokens", "total", "totalTokens", "totalTokenCount")


def _first(told: Mapping[str, Any], names: tuple[str, ...], known: int | None) -> int | None:
    for name in names:
        if name in told:
            found = count(told[name])
            if found is not None:
                return found
    return known


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
    "cache_read",
)
_CACHE_WRITE = (
    "cache_creation_input_tokens",
    "cache_write_tokens",
    "cache_creation_tokens",
    "cacheCreationInputTokens",
    "input_cache_creation",
    "cached_write_tokens",
    "cache_write",
)
_REASONING = (
    "reasoning_tokens",
    "reasoning_output_tokens",
    "thoughtsTokenCount",
    "thoughts_token_count",
    "reasoningTokens",
    "thinking_tokens",
    "output_reasoning_tokens",
    "output_reasoning",
    "thought_tokens",
)
