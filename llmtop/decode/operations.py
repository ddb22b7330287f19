"""Names of operations, as SDKs and conventions write them, in OpenTelemetry's words."""

from __future__ import annotations

from functools import lru_cache

from llmtop.decode.values import text
from llmtop.span import OPERATIONS

_OPERATION_NAMES = {
    "completion": "chat",
    "completions": "chat",
    "chat_completion": "chat",
    "chat.completions": "chat",
    "chat_completions": "chat",
    "chat.streaming_completions": "chat",
    "text.completions": "text_completion",
    "text.streaming_completions": "text_completion",
    "generation": "chat",
    "generate": "chat",
    "llm": "chat",
    "llm_call": "chat",
    "responses": "chat",
    "messages": "chat",
    "anthropic_messages": "chat",
    "message": "chat",
    "chat_model": "chat",
    "generate_content_stream": "generate_content",
    "pass_through_endpoint": "chat",
    "decision": "generate_content",
    "embedding": "embeddings",
    "embed": "embeddings",
    "reranker": "rerank",
    "retriever": "retrieval",
    "retrieve": "retrieval",
    "search": "retrieval",
    "tool": "execute_tool",
    "tool_call": "execute_tool",
    "agent": "invoke_agent",
    "agent_call": "invoke_agent",
    "workflow": "invoke_workflow",
    "flow": "invoke_workflow",
    "plan": "chain",
    "task": "chain",
    "execute_task": "chain",
    "guardrail_check": "guardrail",
    "chat_client": "chain",
    "advisor": "chain",
    "vector_store": "retrieval",
    "span": "other",
    "event": "other",
    "prompt": "other",
    "unknown": "other",
    "fetch_response": "other",
    "image": "image_generation",
    "image_edit": "image_generation",
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
    known = _OPERATION_NAMES.get(name)
    if known is None and name[:1] == "a":
        # LiteLLM marks what was called asynchronously: `acompletion`, `atext_completion`.
        known = name[1:] if name[1:] in OPERATIONS else _OPERATION_NAMES.get(name[1:])
    return known or "other"
