"""Shapes of what platforms export and proxies log: of a line only what figures are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from msgspec import Raw

from llmtop.decode.shapes import Shape
from llmtop.decode.values import mapping


class _Observation(TypedDict, total=False):
    id: Any
    traceId: Any
    trace_id: Any
    parentObservationId: Any
    parent_observation_id: Any
    type: Any
    name: Any
    model: Any
    providedModelName: Any
    provided_model_name: Any
    startTime: Any
    start_time: Any
    endTime: Any
    end_time: Any
    completionStartTime: Any
    completion_start_time: Any
    level: Any
    statusMessage: Any
    status_message: Any
    timeToFirstToken: Any
    time_to_first_token: Any
    timeToFirstTokenMs: Any
    usageDetails: Any
    usage_details: Any
    usage: Any
    promptTokens: Any
    completionTokens: Any
    totalTokens: Any
    costDetails: Any
    cost_details: Any
    totalCost: Any
    total_cost: Any
    calculatedTotalCost: Any
    sessionId: Any
    session_id: Any
    userId: Any
    user_id: Any


class _LangfuseTrace(TypedDict, total=False):
    id: Any
    sessionId: Any
    userId: Any


class _Langfuse(_Observation, total=False):
    observations: list[_Observation]
    trace: _LangfuseTrace | None
    projectId: Any


class _LangfuseEvent(TypedDict, total=False):
    type: Any
    body: _Observation


class _LangfuseEvents(_LangfuseEvent, total=False):
    batch: list[_LangfuseEvent]


class _Choice(TypedDict, total=False):
    finish_reason: Any


class _Outputs(TypedDict, total=False):
    generations: Any
    output: Any
    llm_output: Any
    usage_metadata: Any
    usage: Any
    model: Any
    id: Any
    choices: list[_Choice] | None
    stop_reason: Any


class _Extra(TypedDict, total=False):
    metadata: Any
    invocation_params: Any


class _Inputs(TypedDict, total=False):
    model: Any


class _RunEvent(TypedDict, total=False):
    name: Any
    time: Any


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
    prompt_token_details: Any
    completion_token_details: Any
    parent_run_ids: Any
    thread_id: Any
    metadata: Any
    status: Any
    events: list[_RunEvent] | None
    inputs: _Inputs | None
    outputs: _Outputs | None
    extra: _Extra | None
    child_runs: list[_Run] | None


class _LangSmith(_Run, total=False):
    post: list[_Run]
    patch: list[_Run]
    runs: list[_Run]


class _LiteLlmResponse(TypedDict, total=False):
    id: Any
    usage: Any
    choices: list[_Choice] | None
    stop_reason: Any


class _LiteLlmMetadata(TypedDict, total=False):
    usage_object: Any
    additional_usage_values: Any
    user_api_key_user_id: Any
    status: Any
    error_information: Any
    model_map_information: _ModelMap | None


class _Price(TypedDict, total=False):
    key: Any


class _ModelMap(TypedDict, total=False):
    model_map_value: _Price | None


class _LiteLlm(TypedDict, total=False):
    request_id: Any
    spend: Any
    session_id: Any
    model_group: Any
    user: Any
    mcp_namespaced_tool_name: Any
    response_cost_failure_debug_info: Any
    model_map_information: _ModelMap | None
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


_Raised = TypedDict("_Raised", {"exception.type": Any, "exception.message": Any}, total=False)


class _SpanEvent(TypedDict, total=False):
    name: Any
    time_unix_nano: Any
    timestamp: Any
    attributes: _Raised | None


class _SpanContext(TypedDict, total=False):
    trace_id: Any
    span_id: Any


class _MlflowSpan(TypedDict, total=False):
    name: Any
    context: _SpanContext
    trace_id: Any
    span_id: Any
    parent_id: Any
    parent_span_id: Any
    start_time: Any
    start_time_unix_nano: Any
    end_time: Any
    end_time_unix_nano: Any
    status: Any
    status_code: Any
    status_message: Any
    attributes: dict[str, Raw] | None
    events: list[_SpanEvent] | None


class _MlflowData(TypedDict, total=False):
    spans: list[_MlflowSpan]


class _MlflowInfo(TypedDict, total=False):
    trace_id: Any
    request_id: Any
    trace_metadata: Any
    request_metadata: Any


class _Mlflow(_MlflowSpan, total=False):
    info: _MlflowInfo
    data: _MlflowData
    trace_info: _MlflowInfo
    spans: list[_MlflowSpan]
    request_id: Any
    trace_metadata: Any
    request_metadata: Any


class _MlflowAsked(TypedDict, total=False):
    model: Any
    model_name: Any


class _MlflowAnswered(TypedDict, total=False):
    id: Any
    model: Any
    model_name: Any
    stop_reason: Any
    usage: Any
    choices: list[_Choice] | None


class _LlmAnswer(TypedDict, total=False):
    usage: Any
    finish_reason: Any
    stop_reason: Any
    choices: list[_Choice] | None


class _Llm(TypedDict, total=False):
    id: Any
    model: Any
    resolved_model: Any
    datetime_utc: Any
    timestamp_utc: Any
    duration_ms: Any
    conversation_id: Any
    chat_id: Any
    input_tokens: Any
    output_tokens: Any
    token_details: Any
    response_json: _LlmAnswer | None


LANGFUSE = Shape(_Langfuse)
LANGFUSE_EVENTS = Shape(_LangfuseEvents)
LANGSMITH = Shape(_LangSmith)
LITELLM = Shape(_LiteLlm)
LLM = Shape(_Llm)
MLFLOW = Shape(_Mlflow)
MLFLOW_ASKED = Shape(_MlflowAsked)
MLFLOW_ANSWERED = Shape(_MlflowAnswered)


def told(shape: Shape, value: object) -> Mapping[str, Any]:
    """What a shape takes of an object that is JSON in a text, or all of one that is none."""
    if type(value) is str and value[:1] == "{":
        return shape.line(value.encode("utf-8", "surrogatepass")) or mapping(value)
    return mapping(value)
