"""The names that people give to durations, and the unit that each of them tells."""

from __future__ import annotations

from collections.abc import Mapping

UNTOLD = 0.0
"""The unit of a name that tells none: the size of the number has to."""

_SUFFIXES: Mapping[str, float] = {
    "ms": 1e-3,
    "millis": 1e-3,
    "milliseconds": 1e-3,
    "msec": 1e-3,
    "in_ms": 1e-3,
    "s": 1.0,
    "sec": 1.0,
    "secs": 1.0,
    "seconds": 1.0,
    "in_seconds": 1.0,
    "us": 1e-6,
    "micros": 1e-6,
    "ns": 1e-9,
    "nanos": 1e-9,
    "minutes": 60.0,
}
_CERTAIN = (
    "latency", "duration", "elapsed", "response_time", "took", "elapsed_time", "time_taken",
    "total_time", "total_duration", "inference_time", "generation_time", "processing_time",
    "request_duration", "llm_latency", "llm_duration", "runtime", "total_latency", "wall_time",
    "api_latency", "api_duration", "call_duration", "call_latency", "request_latency",
    "llm_time", "e2e_latency", "end_to_end_latency", "execution_time", "response_latency",
    "model_latency", "round_trip_time", "time_elapsed", "llm_call_duration",
)  # fmt: skip
"""Names that are a duration's whether or not they bear a unit."""
_WITH_UNIT = ("time", "total", "request_time", "delay", "wall")
"""Names that are a duration's only with a unit."""

DURATIONS: Mapping[str, float] = {
    **{
        f"{name}_{suffix}": unit
        for name in (*_CERTAIN, *_WITH_UNIT)
        for suffix, unit in _SUFFIXES.items()
    },
    # What Bedrock's models tell of an invocation.
    "invocation_latency": 1e-3,
    **dict.fromkeys(_CERTAIN, UNTOLD),
    "seconds": 1.0,
    "ms": 1e-3,
}
"""Names of durations and their unit in seconds."""

FIRST_TOKENS: Mapping[str, float] = {
    **{
        f"{name}_{suffix}": unit
        for name in ("ttft", "time_to_first_token", "first_token", "first_token_latency",
                     "time_to_first_chunk", "first_token_time", "first_chunk", "ttfb")
        for suffix, unit in _SUFFIXES.items()
    },
    "first_byte_latency": 1e-3,
    **dict.fromkeys(("ttft", "time_to_first_token", "first_token_latency"), UNTOLD),
}  # fmt: skip
"""Names of the time to the first token and their unit in seconds."""
