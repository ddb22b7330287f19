"""Attribute names of every convention, and the field of a fragment that each one tells.

Sources: OpenTelemetry GenAI semantic conventions 1.27 to 1.42 and semconv-genai 0.1,
OpenInference, OpenLLMetry, Logfire and pydantic-ai, Langfuse, LiteLLM, the Vercel AI SDK, Sentry,
OpenLIT, and the attribute names of the logging guide (`llm.*`, `chain.step`, `retrieval.source`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from llmtop.decode.operations import operation
from llmtop.decode.providers import provider
from llmtop.decode.values import count, number, parsed, text

_WRITTEN_LIST = re.compile(r"[\[(]'([^']+)'")


def finish_reason(value: object) -> str | None:
    """Why an answer ended: the first of several reasons, also where Python wrote them out."""
    value = parsed(value)
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    told = text(value)
    written = None if told is None else _WRITTEN_LIST.match(told)
    return told if written is None else written.group(1)


def model_name(value: object) -> str | None:
    """A model's name; Micrometer and Python say `none` of one that they do not know."""
    told = text(value)
    return None if told is None or told.lower() == "none" else told


def user(value: object) -> str | None:
    """A user's id; LiteLLM has one for whoever has none."""
    told = text(value)
    return None if told == "default_user_id" else told


def positive(value: object) -> float | None:
    """A number above zero: some tell zero of what they have no price for."""
    told = number(value)
    return told if told is not None and told > 0.0 else None


def milliseconds(value: object) -> float | None:
    """Seconds, from milliseconds."""
    told = number(value)
    return None if told is None else told / 1000.0


Rule = tuple[str, int, Callable[[object], Any]]


def _rules(field: str, convert: Callable[[object], Any], *names: str) -> dict[str, Rule]:
    return {name: (field, rank, convert) for rank, name in enumerate(names)}


