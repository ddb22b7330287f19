"""Names of operations, as SDKs and conventions write them, in OpenTelemetry's words."""

from __future__ import annotations

from functools import lru_cache

from llmtop.decode.values import text
from llmtop.span import OPERATIONS

_OPERATION_NAMES = {
    "acompletion": "chat",
    "completion": "chat",
    "completions": "chat",
    "chat_completion": "chat",
    "chat.completions": "chat",
    "chat_completions": "chat",
    "generation": "chat",
    "generate": "chat",
    "llm": "chat",
    "llm_call": "chat",
    "responses": "chat",
    "aresponses": "chat",
    "messages": "chat",
    "anthropic_messages": "chat",
    "message": "chat",
    "embedding": "embeddings",
    "aembedding": "embeddings",
    "embed": "embeddings",
    "reranker": "rerank",
    "arerank": "rerank",
    "retriever": "retrieval",
    "retrieve": "retrieval",
    "search": "retrieval",
    "tool": "execute_tool",
    "tool_call": "execute_tool",
    "agent": "invoke_agent",
    "workflow": "invoke_workflow",
    "plan": "chain",
    "task": "chain",
    "span": "other",
    "event": "other",
    "prompt": "other",
    "unknown": "other",
    "fetch_response": "other",
    "image": "image_generation",
    "aimage_generation": "image_generation",
}


def operation(value: object) -> str | None:
    """An operation's name, as llmtop says it."""
    told = text(value)
    return None if told is None else _operation(told)


@lru_cache(maxsize=1024)
def _operation(told: str) -> str:
    name = told.strip().lower().replace(" ", "_")
    if name in OPERATIONS:
        return name
    if name.endswith("_memory"):
        return "memory"
    return _OPERATION_NAMES.get(name, "other")
