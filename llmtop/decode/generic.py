"""Any JSON object a line that names a model and says something of tokens, time, cost or text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import attribute_payload, attributes, errors, operations, providers, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, shown, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_BOTH = int(Flag.OPENED | Flag.ENDED)
_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_STREAM = int(Flag.STREAM)
_LOCAL = int(Flag.LOCAL)

NAMES: Mapping[str, tuple[str, ...]] = {
    "model": ("model", "model_name", "model_id", "llm_model", "gen_ai.request.model", "modelId"),
    "response_model": ("response_model", "gen_ai.response.model"),
    "provider": ("provider", "llm_provider", "custom_llm_provider", "vendor", "gen_ai.system"),
    "operation": ("operation", "call_type", "endpoint_type", "gen_ai.operation.name"),
    "request_id": ("request_id", "requestId", "req_id", "call_id", "completion_id"),
    "response_id": ("response_id",),
    "trace_id": ("trace_id", "traceId", "dd.trace_id"),
    "span_id": ("span_id", "spanId"),
    "parent_id": ("parent_id", "parent_span_id", "parentSpanId"),
    "user_id": ("user_id", "userId", "user", "end_user"),
    "session_id": ("session_id", "sessionId", "conversation_id", "conversationId", "thread_id"),
    "finish_reason": ("finish_reason", "stop_reason", "finishReason", "finish_reasons"),
    "agent": ("agent", "agent_name"),
    "name": ("name", "task", "function", "step", "prompt_name"),
    "time": ("timestamp", "time", "ts", "@timestamp", "asctime", "datetime", "date", "created_at"),
    "start": ("start_time", "started_at", "startTime", "start", "request_time", "begin"),
    "end": ("end_time", "ended_at", "endTime", "completed_at", "finished_at", "end"),
    "input_tokens": (
        "input_tokens",
        "prompt_tokens",
        "tokens_in",
        "tokens_input",
        "inputTokens",
        "promptTokens",
        "input_token_count",
        "prompt_token_count",
        "prompt_eval_count",
        "gen_ai.usage.input_tokens",
        "num_prompt_tokens",
        "n_prompt_tokens",
    ),
    "output_tokens": (
        "output_tokens",
        "completion_tokens",
        "tokens_out",
        "tokens_output",
        "outputTokens",
        "completionTokens",
        "output_token_count",
        "completion_token_count",
        "eval_count",
        "gen_ai.usage.output_tokens",
        "generated_tokens",
        "num_completion_tokens",
    ),
    "cache_read_tokens": (
        "cache_read_tokens",
        "cached_tokens",
        "cache_read_input_tokens",
        "cached_input_tokens",
    ),
    "cache_write_tokens": ("cache_write_tokens", "cache_creation_input_tokens"),
    "reasoning_tokens": ("reasoning_tokens", "thinking_tokens", "reasoning_output_tokens"),
    "cost": (
        "cost",
        "cost_usd",
        "costUSD",
        "total_cost",
        "total_cost_usd",
        "estimated_cost",
        "response_cost",
        "price",
        "usd",
    ),
    "error": ("error", "error_message", "exception", "exc_info", "err", "error_str"),
    "error_type": ("error_type", "error_code", "exception_type", "error_class"),
    "status": ("status", "outcome", "success", "ok"),
    "stream": ("stream", "streaming", "is_streaming", "streamed"),
    "base_url": ("base_url", "api_base", "endpoint", "url", "host"),
    "input": (
        "messages",
        "prompt",
        "input",
        "inputs",
        "request",
        "question",
        "query",
        "user_prompt",
        "prompt_text",
    ),
    "output": (
        "response",
        "completion",
        "output",
        "outputs",
        "answer",
        "content",
        "response_text",
        "completion_text",
        "result",
        "generated_text",
        "text",
    ),
}
"""For each field, the names that people give it, the likeliest first."""

DURATIONS: Mapping[str, float] = {
    "latency_ms": 1e-3,
    "duration_ms": 1e-3,
    "elapsed_ms": 1e-3,
    "response_time_ms": 1e-3,
    "took_ms": 1e-3,
    "time_ms": 1e-3,
    "total_ms": 1e-3,
    "durationMs": 1e-3,
    "latencyMs": 1e-3,
    "latency_s": 1.0,
    "duration_s": 1.0,
    "elapsed_s": 1.0,
    "latency_seconds": 1.0,
    "duration_seconds": 1.0,
    "latency_sec": 1.0,
    "duration_sec": 1.0,
    "elapsed_seconds": 1.0,
    "response_time_s": 1.0,
    "duration": 1.0,
    "elapsed": 1.0,
    "latency": 1.0,
    "response_time": 1.0,
    "took": 1.0,
    "total_duration": 1e-9,
    "duration_ns": 1e-9,
}
"""Names of durations and their unit in seconds; a bare `duration` is in seconds."""

FIRST_TOKENS: Mapping[str, float] = {
    "ttft_ms": 1e-3,
    "time_to_first_token_ms": 1e-3,
    "first_token_ms": 1e-3,
    "ttft_s": 1.0,
    "ttft": 1.0,
    "time_to_first_token": 1.0,
    "first_token_latency": 1.0,
}
_HOLDERS = ("usage", "token_usage", "tokens", "token_counts", "metrics", "llm", "extra", "data",
            "timing", "timings", "performance", "metadata", "payload", "context", "fields",
            "response", "request", "event", "attributes", "props", "kwargs", "params", "result",
            "llm_call", "llm_metrics", "details", "info", "body")  # fmt: skip
_PLAIN_TOKENS = {"input": "input_tokens", "prompt": "input_tokens", "in": "input_tokens",
                 "output": "output_tokens", "completion": "output_tokens",
                 "out": "output_tokens"}  # fmt: skip
_TELLING = ("input_tokens", "output_tokens", "cost", "duration", "ttft", "input", "output", "error")
_OPENING_WORDS = ("request", "start", "begin", "sent", "sending", "calling")
_ENDING_WORDS = ("response", "complet", "finish", "end", "done", "error", "fail", "received", "ok",
                 "retry")  # fmt: skip


class Generic(Format):
    """Hand-made logs: the names that people use, at the top or in the usual objects."""

    name = "generic JSON lines"

    def __init__(self) -> None:
        self._anonymous = 0

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a model, or a request's id, and one thing more that a call has."""
        told = taken(document)
        telling = [name for name in _TELLING if name in told]
        if "model" in told or "response_model" in told:
            return bool(telling) or "request_id" in told
        return "request_id" in told and any(
            name in told for name in ("input_tokens", "output_tokens", "cost", "ttft")
        )

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """One call a line, or one half of a call where the line says so."""
        told = taken(document)
        if "model" not in told and "request_id" not in told:
            return None
        fragment = Fragment(place=place)
        for field in _TEXT_FIELDS:
            setattr(fragment, field, text(told.get(field)))
        fragment.finish_reason = attributes.finish_reason(told.get("finish_reason"))
        fragment.provider = providers.provider(told.get("provider"))
        operation = operations.operation(told.get("operation"))
        fragment.operation = operation if operation not in {None, "other"} else "chat"
        for field in _COUNT_FIELDS:
            setattr(fragment, field, count(told.get(field)))
        usage.include_cache(fragment)
        fragment.cost = number(told.get("cost"))
        fragment.duration = number(told.get("duration"))
        fragment.ttft = number(told.get("ttft"))
        self._time(fragment, told, document)
        self._outcome(fragment, told)
        if told.get("stream") in (True, "true"):
            fragment.flags |= _STREAM
        if providers.is_local_provider(fragment.provider) or providers.is_local_address(
            told.get("base_url")
        ):
            fragment.flags |= _LOCAL
        return (fragment,)

    def _time(self, fragment: Fragment, told: Mapping[str, Any], document: Document) -> None:
        moment = parse_time(told.get("time"))
        fragment.start = parse_time(told.get("start"))
        fragment.end = parse_time(told.get("end"))
        half = _half(told, document, fragment)
        if half == "request":
            fragment.flags = _OPENED
            fragment.start = fragment.start or moment
        elif half == "response":
            fragment.flags = _ENDED
            fragment.end = fragment.end or moment
        else:
            fragment.flags = _BOTH
            if fragment.end is None and (fragment.start is None or fragment.duration is None):
                fragment.end = moment

    def _outcome(self, fragment: Fragment, told: Mapping[str, Any]) -> None:
        if not fragment.flags & _ENDED:
            return
        status = told.get("status")
        if isinstance(status, bool):
            fragment.status = "ok" if status else "error"
        else:
            code = number(status)
            if code is not None and 100 <= code < 600:
                fragment.status = "error" if code >= 400 else "ok"
                if code >= 400:
                    fragment.error_type = str(int(code))
            else:
                fragment.status = errors.status(status)
        error = told.get("error")
        if error not in (None, False, "", [], {}):
            fragment.status = "error"
            kind, fragment.error_message = errors.told(error)
            fragment.error_type = fragment.error_type or kind
        elif fragment.error_type is not None:
            fragment.status = "error"
        fragment.status = fragment.status or "ok"

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Prompt and answer under whichever names they have, and the rest as attributes."""
        if not any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            return
        told = taken(document)
        if "input" in told:
            payload.input += conversation(told["input"])
        if "output" in told:
            payload.output += conversation(told["output"], "assistant")
        shown_fields = {*NAMES["input"], *NAMES["output"]}
        rest = {name: value for name, value in document.items() if name not in shown_fields}
        attribute_payload.fill(payload, rest)


_TEXT_FIELDS = (
    "model",
    "response_model",
    "request_id",
    "response_id",
    "trace_id",
    "span_id",
    "parent_id",
    "user_id",
    "session_id",
    "agent",
    "name",
    "error_type",
)
_COUNT_FIELDS = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)


def taken(document: Document) -> dict[str, Any]:
    """What was taken for what: the values of a document by the fields they tell."""
    found: dict[str, Any] = {}
    for holder in _holders(document):
        for field, names in NAMES.items():
            if field not in found:
                for name in names:
                    value = holder.get(name)
                    if value is not None and _fits(field, value):
                        found[field] = value
                        break
        for field, units in (("duration", DURATIONS), ("ttft", FIRST_TOKENS)):
            if field not in found:
                for name, unit in units.items():
                    told = number(holder.get(name))
                    if told is not None:
                        found[field] = told * unit
                        break
    for name in ("tokens", "token_usage", "usage", "token_counts"):
        tokens = document.get(name)
        if isinstance(tokens, dict):
            for short, field in _PLAIN_TOKENS.items():
                if field not in found and count(tokens.get(short)) is not None:
                    found[field] = tokens[short]
            for inner in ("prompt_tokens_details", "input_tokens_details"):
                cached = mapping(tokens.get(inner)).get("cached_tokens")
                if cached is not None:
                    found.setdefault("cache_read_tokens", cached)
            for inner in ("completion_tokens_details", "output_tokens_details"):
                thought = mapping(tokens.get(inner)).get("reasoning_tokens")
                if thought is not None:
                    found.setdefault("reasoning_tokens", thought)
    return found


def _holders(document: Document) -> list[Document]:
    """The objects to look in: the line, and one level below in objects of the usual names."""
    found: list[Document] = [document]
    for name in _HOLDERS:
        inner = document.get(name)
        if isinstance(inner, dict):
            found.append(inner)
            for deeper in ("usage", "token_usage", "extra", "metrics", "tokens"):
                innermost = inner.get(deeper)
                if isinstance(innermost, dict):
                    found.append(innermost)
    record = document.get("record")
    if isinstance(record, dict):
        found.append(record)
        extra = record.get("extra")
        if isinstance(extra, dict):
            found.append(extra)
            found.extend(inner for inner in extra.values() if isinstance(inner, dict))
        if isinstance(record.get("time"), dict):
            found.append({"time": record["time"].get("timestamp")})
    return found


def _fits(field: str, value: object) -> bool:
    if field in _COUNT_FIELDS:
        return count(value) is not None
    if field in {"input", "output"}:
        return isinstance(value, str | list | dict)
    if field == "cost":
        return number(value) is not None
    if field in {"error", "status", "stream", "finish_reason"}:
        return True
    if field in {"time", "start", "end"}:
        return parse_time(value) is not None
    return isinstance(value, str) or (field.endswith("_id") and isinstance(value, int))


def _half(told: Mapping[str, Any], document: Document, fragment: Fragment) -> str | None:
    """Whether a line tells only the request or only the response of a call."""
    if fragment.request_id is None and fragment.span_id is None:
        return None
    answered = any(
        name in told for name in ("output_tokens", "duration", "output", "error", "cost", "ttft")
    ) or (fragment.finish_reason is not None)
    words = " ".join(
        shown(document[name]).lower()
        for name in ("event", "type", "message", "msg", "kind", "phase")
        if isinstance(document.get(name), str)
    )
    if answered:
        if "input" in told or fragment.start is not None:
            return None
        return "response"
    if any(word in words for word in _ENDING_WORDS) and not any(
        word in words for word in _OPENING_WORDS
    ):
        return "response"
    return "request"
