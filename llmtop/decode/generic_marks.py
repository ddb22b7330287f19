"""Names that show what a record is about, whatever their values."""

from __future__ import annotations

SPOKEN = frozenset({"prompt", "prompts", "completion", "choices", "max_tokens", "top_p",
                     "finish_reason", "stop_reason", "system_prompt", "user_prompt", "llm_model",
                     "llm_provider", "llm_latency", "llm_cost", "llm_duration", "llm_call",
                     "openai", "anthropic", "prompt_name", "llm_response", "llm_request",
                     "gen_ai_operation_name"})  # fmt: skip
"""Names that nothing but talk with a language model bears."""
OF_THINGS = frozenset({"pk", "table", "sql", "queryset", "manufacturer", "make", "vin", "brand",
                        "color", "year", "device", "device_id", "serial", "serial_number", "os",
                        "os_version", "app_label", "sku", "epoch", "loss", "accuracy",
                        "firmware", "user_agent", "orm"})  # fmt: skip
"""Names that stand beside the model of a database, a device, a car, a classifier in training."""
SEVERAL = frozenset({"calls", "num_calls", "n_calls", "call_count", "total_calls", "llm_calls",
                      "num_requests", "n_requests", "request_count", "requests",
                      "total_requests", "num_llm_calls", "total_llm_calls", "api_calls",
                      "calls_count", "requests_count", "llm_call_count"})  # fmt: skip
"""Names of a number of calls: a record that has one sums up."""
WORD_KEYS = ("event", "type", "message", "msg", "kind", "phase")
"""Where a record says in words what happened."""
