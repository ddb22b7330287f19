"""Events of Anthropic's managed agents: a model request is a pair of events, without its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import agent_spans, errors, shapes, usage
from llmtop.decode.format import Document, Format, lasts_until
from llmtop.decode.messages import conversation, message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, shown, text
from llmtop.payload import Payload
from llmtop.span import Fragment, Span

_WRAPPERS = ("raw", "event", "data")
_FAMILIES = ("span.model_request_", "session.", "agent.", "user.")
_TOLD = frozenset({"processed_at", "created_at", "content", "model_request_start_id"})
"""Of these, an event has at least one."""


class ManagedAgents(Format):
    """A session's events, as they are streamed, listed, or kept with something around them."""

    name = "Anthropic managed agents"
    shape = shapes.MANAGED_AGENTS

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
        return _event(document) is not None or bool(_page(document))

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one event tells, or each of a page of them."""
        event = _event(document)
        if event is not None:
            return self._tell(event, place)
        return [found for each in _page(document) for found in self._tell(each, place)]

    def _tell(self, event: Mapping[str, Any], place: int) -> Sequence[Fragment]:
        kind = event.get("type")
        at = parse_time(event.get("processed_at") or event.get("created_at"))
        match kind:
            case "session":
                self._begin_session(event)
            case "user.message":
                return self._begin_turn(event, at, place)
            case "user.interrupt" if self._turn is not None and at is not None:
                stopped = lasts_until(self._turn, "turn", self._trace, at)
                stopped.status = "cancelled"
                return [stopped]
            case "span.model_request_start":
                return [self._begin_call(event, at, place)]
            case "span.model_request_end":
                return self._end_call(event, at, place)
            case "agent.tool_use" | "agent.mcp_tool_use" | "agent.custom_tool_use":
                used, name = text(event.get("id")), text(event.get("name"))
                return [agent_spans.tool(used, self._trace, self._turn, name, at, place)]
            case "agent.tool_result" | "agent.mcp_tool_result" | "user.custom_tool_result":
                return [self._end_tool(event, at, place)]
            case "session.error":
                kind, said = errors.told(event.get("error"))
                own = text(event.get("id"))
                return [agent_spans.error(own, self._trace, self._turn, kind, said, at, place)]
        return ()

    @property
    def _trace(self) -> str | None:
        return self._session or self._turn

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
        turn = agent_spans.turn(name, self._trace, _said(event), at, place)
        turn.session_id = self._session
        return [turn]

    def _begin_call(self, event: Mapping[str, Any], at: float | None, place: int) -> Fragment:
        asked = self._since if self._since >= 0 else place
        return Fragment(
            span_id=text(event.get("id")),
            trace_id=self._trace,
            parent_id=self._turn,
            operation="chat",
            provider="anthropic",
            model=text(event.get("model")) or self._model,
            start=at,
            flags=agent_spans.OPENED,
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
            trace_id=self._trace,
            operation="chat",
            provider="anthropic",
            model=text(event.get("model")) or self._model,
            end=at,
            flags=agent_spans.ENDED,
            status="error" if failed else "ok",
            error_type=(kind or "api_error") if failed else None,
            error_message=said,
            place=place,
        )
        usage.read(fragment, mapping(event.get("model_usage")), exclusive=True)
        found = [fragment]
        if self._turn is not None and at is not None:
            found.append(lasts_until(self._turn, "turn", self._trace, at))
        return found

    def _end_tool(self, event: Mapping[str, Any], at: float | None, place: int) -> Fragment:
        failed = event.get("is_error") is True
        if self._since < 0:
            self._since = place
        used = event.get("tool_use_id") or event.get("custom_tool_use_id")
        return agent_spans.tool_end(
            text(used or event.get("mcp_tool_use_id")),
            self._trace,
            "error" if failed else "ok",
            at,
            place,
            _said(event) if failed else None,
        )

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """What the events between a request's two say, or one tool's input and result."""
        event = _event(document)
        listed = _page(document) if event is None else [event]
        if event is None and span.is_call:
            listed = _around(listed, span.span_id)
        for each in listed:
            _fill(each, span, payload)


def _said(event: Mapping[str, Any]) -> str:
    """What an event says, of which the content may still be undecoded."""
    return message({"content": shapes.opened(event.get("content"))}).text


def _fill(event: Mapping[str, Any], span: Span, payload: Payload) -> None:
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


def _around(events: Sequence[Mapping[str, Any]], call: str) -> Sequence[Mapping[str, Any]]:
    """The events of a page that are of one call: from the end of the call before to its own."""
    since = 0
    for at, event in enumerate(events):
        if event.get("type") == "span.model_request_end":
            if event.get("model_request_start_id") == call:
                return events[since : at + 1]
            since = at + 1
    return events[since:]


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


def _event(document: Document) -> Mapping[str, Any] | None:
    """The event in a document: itself, or under the name that something around it gives it."""
    if _is_event(document):
        return document
    for name in _WRAPPERS:
        told = document.get(name)
        if isinstance(told, dict) and _is_event(told):
            return told
    return None


def _is_event(told: Mapping[str, Any]) -> bool:
    kind = told.get("type")
    if not isinstance(kind, str):
        return False
    if kind.startswith(_FAMILIES):
        return not _TOLD.isdisjoint(told)
    return kind == "session" and isinstance(told.get("agent"), dict) and "environment_id" in told


def _page(document: Document) -> Sequence[Mapping[str, Any]]:
    """The events of a page of a list of them, or none."""
    listed = document.get("data")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        return ()
    return listed if any(map(_is_event, listed[:3])) else ()
