"""The names that people give, in logs of their own making, to what a call has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

NAMES: Mapping[str, tuple[str, ...]] = {
    "model": ("model", "model_name", "model_id", "llm_model", "llm_model_name", "engine",
              "deployment", "gen_ai_request_model", "request_model", "requested_model"),
    "response_model": ("response_model", "resolved_model", "gen_ai_response_model"),
    "provider": ("provider", "llm_provider", "custom_llm_provider", "vendor", "gen_ai_system",
                 "gen_ai_provider_name", "model_provider"),
    "operation": ("operation", "call_type", "endpoint_type", "gen_ai_operation_name",
                  "request_type"),
    "request_id": ("request_id", "req_id", "call_id", "completion_id", "llm_request_id",
                   "llm_call_id", "generation_id"),
    "response_id": ("response_id", "gen_ai_response_id"),
    "trace_id": ("trace_id", "dd_trace_id", "otel_trace_id", "correlation_id"),
    "span_id": ("span_id", "dd_span_id", "otel_span_id"),
    "parent_id": ("parent_id", "parent_span_id"),
    "user_id": ("user_id", "user", "end_user", "customer_id"),
    "session_id": ("session_id", "conversation_id", "thread_id", "chat_id", "session"),
    "finish_reason": ("finish_reason", "stop_reason", "finish_reasons", "done_reason"),
    "agent": ("agent", "agent_name"),
    "name": ("name", "task", "function", "step", "prompt_name"),
    "time": ("timestamp", "time", "ts", "@timestamp", "asctime", "datetime", "date", "created_at",
             "created", "logged_at", "event_time", "date_time"),
    "start": ("start_time", "started_at", "start", "request_time", "begin", "start_ts",
              "request_timestamp", "requested_at"),
    "end": ("end_time", "ended_at", "completed_at", "finished_at", "end", "end_ts",
            "response_timestamp", "responded_at"),
    "input_tokens": ("input_tokens", "prompt_tokens", "tokens_in", "tokens_input",
                     "tokens_prompt", "input_token_count", "prompt_token_count",
                     "prompt_eval_count", "gen_ai_usage_input_tokens",
                     "gen_ai_usage_prompt_tokens", "num_prompt_tokens", "n_prompt_tokens",
                     "num_input_tokens", "in_tokens", "usage_prompt_tokens",
                     "usage_input_tokens", "prompt_length_tokens", "request_tokens"),
    "output_tokens": ("output_tokens", "completion_tokens", "tokens_out", "tokens_output",
                      "tokens_completion", "output_token_count", "completion_token_count",
                      "candidates_token_count", "eval_count", "gen_ai_usage_output_tokens",
                      "gen_ai_usage_completion_tokens", "generated_tokens",
                      "num_completion_tokens", "num_output_tokens", "n_completion_tokens",
                      "out_tokens", "usage_completion_tokens", "usage_output_tokens",
                      "response_tokens"),
    "total_tokens": ("total_tokens", "tokens_total", "total_token_count", "tokens", "token_count",
                     "num_tokens", "tokens_used", "usage_total_tokens"),
    "cache_read_tokens": ("cache_read_tokens", "cached_tokens", "cache_read_input_tokens",
                          "cached_input_tokens", "cached_read_tokens", "cache_hit_tokens",
                          "cached_content_token_count", "prompt_cache_hit_tokens"),
    "cache_write_tokens": ("cache_write_tokens", "cache_creation_input_tokens",
                           "cache_creation_tokens", "cached_write_tokens"),
    "reasoning_tokens": ("reasoning_tokens", "thinking_tokens", "reasoning_output_tokens",
                         "thought_tokens", "thoughts_token_count"),
    "cost": ("cost", "cost_usd", "total_cost", "total_cost_usd", "estimated_cost",
             "response_cost", "price", "usd", "cost_in_usd", "cost_dollars", "llm_cost"),
    "error": ("error", "error_message", "exception", "exc_info", "err", "error_str", "errors",
              "error_msg"),
    "error_type": ("error_type", "error_code", "exception_type", "error_class", "error_name"),
    "status": ("status", "status_code", "http_status", "outcome", "success", "ok",
               "response_status"),
    "stream": ("stream", "streaming", "is_streaming", "streamed"),
    "base_url": ("base_url", "api_base", "endpoint", "url", "host", "server_address"),
    "input": ("messages", "prompt", "input", "inputs", "input_messages", "question", "query",
              "user_prompt", "prompt_text", "user_message", "input_text", "request_messages",
              "request"),
    "output": ("response", "completion", "output", "outputs", "choices", "answer", "content",
               "response_text", "completion_text", "output_text", "result", "generated_text",
               "assistant_message", "reply", "text"),
}  # fmt: skip
"""For each field its names, the likeliest first; spelling (`promptTokens`) does not matter."""

UNTOLD = 0.0
"""The unit of a name that tells none: the size of the number has to."""
DURATIONS: Mapping[str, float] = {
    **{
        f"{name}_{unit}": factor
        for name in ("latency", "duration", "elapsed", "response_time", "took", "time", "total",
                     "total_time", "elapsed_time", "request_duration", "request_time",
                     "processing_time", "inference_time", "generation_time", "llm_latency",
                     "llm_duration", "total_duration", "time_taken", "runtime", "total_latency")
        for unit, factor in (("ms", 1e-3), ("millis", 1e-3), ("milliseconds", 1e-3), ("msec", 1e-3),
                             ("s", 1.0), ("sec", 1.0), ("secs", 1.0), ("seconds", 1.0),
                             ("us", 1e-6), ("ns", 1e-9))
    },
    **dict.fromkeys(
        ("duration", "elapsed", "latency", "response_time", "took", "elapsed_time", "time_taken",
         "total_time", "total_duration", "inference_time", "generation_time", "processing_time",
         "request_duration", "llm_latency", "llm_duration", "runtime", "total_latency"),
        UNTOLD,
    ),
    "seconds": 1.0,
    "ms": 1e-3,
}  # fmt: skip
"""Names of durations and their unit in seconds."""

FIRST_TOKENS: Mapping[str, float] = {
    **{
        f"{name}_{unit}": factor
        for name in ("ttft", "time_to_first_token", "first_token", "first_token_latency",
                     "time_to_first_chunk", "first_token_time")
        for unit, factor in (("ms", 1e-3), ("s", 1.0), ("seconds", 1.0), ("sec", 1.0))
    },
    **dict.fromkeys(("ttft", "time_to_first_token", "first_token_latency"), UNTOLD),
}  # fmt: skip

INDEX: Mapping[str, tuple[str, int, float]] = {
    **{
        name: (field, rank, UNTOLD)
        for field, names in NAMES.items()
        for rank, name in enumerate(names)
    },
    **{name: ("duration", rank, unit) for rank, (name, unit) in enumerate(DURATIONS.items())},
    **{name: ("ttft", rank, unit) for rank, (name, unit) in enumerate(FIRST_TOKENS.items())},
}
"""For each name: its field, its rank among the field's names, and its unit."""

HOLDERS = frozenset(
    {
        "usage", "token_usage", "tokens", "token_counts", "metrics", "llm", "extra", "data",
        "timing", "timings", "performance", "metadata", "payload", "context", "fields",
        "response", "request", "event", "attributes", "props", "properties", "kwargs", "params",
        "result", "llm_call", "llm_metrics", "details", "info", "body", "record", "stats",
        "usage_metadata", "cost", "prompt_tokens_details", "input_tokens_details",
        "completion_tokens_details", "output_tokens_details", "llm_usage", "call", "meta",
        "json_payload", "llm_request", "llm_response", "openai", "anthropic", "completion",
        "output", "input",
    }
)  # fmt: skip
"""Objects that are looked into."""

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
    {"tokens", "token_usage", "usage", "token_counts", "llm_usage", "usage_metadata"}
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST_NAME = 80


@lru_cache(maxsize=8192)
def canonical(name: str) -> str:
    """A name in small letters with underscores: `promptTokens` and `Prompt-Tokens` are one."""
    if len(name) > _LONGEST_NAME:
        return ""
    if name.islower() and name.isidentifier():
        return name
    return _CAMEL.sub("_", name).lower().replace("-", "_").replace(".", "_").replace(" ", "_")
