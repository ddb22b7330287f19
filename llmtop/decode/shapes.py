"""Shapes of records: of a line only what figures are made of is decoded, in one pass.

A shape is a TypedDict of the keys that a format reads; other keys are passed over. A value that
is only asked whether it is there is `Raw`, which stays undecoded.
"""

from __future__ import annotations

from typing import Any, TypedDict

from msgspec import DecodeError, Raw, ValidationError, json

SKIPPED = "…"
"""Stands for content that was not decoded: it is there, and is some text."""

_Errors = (DecodeError, ValidationError, UnicodeDecodeError, RecursionError)


class Shape:
    """Decodes lines of one shape; `None` for what is not as expected."""

    def __init__(self, kind: Any) -> None:
        self._decoder = json.Decoder(kind)

    def line(self, data: bytes) -> dict[str, Any] | None:
        """One line."""
        try:
            found: dict[str, Any] = self._decoder.decode(data)
        except _Errors:
            return None
        return found

    def lines(self, data: bytes, count: int) -> list[dict[str, Any]] | None:
        """So many lines."""
        try:
            found: list[dict[str, Any]] = self._decoder.decode_lines(data)
        except _Errors:
            return None
        return found if len(found) == count else None


class _Observation(TypedDict, total=False):
    id: Any
    traceId: Any
    parentObservationId: Any
    type: Any
    name: Any
    model: Any
    startTime: Any
    endTime: Any
    level: Any
    statusMessage: Any
    timeToFirstToken: Any
    usageDetails: Any
    usage: Any
    costDetails: Any


class _LangfuseTrace(TypedDict, total=False):
    id: Any
    sessionId: Any
    userId: Any


class _Langfuse(_Observation, total=False):
    observations: list[_Observation]
    trace: _LangfuseTrace | None
    projectId: Any
    sessionId: Any
    userId: Any


class _Outputs(TypedDict, total=False):
    generations: Any
    llm_output: Any
    usage_metadata: Any
    usage: Any
    model: Any
    id: Any


class _Extra(TypedDict, total=False):
    metadata: Any


class _Run(TypedDict, total=False):
    id: Any
    trace_id: Any
    parent_run_id: Any
    dotted_order: Any
    run_type: Any
    name: Any
    start_time: Any
    end_time: Any
    first_token_time: Any
    error: Any
    total_cost: Any
    prompt_tokens: Any
    completion_tokens: Any
    outputs: _Outputs | None
    extra: _Extra | None


class _LangSmith(_Run, total=False):
    post: list[_Run]
    patch: list[_Run]


class _Choice(TypedDict, total=False):
    finish_reason: Any


class _LiteLlmResponse(TypedDict, total=False):
    id: Any
    usage: Any
    choices: list[_Choice] | None


class _LiteLlmMetadata(TypedDict, total=False):
    usage_object: Any
    user_api_key_user_id: Any


class _LiteLlm(TypedDict, total=False):
    cache_hit: Any
    id: Any
    trace_id: Any
    call_type: Any
    stream: Any
    status: Any
    response_cost: Any
    startTime: Any
    endTime: Any
    completionStartTime: Any
    model: Any
    custom_llm_provider: Any
    prompt_tokens: Any
    completion_tokens: Any
    end_user: Any
    error_str: Any
    error_information: Any
    metadata: _LiteLlmMetadata | None
    response: _LiteLlmResponse | None


class _BatchAnswer(TypedDict, total=False):
    id: Any
    object: Any
    created: Any
    created_at: Any
    model: Any
    usage: Any
    error: Any
    choices: list[_Choice] | None


class _BatchResponse(TypedDict, total=False):
    status_code: Any
    body: _BatchAnswer | None


class _BatchQuestion(TypedDict, total=False):
    model: Any


class _Batch(TypedDict, total=False):
    custom_id: Any
    url: Any
    body: _BatchQuestion
    response: _BatchResponse | None
    error: Any


class _CodexPayload(TypedDict, total=False):
    type: Any
    id: Any
    forked_from_id: Any
    model_provider: Any
    source: Any
    model: Any
    info: Any
    message: Any
    call_id: Any
    name: Any
    output: Raw
    duration_ms: Any
    time_to_first_token_ms: Any
    codex_error_info: Any


class _Codex(TypedDict):
    type: Any
    timestamp: Any
    payload: _CodexPayload


class _PiPart(TypedDict, total=False):
    type: Any
    id: Any
    name: Any


class _PiMessage(TypedDict, total=False):
    role: Any
    content: list[_PiPart]
    provider: Any
    model: Any
    stopReason: Any
    errorMessage: Any
    timestamp: Any
    usage: Any
    toolCallId: Any
    toolName: Any
    isError: Any


class _Pi(TypedDict, total=False):
    type: Any
    id: Any
    timestamp: Any
    message: _PiMessage


class _Console(TypedDict, total=False):
    name: Any
    context: Any
    parent_id: Any
    start_time: Any
    end_time: Any
    status: Any
    attributes: dict[str, Raw]
    events: Any
    instrumentation_scope: Any


LANGFUSE = Shape(_Langfuse)
LANGSMITH = Shape(_LangSmith)
LITELLM = Shape(_LiteLlm)
BATCH = Shape(_Batch)
CODEX = Shape(_Codex)
PI = Shape(_Pi)
CONSOLE = Shape(_Console)