RULES: Mapping[str, Rule] = {
    **_rules(
        "operation",
        operation,
        "spring.ai.kind",
        "langsmith.span.kind",
        "gen_ai.operation.name",
        "openinference.span.kind",
        "langfuse.observation.type",
        "llm.operation",
        "llm.request.type",
        "traceloop.span.kind",
        "gen_ai.span.kind",
        "agentops.span.kind",
        "lmnr.span.type",
    ),
    **_rules(
        "provider",
        provider,
        "gen_ai.provider.name",
        "gen_ai.system",
        "llm.provider",
        "llm.vendor",
        "llm.system",
        "ai.model.provider",
        "gen_ai.model.provider",
        "decision.provider",
    ),
    **_rules(
        "model",
        model_name,
        "gen_ai.request.model",
        "llm.request.model",
        "llm.request.model_name",
        "llm.model_name",
        "llm.model",
        "embedding.model_name",
        "reranker.model_name",
        "langfuse.observation.model.name",
        "ai.model.id",
        "gen_ai.model_name",
        "decision.request.model_name",
        "decision.model_name",
    ),
    **_rules(
        "response_model",
        model_name,
        "gen_ai.response.model",
        "llm.response.model_name",
        "llm.response.model",
        "ai.response.model",
        "decision.response.model_name",
    ),
    **_rules("response_id", text, "gen_ai.response.id", "llm.response.id", "ai.response.id"),
    **_rules(
        "input_tokens",
        count,
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.token_count.prompt",
        "llm.usage.prompt_tokens",
        "llm.prompt_tokens",
        "ai.usage.inputTokens",
        "ai.usage.promptTokens",
        "ai.usage.tokens",
        "usage.prompt_tokens",
        "gen_ai.response.prompt_tokens",
        "decision.token_count.input",
    ),
    **_rules(
        "output_tokens",
        count,
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.token_count.completion",
        "llm.usage.completion_tokens",
        "llm.completion_tokens",
        "ai.usage.outputTokens",
        "ai.usage.completionTokens",
        "usage.completion_tokens",
        "gen_ai.response.completion_tokens",
        "decision.token_count.output",
    ),
    **_rules(
        "cache_read_tokens",
        count,
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.input_tokens.cached",
        "llm.token_count.prompt_details.cache_read",
        "llm.token_count.prompt_details.cache_input",
        "gen_ai.usage.details.cache_read_tokens",
        "gen_ai.usage.details.cached_tokens",
        "gen_ai.usage.details.cache_read_input_tokens",
        "gen_ai.usage.cached_input_tokens",
        "gen_ai.usage.cached_tokens",
        "gen_ai.usage.prompt_tokens_details.cached_tokens",
        "gen_ai.usage.input_tokens_details.cached_tokens",
        "llm.usage.cache_read_input_tokens",
        "llm.cache_read_tokens",
        "ai.usage.cachedInputTokens",
        "ai.usage.inputTokenDetails.cacheReadTokens",
    ),
    **_rules(
        "cache_write_tokens",
        count,
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.input_tokens.cache_write",
        "gen_ai.usage.details.cache_write_tokens",
        "gen_ai.usage.details.cache_creation_input_tokens",
        "gen_ai.usage.cache_write_input_tokens",
        "llm.usage.cache_creation_input_tokens",
        "llm.token_count.prompt_details.cache_write",
        "llm.cache_write_tokens",
        "ai.usage.inputTokenDetails.cacheWriteTokens",
    ),
    **_rules(
        "reasoning_tokens",
        count,
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "llm.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
        "gen_ai.usage.details.reasoning_tokens",
        "gen_ai.usage.details.thoughts_tokens",
        "gen_ai.usage.output_tokens.reasoning",
        "gen_ai.usage.thoughts_tokens",
        "gen_ai.usage.completion_tokens_details.reasoning_tokens",
        "gen_ai.usage.output_tokens_details.reasoning_tokens",
        "gen_ai.usage.experimental.reasoning_tokens",
        "llm.reasoning_tokens",
        "ai.usage.reasoningTokens",
        "ai.usage.outputTokenDetails.reasoningTokens",
    ),
    **_rules(
        "ttft",
        number,
        "gen_ai.response.time_to_first_chunk",
        "gen_ai.server.time_to_first_token",
        "gen_ai.response.time_to_first_token",
        "gen_ai.latency.time_to_first_token",
        "lk.response.ttft",
        "metrics.ttfb",
    ),
    "ai.response.msToFirstChunk": ("ttft", 8, milliseconds),
    "ai.stream.msToFirstChunk": ("ttft", 9, milliseconds),
    "copilot_chat.time_to_first_token": ("ttft", 10, milliseconds),
    "llm.ttft_ms": ("ttft", 11, milliseconds),
    **_rules(
        "finish_reason",
        finish_reason,
        "gen_ai.response.finish_reasons",
        "gen_ai.response.finish_reason",
        "gen_ai.response.stop_reason",
        "llm.response.finish_reason",
        "llm.finish_reason",
        "gen_ai.completion.0.finish_reason",
        "ai.response.finishReason",
        "ai.finishReason",
    ),
    **_rules(
        "session_id",
        text,
        "gen_ai.conversation.id",
        "session.id",
        "session_id",
        "traceloop.association.properties.session_id",
        "agent_session_id",
        "langfuse.session.id",
        "ai.telemetry.metadata.sessionId",
        "gcp.vertex.agent.session_id",
        "gen_ai.session.id",
        "gen_ai.thread.id",
        "mlflow.trace.session",
        "genkit:sessionId",
        "spring.ai.chat.client.conversation.id",
        "lmnr.association.properties.session_id",
        "voltagent.conversation_id",
        "conversation.id",
        "copilot_chat.chat_session_id",
        "copilot_chat.session_id",
        "langsmith.metadata.thread_id",
        "langsmith.metadata.session_id",
    ),
    **_rules(
        "user_id",
        user,
        "user.id",
        "enduser.id",
        "user_id",
        "llm.user",
        "gen_ai.user",
        "traceloop.association.properties.user_id",
        "traceloop.association.properties.customer_id",
        "langfuse.user.id",
        "ai.telemetry.metadata.userId",
        "gen_ai.user.id",
        "gen_ai.request.user",
        "mlflow.trace.user",
        "lmnr.association.properties.user_id",
        "metadata.user_api_key_end_user_id",
        "metadata.user_api_key_user_id",
    ),
    **_rules(
        "agent",
        text,
        "gen_ai.agent.name",
        "agent.name",
        "graph.node.name",
        "agent_name",
        "traceloop.workflow.name",
        "lk.agent_name",
    ),
    **_rules(
        "cost",
        number,
        "usage.cost",
        "llm.cost.total",
        "operation.cost",
        "gen_ai.cost.total_cost",
        "gen_ai.usage.total_cost",
        "llm.cost",
    ),
    "gen_ai.usage.cost": ("cost", 8, positive),
    **_rules("error_type", text, "error.type", "exception.type"),
    **_rules(
        "error_message",
        text,
        "error.message",
        "exception.message",
        "langfuse.observation.status_message",
    ),
}
"""For each attribute: the field, its rank among the field's names (0 wins), and the conversion."""
