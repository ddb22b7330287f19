"""Sessions of the pi coding agent and its kin (`~/.pi/agent/sessions`, `~/.omp`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import errors, providers, shapes
from llmtop.decode.format import Document, Format, lasts_until
from llmtop.decode.messages import conversation, message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, shown, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED
_LONGEST_NAME = 80
_ROLES = frozenset({"user", "assistant", "toolResult", "bashExecution", "custom"})


class Pi(Format):
    """Entries of a session: messages, of which the assistant's are calls with usage and cost."""

    name = "pi"

    def __init__(self) -> None:
        self._session: str | None = None
        self._turn: str | None = None
        self._asked = -1
        """Where the last message that the next call answers is."""

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the line that opens a session, or by a message among its entries."""
        match document.get("type"):
            case "session":
                return "cwd" in document and "id" in document
            case "message":
                told = document.get("message")
                return isinstance(told, dict) and text(told.get("role")) in _ROLES
            case "title":
                return "updatedAt" in document and "v" in document
            case "model_change" | "thinking_level_change" | "session_info":
                return "id" in document
        return False

    def read_line(self, line: bytes, place: int) -> Sequence[Fragment] | None:
        """An assistant's message without its text, which only a turn is named by."""
        if b'"role":"user"' in line or b'"role": "user"' in line:
            return None
        document = shapes.PI.line(line)
        if document is None or not self.recognises(document):
            return None
        return self.read(document, place)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one entry tells."""
        kind = document.get("type")
        if kind == "session":
            self._session = text(document.get("id"))
            return ()
        told = mapping(document.get("message"))
        if kind != "message":
            return ()
        name = text(document.get("id"))
        key = f"{self._session}:{name}" if name is not None else None
        at = parse_time(document.get("timestamp")) or parse_time(told.get("timestamp"))
        match told.get("role"):
            case "user":
                self._turn, self._asked = key, place
                return [self._begin_turn(told, key, at, place)]
            case "assistant":
                return self._call(told, key, at, place)
            case "toolResult":
                self._asked = place
                return [_tool_result(told, self._session, at, place)]
        return ()

    def _begin_turn(
        self, told: Mapping[str, Any], key: str | None, at: float | None, place: int
    ) -> Fragment:
        said = " ".join(message(told).text[:400].split())[:_LONGEST_NAME]
        return Fragment(
            span_id=key,
            trace_id=self._session,
            name=said or "turn",
            operation="turn",
            start=at,
            end=at,
            flags=_BOTH,
            status="ok",
            session_id=self._session,
            place=place,
        )

    def _call(
        self, told: Mapping[str, Any], key: str | None, at: float | None, place: int
    ) -> list[Fragment]:
        began = parse_time(told.get("timestamp"))
        stop = text(told.get("stopReason"))
        failed = stop == "error"
        said = text(told.get("errorMessage"))
        found: list[Fragment] = []
        flags = _BOTH
        if self._asked >= 0 and key is not None:
            opening = Fragment(span_id=key, operation="chat", end=at, flags=_OPENED)
            opening.place, flags = self._asked, _ENDED
            found.append(opening)
        fragment = Fragment(
            span_id=key,
            trace_id=self._session,
            parent_id=self._turn,
            operation="chat",
            provider=providers.provider(told.get("provider")),
            model=text(told.get("model")),
            start=began if began is not None and at is not None and began < at else None,
            end=at,
            status="error" if failed else "cancelled" if stop == "aborted" else "ok",
            error_type=(errors.kind_of(said) or "error") if failed else None,
            error_message=said if failed else None,
            finish_reason=stop,
            session_id=self._session,
            flags=flags,
            place=place,
        )
        _usage(fragment, mapping(told.get("usage")))
        found.append(fragment)
        if self._turn is not None and at is not None:
            found.append(lasts_until(self._turn, "turn", self._session, at))
        found += [
            _tool(part, self._session, self._turn, at, place)
            for part in _parts(told)
            if part.get("type") == "toolCall" and part.get("id")
        ]
        return found

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The message that an entry is, or one tool's arguments and result in it."""
        told = mapping(document.get("message"))
        role = told.get("role")
        name = text(document.get("id"))
        if span.series.operation == "execute_tool":
            if text(told.get("toolCallId")) == span.span_id:
                payload.output += conversation(told.get("content"), "tool")
            for part in _parts(told):
                if part.get("id") == span.span_id:
                    payload.input += conversation(shown(part.get("arguments")), "tool")
        elif span.span_id.endswith(f":{name}"):
            if role == "assistant":
                payload.output += (message(told, "assistant"),)
                payload.attributes.update(mapping(told.get("usage")))
            else:
                payload.input += (message(told),)
        elif span.is_call and role != "assistant":
            said = "tool" if role == "toolResult" else "user"
            payload.input += (message({**told, "role": said}),)


def _parts(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = told.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _usage(fragment: Fragment, told: Mapping[str, Any]) -> None:
    sent, read, written = (count(told.get(name)) for name in ("input", "cacheRead", "cacheWrite"))
    fragment.output_tokens = count(told.get("output"))
    fragment.input_tokens = None if sent is None else sent + (read or 0) + (written or 0)
    fragment.cache_read_tokens, fragment.cache_write_tokens = read, written
    if not (fragment.input_tokens or fragment.output_tokens):
        fragment.input_tokens = fragment.output_tokens = None
    cost = told.get("cost")
    fragment.cost = number(mapping(cost).get("total")) if isinstance(cost, dict) else number(cost)


def _tool(
    part: Mapping[str, Any], session: str | None, turn: str | None, at: float | None, place: int
) -> Fragment:
    return Fragment(
        span_id=text(part.get("id")),
        trace_id=session,
        parent_id=turn,
        name=text(part.get("name")),
        operation="execute_tool",
        start=at,
        flags=_OPENED,
        session_id=session,
        place=place,
    )


def _tool_result(
    told: Mapping[str, Any], session: str | None, at: float | None, place: int
) -> Fragment:
    failed = told.get("isError") is True
    return Fragment(
        span_id=text(told.get("toolCallId")),
        trace_id=session,
        name=text(told.get("toolName")),
        operation="execute_tool",
        end=at,
        flags=_ENDED,
        status="error" if failed else "ok",
        error_type="tool_error" if failed else None,
        error_message=message(told).text[:500] if failed else None,
        place=place,
    )
