"""Spans of the Vercel AI SDK, versions 3 to 6: what they do, and what their input tokens count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode import usage
from llmtop.decode.values import count, mapping, text
from llmtop.span import Fragment

OPERATION = "ai.operationId"
METADATA = "ai.response.providerMetadata"
_DETAILS = "ai.usage.inputTokenDetails.noCacheTokens"
COMPANIONS = frozenset({METADATA, _DETAILS, "ai.toolCall.name"})
"""Attributes that are looked at beside the operation of a span."""
_OPERATIONS = {
    "ai.generateText.doGenerate": "chat",
    "ai.streamText.doStream": "chat",
    "ai.generateObject.doGenerate": "chat",
    "ai.streamObject.doStream": "chat",
    "ai.embed.doEmbed": "embeddings",
    "ai.embedMany.doEmbed": "embeddings",
    "ai.rerank.doRerank": "rerank",
    "ai.toolCall": "execute_tool",
    "ai.generateText": "chain",
    "ai.streamText": "chain",
    "ai.generateObject": "chain",
    "ai.streamObject": "chain",
    "ai.embed": "chain",
    "ai.embedMany": "chain",
    "ai.rerank": "chain",
}


def tell(fragment: Fragment, told: Mapping[str, Any]) -> None:
    """Put in what a span of the SDK tells."""
    fragment.operation = _OPERATIONS.get(text(told.get(OPERATION)) or "", "other")
    metadata = told.get(METADATA)
    if metadata is not None and fragment.operation == "chat":
        _read_metadata(fragment, mapping(metadata), detailed=told.get(_DETAILS) is not None)


def _read_metadata(fragment: Fragment, metadata: Mapping[str, Any], *, detailed: bool) -> None:
    """Cached tokens that only the provider's own answer tells.

    Up to version 5 the SDK passes on Anthropic's input tokens, which leave out cached ones; from
    version 6 on it adds them up, and tells the parts.
    """
    anthropic = mapping(metadata.get("anthropic"))
    own = mapping(anthropic.get("usage"))
    told = {**mapping(mapping(metadata.get("bedrock")).get("usage")), **anthropic, **own}
    cached = Fragment()
    usage.read(cached, {name: told[name] for name in _CACHED if name in told}, exclusive=False)
    if fragment.cache_read_tokens is None:
        fragment.cache_read_tokens = cached.cache_read_tokens
    if fragment.cache_write_tokens is None:
        fragment.cache_write_tokens = cached.cache_write_tokens
    if not anthropic or detailed or fragment.input_tokens is None:
        return
    raw = count(own.get("input_tokens"))
    if raw is None or raw == fragment.input_tokens:
        fragment.input_tokens += (fragment.cache_read_tokens or 0) + (
            fragment.cache_write_tokens or 0
        )


_CACHED = (
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "cache_creation",
    "cacheReadInputTokens",
    "cacheCreationInputTokens",
    "cacheWriteInputTokens",
)
