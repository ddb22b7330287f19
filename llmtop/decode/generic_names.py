"""The names that people give, in logs of their own making, to what a call has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from llmtop.decode.duration_names import DURATIONS, FIRST_TOKENS, UNTOLD

NAMES: Mapping[str, tuple[str, ...]] = {
    "model": ("model", "model_name", "model_id", "llm_model", "llm_model_name", "engine",
              "deployment", "gen_ai_request_model", "request_model", "requested_model",
              "model_requested", "chat_model", "ai_model", "deployment_name", "azure_deployment",
              "model_used", "llm", "llm_name", "foundation_model", "model_version"),
    "response_model": ("response_model", "resolved_model", "gen_ai_response_model",
                       "model_served", "answered_model"),
    "provider": ("provider", "llm_provider", "custom_llm_provider", "vendor", "gen_ai_system",
                 "gen_ai_provider_name", "model_provider", "provider_name", "ai_provider",
                 "api_provider", "ai_org"),
    "operation": ("operation", "call_type", "endpoint_type", "gen_ai_operation_name",
                  "request_type"),
    "request_id": ("request_id", "req_id", "call_id", "completion_id", "llm_request_id",
                   "llm_call_id", "generation_id", "interaction_id", "invocation_id",
                   "x_request_id"),
    "response_id": ("response_id", "gen_ai_response_id"),
    "trace_id": ("trace_id", "dd_trace_id", "otel_trace_id", "correlation_id"),
    "span_id": ("span_id", "dd_span_id", "otel_span_id"),
    "parent_id": ("parent_id", "parent_span_id"),
    "user_id": ("user_id", "user", "end_user", "customer_id", "user_email"),
    "session_id": ("session_id", "conversation_id", "thread_id", "chat_id", "session",
                   "chat_session_id"),
    "finish_reason": ("finish_reason", "stop_reason", "finish_reasons", "done_reason",
                      "completion_reason"),
    "agent": ("agent", "agent_name"),
    "name": ("name", "task", "function", "step", "prompt_name", "stage", "call_name"),
    "time": ("timestamp", "time", "ts", "@timestamp", "asctime", "datetime", "date", "created_at",
             "created", "logged_at", "event_time", "date_time", "timestamp_ms", "ts_ms",
             "time_ms", "epoch_ms", "unix_time", "unix_timestamp", "create_time", "datetime_utc",
             "@t", "log_time", "logging_time", "receive_timestamp"),
    "start": ("start_time", "started_at", "start", "request_time", "begin", "start_ts",
              "request_timestamp", "requested_at", "request_created_at", "start_timestamp",
              "request_start", "request_start_time", "started", "time_start", "arrival_time"),
    "end": ("end_time", "ended_at", "completed_at", "finished_at", "end", "end_ts",
            "response_timestamp", "responded_at", "response_created_at", "end_timestamp",
            "response_time", "request_end_time", "finished", "time_end", "completed",
            "finished_time"),
    "input_tokens": ("input_tokens", "prompt_tokens", "tokens_in", "tokens_input",
                     "tokens_prompt", "input_token_count", "prompt_token_count",
                     "prompt_eval_count", "gen_ai_usage_input_tokens",
                     "gen_ai_usage_prompt_tokens", "num_prompt_tokens", "n_prompt_tokens",
                     "num_input_tokens", "n_input_tokens", "in_tokens", "usage_prompt_tokens",
                     "usage_input_tokens", "prompt_length_tokens", "request_tokens",
                     "prompt_token", "input_token", "tokens_sent", "llm_input_tokens",
                     "llm_prompt_tokens", "prompt_tokens_count", "input_tokens_count",
                     "tokens_prompt_count", "input_text_token_count", "total_input_tokens",
                     "total_prompt_tokens", "req_units"),
    "output_tokens": ("output_tokens", "completion_tokens", "tokens_out", "tokens_output",
                      "tokens_completion", "output_token_count", "completion_token_count",
                      "candidates_token_count", "eval_count", "gen_ai_usage_output_tokens",
                      "gen_ai_usage_completion_tokens", "generated_tokens",
                      "num_completion_tokens", "num_output_tokens", "n_completion_tokens",
                      "num_generation_tokens",
                      "n_output_tokens", "num_generated_tokens", "out_tokens",
                      "usage_completion_tokens", "usage_output_tokens", "response_tokens",
                      "completion_token", "output_token", "tokens_received",
                      "tokens_generated", "generation_token_count", "llm_output_tokens",
                      "llm_completion_tokens", "completion_tokens_count",
                      "output_tokens_count", "total_output_tokens",
                      "total_completion_tokens", "res_units"),
    "total_tokens": ("total_tokens", "tokens_total", "total_token_count", "tokens", "token_count",
                     "num_tokens", "tokens_used", "usage_total_tokens", "llm_total_tokens",
                     "llm_tokens", "n_tokens", "total_token", "used_tokens", "total_units"),
    "cache_read_tokens": ("cache_read_tokens", "cached_tokens", "cache_read_input_tokens",
                          "cached_input_tokens", "cached_read_tokens", "cache_hit_tokens",
                          "cached_content_token_count", "prompt_cache_hit_tokens",
                          "tokens_cached", "cached_prompt_tokens", "input_cached_tokens",
                          "prompt_cached_tokens", "cache_read_input_token_count",
                          "cached_token_count", "tokens_cache_read"),
    "cache_write_tokens": ("cache_write_tokens", "cache_creation_input_tokens",
                           "cache_creation_tokens", "cached_write_tokens",
                           "cache_write_input_tokens", "cache_write_input_token_count",
                           "tokens_cache_write"),
    "cache_write_1h_tokens": ("ephemeral_1h_input_tokens",),
    "reasoning_tokens": ("reasoning_tokens", "thinking_tokens", "reasoning_output_tokens",
                         "thought_tokens", "thoughts_token_count", "tokens_reasoning"),
    "cost": ("cost", "cost_usd", "total_cost", "total_cost_usd", "estimated_cost",
             "response_cost", "price", "usd", "cost_in_usd", "cost_dollars", "llm_cost",
             "estimated_cost_usd", "cost_estimate", "est_cost", "cost_total", "call_cost",
             "request_cost", "llm_cost_usd", "usd_cost", "total_price"),
    "error": ("error", "error_message", "exception", "exc_info", "err", "error_str", "errors",
              "error_msg", "exc", "error_details", "exception_message", "traceback",
              "stack_trace"),
    "error_type": ("error_type", "error_code", "exception_type", "error_class", "error_name",
                   "exc_type"),
    "status": ("status", "status_code", "http_status", "outcome", "success", "ok",
               "response_status", "http_status_code", "response_status_code", "is_success",
               "succeeded", "call_status"),
    "failed": ("is_error", "has_error", "failed", "is_failure", "errored"),
    "level": ("level", "levelname", "severity", "log_level"),
    "stream": ("stream", "streaming", "is_streaming", "streamed", "is_streamed", "is_stream"),
    "base_url": ("base_url", "api_base", "endpoint", "url", "server_address"),
    "input": ("messages", "prompt", "input", "inputs", "input_messages", "question", "query",
              "user_prompt", "prompt_text", "user_message", "input_text", "request_messages",
              "request", "prompts", "contents", "user_input", "prompt_preview",
              "request_body", "llm_input"),
    "output": ("response", "completion", "output", "outputs", "choices", "answer", "content",
               "response_text", "completion_text", "output_text", "result", "generated_text",
               "assistant_message", "reply", "text", "candidates", "raw_response",
               "response_preview", "response_body", "model_response", "llm_output",
               "response_content", "generation"),
}  # fmt: skip
"""For each field its names, the likeliest first; spelling (`promptTokens`) does not matter."""

CENTS = 0.01
_IN_CENTS = ("cost_cents", "cost_in_cents", "total_cost_cents", "cost_usd_cents")

Hit = tuple[str, int, float]
"""A field, the rank of a name among the field's names, and the unit that the name tells."""


