"""Events of Anthropic's managed agents: a model request is a pair of events, without its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import errors, usage
from llmtop.decode.format import Document, Format, lasts_until
from llmtop.decode.messages import conversation, message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, shown, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED
_LONGEST_NAME = 80
_WRAPPERS = ("raw", "event", "data")


class ManagedAgents(Format):
    """A session's events, as they are streamed, listed, or kept with something around them."""

    name = "Anthropic managed agents"

    def __init__(self) -> None:
        self._session: str | None = None
        self._model: str | None = None
        self._agent: str | None = None
        self._turn: str | None = None
        self._since = -1
        """Where the first event after the last model request is: what the next one was asked."""

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the types of events, which bear a point, or by a session of an agent's."""
        return _event(document) is not None

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one event tells."""
        event = _event(document)
        if event is None:
            return None
        at = parse_time(event.get("processed_at") or event.get("created_at"))
        match event.get("type"):
            case "session":
                self._begin_session(event)
                return ()
            case "user.message":
                return self._begin_turn(event, at, place)
            case "span.model_request_start":
                return [self._begin_call(event, at, place)]
            case "span.model_request_end":
                return self._end_call(event, at, place)
            case "agent.tool_use" | "agent.mcp_tool_use" | "agent.custom_tool_use":
                return [self._begin_tool(event, at, place)]
            case "agent.tool_result" | "agent.mcp_tool_result" | "user.custom_tool_result":
                return [self._end_tool(event, at, place)]
            case "session.error":
                return [self._error(event, at, place)]
        return ()

    def _begin_session(self, told: Mapping[str, Any]) -> None:
        agent = mapping(told.get("agent"))
        self._session = text(told.get("id"))
        model = agent.get("model")
        self._model = text(mapping(model).get("id")) or text(model)
        self._agent = text(agent.get("name"))

    def _begin_turn(self, event: Mapping[str, Any], at: float | None, place: int) -> list[Fragment]:
        self._since = place
        name = text(event.get("id"))
        if name is None or at is None:
            return []  # it was only sent: it comes again, with an id and a time
        self._turn = name
        said = " ".join(message(event).text[:400].split())[:_LONGEST_NAME]
        return [
            Fragment(
                span_id=name,
                trace_id=self._session or name,
                name=said or "turn",
                operation="turn",
                start=at,
                end=at,
                flags=_BOTH,
                status="ok",
                session_id=self._session,
                place=place,
            )
        ]

    def _begin_call(self, event: Mapping[str, Any], at: float | None, place: int) -> Fragment:
        asked = self._since if self._since >= 0 else place
        return Fragment(
            span_id=text(event.get("id")),
            trace_id=self._session or self._turn,
            parent_id=self._turn,
            operation="chat",
            provider="anthropic",
            model=self._model,
            start=at,
            flags=_OPENED,
            session_id=self._session,
            agent=self._agent,
            place=asked,
        )

    def _end_call(self, event: Mapping[str, Any], at: float | None, place: int) -> list[Fragment]:
        failed = event.get("is_error") is True
        kind, said = errors.told(event.get("error")) if failed else (None, None)
        self._since = -1
        fragment = Fragment(
            span_id=text(event.get("model_request_start_id")),
            trace_id=self._session or self._turn,
            operation="chat",
            provider="anthropic",
            end=at,
            flags=_ENDED,
            status="error" if failed else "ok",
            error_type=(kind or "api_error") if failed else None,
            error_message=said,
            place=place,
        )
        usage.read(fragment, mapping(event.get("model_usage")), exclusive=True)
        found = [fragment]
        if self._turn is not None and at is not None:
            trace = self._session or self._turn
            found.append(lasts_until(self._turn, "turn", trace, at))
        return found

    def _begin_tool(self, event: Mapping[str, Any], at: float | None, place: int) -> Fragment:
        return Fragment(
            span_id=text(event.get("id")),
            trace_id=self._session or self._turn,
            parent_id=self._turn,
            name=text(event.get("name")),
            operation="execute_tool",
            start=at,
            flags=_OPENED,
            session_id=self._session,
            place=place,
        )

    def _end_tool(self, event: Mapping[str, Any], at: float | None, place: int) -> Fragment:
        failed = event.get("is_error") is True
        if self._since < 0:
            self._since = place
        used = event.get("tool_use_id") or event.get("custom_tool_use_id")
        return Fragment(
            span_id=text(used or event.get("mcp_tool_use_id")),
            trace_id=self._session or self._turn,
            operation="execute_tool",
            end=at,
            flags=_ENDED,
            status="error" if failed else "ok",
            error_type="tool_error" if failed else None,
            error_message=message(event).text[:500] if failed else None,
            place=place,
        )

    def _error(self, event: Mapping[str, Any], at: float | None, place: int) -> Fragment:
        kind, said = errors.told(event.get("error"))
        return Fragment(
            span_id=text(event.get("id")),
            trace_id=self._session or self._turn,
            parent_id=self._turn,
            name="session error",
            operation="other",
            start=at,
            end=at,
            flags=_BOTH,
            status="error",
            error_type=kind or "error",
            error_message=said,
            session_id=self._session,
            place=place,
        )

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """What the events between a request's two say, or one tool's input and result."""
        event = _event(document) or {}
        kind = text(event.get("type")) or ""
        name = text(event.get("id"))
        if span.is_call:
            _fill_call(event, kind, payload)
        elif kind.endswith("tool_use") and name == span.span_id:
            payload.input += conversation(shown(event.get("input")), "tool")
        elif kind.endswith("tool_result") and span.span_id in event.values():
            payload.output += conversation(event.get("content"), "tool")
        elif name == span.span_id:
            payload.input += (message(event),)


def _fill_call(event: Mapping[str, Any], kind: str, payload: Payload) -> None:
    if kind == "user.message":
        payload.input += (message({**event, "role": "user"}),)
    elif kind.endswith("tool_result"):
        payload.input += (message({**event, "role": "tool"}),)
    elif kind.endswith("tool_use"):
        call = {
            "id": event.get("id"),
            "name": event.get("name"),
            "arguments": shown(event.get("input")),
        }
        payload.output += (message({"role": "assistant", "tool_calls": [call]}),)
    elif kind in {"agent.message", "agent.thinking"}:
        payload.output += (message({**event, "role": "assistant"}),)
    elif kind == "span.model_request_end":
        payload.attributes.update(mapping(event.get("model_usage")))


_FAMILIES = ("span.model_request_", "session.", "agent.", "user.")


def _event(document: Document) -> Mapping[str, Any] | None:
    """The event in a document: itself, or under the name that something around it gives it."""
    for told in (document, *(mapping(document.get(name)) for name in _WRAPPERS)):
        kind = told.get("type")
        if not isinstance(kind, str):
            continue
        if kind == "session" and isinstance(told.get("agent"), dict) and "environment_id" in told:
            return told
        if kind.startswith(_FAMILIES) and ("processed_at" in told or "content" in told):
            return told
    return None
