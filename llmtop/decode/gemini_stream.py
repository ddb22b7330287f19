"""Gemini CLI's `--output-format stream-json` and `json`: they tell the usage of a run in totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import agent_spans, attributes, errors, gemini_usage
from llmtop.decode.format import Document, Format
from llmtop.decode.messages import conversation, message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, shown, text
from llmtop.payload import Payload
from llmtop.span import Fragment, Span

_OUTPUT = frozenset({"session_id", "response", "stats", "error"})
"""All that `--output-format json` writes."""


class GeminiStream(Format):
    """A run is a turn; of its calls only the sum is told, for each model: one call a model."""

    name = "Gemini CLI stream"

    def __init__(self) -> None:
        self._session: str | None = None
        self._model: str | None = None
        self._began: float | None = None
        self._asked = -1

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the fields of each type of event, or by a response beside statistics."""
        match document.get("type"):
            case "init":
                return "session_id" in document and "model" in document
            case "message":
                return "role" in document and isinstance(document.get("content"), str)
            case "tool_use":
                return "tool_name" in document and "tool_id" in document
            case "tool_result":
                return "tool_id" in document
            case "result":
                told = document.get("stats") or document.get("error")
                return "status" in document and isinstance(told, dict)
            case "error":
                return "severity" in document and "message" in document
            case None:
                if "response" not in document:
                    return "error" in document and document.keys() <= _OUTPUT
                return isinstance(mapping(document.get("stats")).get("models"), dict)
        return False

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one event tells."""
        at = parse_time(document.get("timestamp"))
        match document.get("type"):
            case "init":
                self._session = text(document.get("session_id"))
                self._model = text(document.get("model"))
                self._began = at
                return [agent_spans.turn(self._run, self._session, None, at, place)]
            case "message" if document.get("role") == "user":
                self._asked = place
                named = Fragment(span_id=self._run, trace_id=self._session, end=at)
                named.name = agent_spans.name_of(message(document).text)
                return [named]
            case "tool_use":
                used = text(document.get("tool_id"))
                name = text(document.get("tool_name"))
                return [agent_spans.tool(used, self._session, self._run, name, at, place)]
            case "tool_result":
                return [self._tool_result(document, at, place)]
            case "error" if document.get("severity") != "warning":
                said = text(document.get("message"))
                return [agent_spans.error(None, self._session, self._run, None, said, at, place)]
            case "result" | None:
                return self._result(document, at, place)
        return ()

    @property
    def _run(self) -> str:
        return f"{self._session}:run"

    def _tool_result(self, document: Document, at: float | None, place: int) -> Fragment:
        failed = document.get("status") == "error"
        kind, said = errors.told(document.get("error")) if failed else (None, None)
        end = agent_spans.tool_end(None, self._session, "ok", at, place)
        end.span_id = text(document.get("tool_id"))
        if failed:
            agent_spans.ended(end, "error", at, said or text(document.get("output")), kind)
        return end

    def _result(self, document: Document, at: float | None, place: int) -> list[Fragment]:
        stats = mapping(document.get("stats"))
        if self._session is None:
            self._session = text(document.get("session_id"))
        models = mapping(stats.get("models")) or {self._model or "": stats}
        found: list[Fragment] = []
        for model, told in models.items():
            call = self._call(model, mapping(told), at, place)
            if not (call.input_tokens or call.output_tokens or call.status == "error"):
                continue
            if self._asked >= 0 and call.span_id is not None:
                found.append(agent_spans.asked(call.span_id, at, self._asked))
                call.flags &= ~agent_spans.OPENED
            found.append(call)
        return [*self._end(document, stats, at, place), *found]

    def _end(
        self, document: Document, stats: Mapping[str, Any], at: float | None, place: int
    ) -> list[Fragment]:
        """How the run ended; one that failed without a session is an error by itself."""
        told = document.get("error")
        failed = document.get("status") == "error" or bool(told)
        kind, said = errors.told(told) if failed else (None, None)
        if self._session is None:
            return [agent_spans.error(None, None, None, kind, said, at, place)] if failed else []
        turn = agent_spans.turn(self._run, self._session, None, self._began, place)
        turn.end = at
        turn.duration = attributes.milliseconds(stats.get("duration_ms"))
        if failed:
            turn.status, turn.error_type, turn.error_message = "error", kind or "error", said
        return [turn]

    def _call(self, model: str, told: Mapping[str, Any], at: float | None, place: int) -> Fragment:
        tokens = mapping(told.get("tokens")) or told
        api = mapping(told.get("api"))
        requests = count(api.get("totalRequests"))
        call = Fragment(
            span_id=f"{self._session}:{model}" if self._session is not None else None,
            trace_id=self._session,
            parent_id=self._run if self._session is not None else None,
            name=f"all {requests} calls of the run" if requests else "all calls of the run",
            operation="chat",
            provider="gcp.gemini",
            model=model or None,
            end=at,
            flags=agent_spans.BOTH,
            status="ok",
            session_id=self._session,
            place=place,
        )
        if requests == 1:
            call.name = None
            call.duration = attributes.milliseconds(api.get("totalLatencyMs"))
        gemini_usage.read(
            call,
            tokens.get("prompt", tokens.get("input_tokens")),
            tokens.get("candidates", tokens.get("output_tokens")),
            tokens.get("cached"),
            tokens.get("thoughts"),
            tokens.get("total", tokens.get("total_tokens")),
        )
        if not (call.input_tokens or call.output_tokens):
            call.input_tokens = call.output_tokens = None
            if count(api.get("totalErrors")):
                call.status, call.error_type = "error", "api_error"
        return call

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Prompt, answer and tools of the run, or the two events of one tool."""
        kind = text(document.get("type"))
        if kind in {"tool_use", "tool_result"}:
            if text(document.get("tool_id")) == span.span_id:
                payload.input += conversation(_or_none(document.get("parameters")), "tool")
                payload.output += conversation(document.get("output"), "tool")
            elif span.is_call and kind == "tool_use":
                call = {
                    "name": document.get("tool_name"),
                    "arguments": shown(document.get("parameters")),
                }
                payload.output += (message({"role": "assistant", "tool_calls": [call]}),)
        elif kind == "message" and (span.is_call or span.series.operation == "turn"):
            said = message(document)
            if document.get("role") == "user":
                payload.input += (said,)
            else:
                payload.output += (message({**document, "role": "assistant"}),)
        elif span.is_call and "stats" in document:
            payload.output += conversation(document.get("response"), "assistant")
            payload.attributes.update(mapping(document.get("stats")))


def _or_none(value: object) -> str | None:
    return None if value is None else shown(value)