def _index() -> Mapping[str, tuple[Hit, ...]]:
    found: dict[str, tuple[Hit, ...]] = {}
    for field, names in NAMES.items():
        for rank, name in enumerate(names):
            found[name] = (*found.get(name, ()), (field, rank, UNTOLD))
    for rank, name in enumerate(_IN_CENTS):
        found[name] = (*found.get(name, ()), ("cost", 50 + rank, CENTS))
    for field, units in (("duration", DURATIONS), ("ttft", FIRST_TOKENS)):
        for rank, (name, unit) in enumerate(units.items()):
            # Without a unit it is the size of the numbers of this log that has to tell it.
            of = field if unit != UNTOLD else f"{field}_untold"
            found[name] = (*found.get(name, ()), (of, rank, unit))
    return found


INDEX = _index()
"""For each name the fields that it may tell; most tell one."""

HOLDERS = frozenset(
    {
        "usage", "token_usage", "tokens", "token_counts", "metrics", "llm", "extra", "data",
        "timing", "timings", "performance", "metadata", "payload", "context", "fields",
        "response", "request", "event", "attributes", "props", "properties", "kwargs", "params",
        "result", "llm_call", "llm_metrics", "details", "info", "body", "record", "stats",
        "usage_metadata", "cost", "prompt_tokens_details", "input_tokens_details",
        "completion_tokens_details", "output_tokens_details", "llm_usage", "call", "meta",
        "json_payload", "llm_request", "llm_response", "openai", "anthropic", "completion",
        "output", "input", "request_body", "response_body", "raw_response", "response_json",
        "request_json", "api_response", "api_request", "response_payload", "request_payload",
        "usage_metrics", "usage_info", "token_info", "cache_creation", "ai", "ai_proxy", "proxy",
        "generation", "inference", "ctx", "dd", "message", "model_response", "cost_info",
        "response_metadata", "input_token_details", "output_token_details", "inputs", "outputs",
        "llm_output", "full_request", "full_response", "provider",
    }
)  # fmt: skip
"""Objects that are looked into."""

