"""Gemini CLI's `--output-format stream-json` and `json`: they tell the usage of a run in totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import attributes, errors
from llmtop.decode.format import Document, Format
from llmtop.decode.messages import conversation, message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, shown, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED
_LONGEST_NAME = 80


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
                return "status" in document and isinstance(document.get("stats"), dict)
            case "error":
                return "severity" in document and "message" in document
            case None:
                models = mapping(document.get("stats")).get("models")
                return "response" in document and isinstance(models, dict)
        return False

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one event tells."""
        at = parse_time(document.get("timestamp"))
        match document.get("type"):
            case "init":
                self._session = text(document.get("session_id"))
                self._model = text(document.get("model"))
                self._began = at
                return [self._turn(at, at, place)]
            case "message" if document.get("role") == "user":
                self._asked = place
                said = " ".join(message(document).text[:400].split())[:_LONGEST_NAME]
                return [Fragment(span_id=self._run, trace_id=self._session, name=said, end=at)]
            case "tool_use" | "tool_result":
                return [self._tool(document, at, place)]
            case "error":
                return [self._error(document, at, place)]
            case "result" | None:
                return self._result(document, at, place)
        return ()

    @property
    def _run(self) -> str:
        return f"{self._session}:run"

    def _turn(self, start: float | None, end: float | None, place: int) -> Fragment:
        return Fragment(
            span_id=self._run,
            trace_id=self._session,
            operation="turn",
            start=start,
            end=end,
            flags=_BOTH,
            status="ok",
            session_id=self._session,
            place=place,
        )

    def _tool(self, document: Document, at: float | None, place: int) -> Fragment:
        begins = document.get("type") == "tool_use"
        failed = document.get("status") == "error"
        kind, said = errors.told(document.get("error")) if failed else (None, None)
        return Fragment(
            span_id=text(document.get("tool_id")),
            trace_id=self._session,
            parent_id=self._run,
            name=text(document.get("tool_name")),
            operation="execute_tool",
            start=at if begins else None,
            end=None if begins else at,
            flags=_OPENED if begins else _ENDED,
            status=None if begins else "error" if failed else "ok",
            error_type=(kind or "tool_error") if failed else None,
            error_message=said,
            session_id=self._session,
            place=place,
        )

    def _error(self, document: Document, at: float | None, place: int) -> Fragment:
        said = text(document.get("message"))
        return Fragment(
            trace_id=self._session,
            parent_id=self._run,
            name="error",
            operation="other",
            start=at,
            end=at,
            flags=_BOTH,
            status="error",
            error_type=errors.kind_of(said) or text(document.get("severity")) or "error",
            error_message=said,
            session_id=self._session,
            place=place,
        )

    def _result(self, document: Document, at: float | None, place: int) -> list[Fragment]:
        stats = mapping(document.get("stats"))
        if self._session is None:
            self._session = text(document.get("session_id"))
        failed = document.get("status") == "error" or bool(document.get("error"))
        kind, said = errors.told(document.get("error")) if failed else (None, None)
        lasted = attributes.milliseconds(stats.get("duration_ms"))
        found: list[Fragment] = []
        if self._session is not None and lasted is not None:
            turn = self._turn(self._began, at, place)
            turn.duration, turn.status = lasted, "error" if failed else "ok"
            turn.error_type, turn.error_message = (kind or "error") if failed else None, said
            found.append(turn)
        models = mapping(stats.get("models")) or {self._model or "": stats}
        for model, told in models.items():
            call = self._call(model, mapping(told), at, place)
            if call.input_tokens is not None or call.output_tokens is not None:
                if self._asked >= 0 and self._session is not None:
                    opening = Fragment(span_id=call.span_id, operation="chat", end=at)
                    opening.flags, opening.place = _OPENED, self._asked
                    found.append(opening)
                    call.flags = _ENDED
                found.append(call)
        return found

    def _call(self, model: str, told: Mapping[str, Any], at: float | None, place: int) -> Fragment:
        tokens = mapping(told.get("tokens")) or told
        thoughts = count(tokens.get("thoughts"))
        output = count(tokens.get("candidates", tokens.get("output_tokens")))
        return Fragment(
            span_id=f"{self._session}:{model}" if self._session is not None else None,
            trace_id=self._session,
            parent_id=self._run if self._session is not None else None,
            name="all calls of the run",
            operation="chat",
            provider="gcp.gemini",
            model=model or None,
            end=at,
            input_tokens=count(tokens.get("prompt", tokens.get("input_tokens"))),
            output_tokens=None if output is None else output + (thoughts or 0),
            cache_read_tokens=count(tokens.get("cached")),
            reasoning_tokens=thoughts,
            flags=_BOTH,
            status="ok",
            session_id=self._session,
            place=place,
        )

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
