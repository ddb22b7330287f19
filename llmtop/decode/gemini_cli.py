"""Gemini CLI's sessions: one document that is rewritten in place, or lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import errors
from llmtop.decode.format import Document, Format
from llmtop.decode.messages import conversation, message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, shown, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_BOTH = int(Flag.OPENED | Flag.ENDED)
_LONGEST_NAME = 80
_MOST_MESSAGES = 20_000


class GeminiCli(Format):
    """A session with its messages; the time of a call is the gap to the message before it."""

    name = "Gemini CLI"

    def __init__(self) -> None:
        self._session: str | None = None
        self._turn: str | None = None
        self._before: float | None = None
        self._befores: dict[str, float | None] = {}
        """When the message before each one was: lines tell a message again as it grows."""

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a session of a project, or by one message of the lines' form."""
        if "projectHash" in document and "sessionId" in document:
            return True
        if "$set" in document or "$rewindTo" in document:
            return True
        return (
            document.get("type") in {"gemini", "user", "info", "error", "warning"}
            and "id" in document
            and "timestamp" in document
            and "content" in document
            and "sessionId" not in document
        )

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """Calls, tools and turns of a session, or of the one message of a line."""
        if "sessionId" in document:
            self._session = text(document.get("sessionId"))
            self._turn = self._before = None
            self._befores.clear()
        told_later = document.get("$set")
        messages = document.get("messages", mapping(told_later).get("messages"))
        listed: list[Mapping[str, Any]] = [document] if "type" in document else []
        if isinstance(messages, list):
            listed = [told for told in messages if isinstance(told, dict)]
        found: list[Fragment] = []
        for told in listed:
            found.extend(self._message(told, place))
        return found

    def _message(self, told: Mapping[str, Any], place: int) -> list[Fragment]:
        at = parse_time(told.get("timestamp"))
        kind = told.get("type")
        name = text(told.get("id"))
        before = self._befores.setdefault(name or "", self._before)
        if len(self._befores) > _MOST_MESSAGES:
            self._befores.clear()
        self._before = at
        if kind == "user":
            self._turn = name
            said = message(told).text
            return [
                Fragment(
                    span_id=name,
                    trace_id=self._session,
                    name=" ".join(said.split())[:_LONGEST_NAME],
                    operation="turn",
                    start=at,
                    end=at,
                    flags=_BOTH,
                    status="ok",
                    session_id=self._session,
                    place=place,
                )
            ]
        if kind == "error":
            return [_error(told, self._session, self._turn, at, place)]
        if kind != "gemini":
            return []
        found = [_tool(call, self._session, self._turn, at, place) for call in _tools(told)]
        tokens = mapping(told.get("tokens"))
        if tokens:
            found.append(self._call(told, tokens, before, at, place))
            if self._turn is not None:
                found.append(
                    Fragment(span_id=self._turn, trace_id=self._session, end=at, flags=_BOTH)
                )
        return found

    def _call(
        self,
        told: Mapping[str, Any],
        tokens: Mapping[str, Any],
        before: float | None,
        at: float | None,
        place: int,
    ) -> Fragment:
        output, thoughts = count(tokens.get("output")), count(tokens.get("thoughts"))
        return Fragment(
            span_id=text(told.get("id")),
            trace_id=self._session,
            parent_id=self._turn,
            operation="chat",
            provider="gcp.gemini",
            model=text(told.get("model")),
            start=before if before is not None and at is not None and before <= at else None,
            end=at,
            input_tokens=count(tokens.get("input")),
            output_tokens=None if output is None else output + (thoughts or 0),
            cache_read_tokens=count(tokens.get("cached")),
            reasoning_tokens=thoughts,
            flags=_BOTH,
            status="ok",
            session_id=self._session,
            place=place,
        )

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The content of the message that is the span."""
        messages = document.get("messages")
        listed = messages if isinstance(messages, list) else [document]
        before: Mapping[str, Any] = {}
        for told in listed:
            if not isinstance(told, dict):
                continue
            if text(told.get("id")) == span.span_id:
                if before.get("type") == "user":
                    payload.input += conversation([{"role": "user", "content": before["content"]}])
                role = "user" if told.get("type") == "user" else "assistant"
                calls = [
                    {"name": call.get("name"), "arguments": shown(call.get("args"))}
                    for call in _tools(told)
                ]
                said = message({"role": role, "content": told.get("content"), "tool_calls": calls})
                payload.output += (said,)
                return
            before = told


def _error(
    told: Mapping[str, Any], session: str | None, turn: str | None, at: float | None, place: int
) -> Fragment:
    said = message(told).text
    return Fragment(
        span_id=text(told.get("id")),
        trace_id=session,
        parent_id=turn,
        name="error",
        operation="other",
        start=at,
        end=at,
        flags=_BOTH,
        status="error",
        error_type=errors.kind_of(said) or "error",
        error_message=said,
        session_id=session,
        place=place,
    )


def _tools(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = told.get("toolCalls")
    return [call for call in listed if isinstance(call, dict)] if isinstance(listed, list) else []


def _tool(
    call: Mapping[str, Any], session: str | None, turn: str | None, at: float | None, place: int
) -> Fragment:
    failed = call.get("status") == "error"
    return Fragment(
        span_id=text(call.get("id")),
        trace_id=session,
        parent_id=turn,
        name=text(call.get("name")),
        operation="execute_tool",
        start=parse_time(call.get("timestamp")) or at,
        end=at,
        flags=_BOTH,
        status="error" if failed else "cancelled" if call.get("status") == "cancelled" else "ok",
        error_type="tool_error" if failed else None,
        session_id=session,
        place=place,
    )