ASKED = frozenset({"request", "input", "request_body", "request_json", "api_request",
                   "request_payload", "llm_request", "inputs", "full_request"})  # fmt: skip
ANSWERED = frozenset({"response", "output", "completion", "result", "response_body",
                      "raw_response", "response_json", "api_response", "response_payload",
                      "llm_response", "model_response", "generation", "message", "outputs",
                      "llm_output", "full_response"})  # fmt: skip
"""Objects that may be what a program asked and was answered, which tells nothing of the call."""
BODIES = frozenset({"request", "response", "request_body", "response_body", "requestBody",
                    "responseBody", "raw_response", "rawResponse", "raw_request", "rawRequest",
                    "request_json", "response_json", "requestJson", "responseJson",
                    "request_payload", "response_payload", "requestPayload", "responsePayload",
                    "api_request", "api_response", "llm_response", "llm_request",
                    "body"})  # fmt: skip
"""Keys of requests and answers of an API that may be written as JSON in a text."""
OF_A_BODY = frozenset({"usage", "token_usage", "tokens", "choices", "usage_metadata", "model",
                       "model_name", "messages", "contents", "body", "stop_reason", "finish_reason",
                       "prompt_eval_count", "generation_token_count"})  # fmt: skip
"""What shows that such an object is the API's own, and not what was said."""

SHORT_TOKENS: Mapping[str, str] = {
    "input": "input_tokens",
    "prompt": "input_tokens",
    "in": "input_tokens",
    "output": "output_tokens",
    "completion": "output_tokens",
    "out": "output_tokens",
    "total": "total_tokens",
    "cached": "cache_read_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write": "cache_write_tokens",
    "reasoning": "reasoning_tokens",
}
"""What numbers are called inside an object that is about tokens."""
TOKEN_HOLDERS = frozenset(
    {"tokens", "token_usage", "usage", "token_counts", "llm_usage", "usage_metadata",
     "usage_metrics", "token_info", "usage_info"}
)  # fmt: skip
SHORT_COSTS = frozenset({"total", "usd", "amount"})
"""What the sum is called inside an object that is about cost."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST_NAME = 80


def canonical(name: str) -> str:
    """A name in small letters with underscores: `promptTokens` and `Prompt-Tokens` are one.

    Empty for one that is too long for a name.
    """
    return _canonical(name) if len(name) <= _LONGEST_NAME else ""


@lru_cache(maxsize=8192)
def _canonical(name: str) -> str:
    if name.islower() and name.isidentifier():
        return name
    return _CAMEL.sub("_", name).lower().replace("-", "_").replace(".", "_").replace(" ", "_")
