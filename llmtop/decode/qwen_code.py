"""Qwen Code's sessions (`~/.qwen/projects/**/chats`): records in Gemini's words, one a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import agent_events, agent_spans, errors, gemini_usage, shapes, usage
from llmtop.decode.format import Document, Format, lasts_until
from llmtop.decode.messages import conversation, message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, shown, text
from llmtop.payload import Payload
from llmtop.span import Fragment, Span

_KINDS = frozenset({"user", "assistant", "tool_result", "system"})
_OWN = ("usageMetadata", "toolCallResult", "systemPayload")
_STATUSES = {"error": "error", "cancelled": "cancelled"}
_COUNTS = ("promptTokenCount", "candidatesTokenCount", "cachedContentTokenCount",
           "thoughtsTokenCount", "totalTokenCount")  # fmt: skip
_MOST_WAITING = 1000

_Usage = tuple[str | None, int | None, int | None]
"""The model and the tokens of a call: by these its record and its telemetry are known as one."""


class QwenCode(Format):
    """Each answer is a call; the session's telemetry tells how long it took, and what failed.

    A branched session begins with copies of another's records, which keep their ids.
    """

    name = "Qwen Code"
    shape = shapes.QWEN_CODE

    def __init__(self) -> None:
        self._session: str | None = None
        self._turn: str | None = None
        self._since: float | None = None
        self._asked = -1
        self._lasted: dict[_Usage, float] = {}
        """How long calls took of which the record is still to come (seconds)."""

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a session's id beside messages of parts, or by fields of its own."""
        if document.get("type") not in _KINDS or "sessionId" not in document:
            return False
        told = document.get("message")
        if isinstance(told, dict) and isinstance(told.get("parts"), list):
            return True
        return "uuid" in document and any(name in document for name in _OWN)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one record tells."""
        copied = "forkedFrom" in document
        self._session = None if copied else text(document.get("sessionId"))
        at = parse_time(document.get("timestamp"))
        name = text(document.get("uuid"))
        match document.get("type"):
            case "user":
                return self._asks(document, name, at, place)
            case "assistant":
                return self._answers(document, name, at, place)
            case "tool_result":
                return self._tool_ends(document, at, place)
        told = mapping(mapping(document.get("systemPayload")).get("uiEvent"))
        return self._telemetry(told, name, at, place) if told else ()

    def _note_asked(self, at: float | None, place: int) -> None:
        self._since = at
        if self._asked < 0:
            self._asked = place

    def _asks(
        self, document: Document, name: str | None, at: float | None, place: int
    ) -> list[Fragment]:
        self._note_asked(at, place)
        if document.get("subtype") == "mid_turn_user_message":
            return []
        self._turn = name
        turn = agent_spans.turn(name, self._session, _typed(document), at, place)
        turn.agent = _agent(document)
        return [turn]

    def _answers(
        self, document: Document, name: str | None, at: float | None, place: int
    ) -> list[Fragment]:
        begun = self._since
        call = Fragment(
            span_id=name,
            trace_id=self._session,
            parent_id=self._turn,
            operation="chat",
            model=text(document.get("model")),
            start=begun if begun is not None and at is not None and begun <= at else None,
            end=at,
            flags=agent_spans.BOTH,
            status="ok",
            session_id=self._session,
            agent=_agent(document),
            place=place,
        )
        counts = mapping(document.get("usageMetadata"))
        gemini_usage.read(call, *(counts.get(each) for each in _COUNTS))
        usage.include_cache(call)
        call.duration = self._lasted.pop(_usage_of(call), None)
        found = [call]
        if self._asked >= 0 and name is not None:
            call.flags = agent_spans.ENDED
            found.insert(0, agent_spans.asked(name, at, self._asked))
        if self._turn is not None and at is not None:
            found.append(lasts_until(self._turn, "turn", self._session, at))
        for index, used in enumerate(_parts(document, "functionCall")):
            own = text(used.get("id")) or f"{name}:tool:{index}"
            title = text(used.get("name"))
            found.append(agent_spans.tool(own, self._session, self._turn, title, at, place))
        self._since, self._asked = at, -1
        return found

    def _tool_ends(self, document: Document, at: float | None, place: int) -> list[Fragment]:
        self._note_asked(at, place)
        result = mapping(document.get("toolCallResult"))
        answers = _parts(document, "functionResponse")
        used = text(result.get("callId")) or next((text(each.get("id")) for each in answers), None)
        status = _STATUSES.get(text(result.get("status")) or "", "ok")
        kind, said = errors.told(result.get("error"))
        said = (
            said if said not in (None, "{}") else text(shapes.opened(result.get("resultDisplay")))
        )
        end = agent_spans.tool_end(used, self._session, status, at, place)
        agent_spans.ended(end, status, at, said, text(result.get("errorType")) or kind)
        found = [end]
        if self._turn is not None and at is not None:
            found.append(lasts_until(self._turn, "turn", self._session, at))
        return found

    def _telemetry(
        self, told: Mapping[str, Any], name: str | None, at: float | None, place: int
    ) -> list[Fragment]:
        """An event of the session's telemetry: it repeats a call, or tells of one that failed."""
        event = text(told.get("event.name")) or ""
        call = agent_events.fragment_of(event, told, at, place)
        if call is None:
            return []
        if not event.endswith("api_error"):
            if call.duration is not None and len(self._lasted) < _MOST_WAITING:
                self._lasted[_usage_of(call)] = call.duration
            return []
        call.span_id, call.trace_id, call.session_id = name, self._session, self._session
        call.parent_id = self._turn
        return [call]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """What a record says of a call, a turn or a tool."""
        kind = document.get("type")
        told = mapping(document.get("message"))
        name = text(document.get("uuid"))
        if span.series.operation == "execute_tool":
            _fill_tool(document, span, payload)
        elif kind == "assistant":
            if name == span.span_id:
                payload.output = (_spoken(told, "assistant"),)
                payload.attributes.update(mapping(document.get("usageMetadata")))
        elif kind == "system":
            if name == span.span_id:
                agent_events.fill(payload, mapping(_event_of(document)))
        elif name == span.span_id or span.is_call:
            payload.input += (_spoken(told, "tool" if kind == "tool_result" else "user"),)


def _agent(document: Document) -> str | None:
    return text(document.get("agentName") or document.get("agentId"))


def _typed(document: Document) -> str:
    """The text of a user's record, of which the parts may still be undecoded."""
    parts = mapping(document.get("message")).get("parts")
    listed = parts if isinstance(parts, list) else []
    texts = (text(shapes.opened(part.get("text"))) for part in listed if isinstance(part, dict))
    return "\n".join(filter(None, texts))


def _event_of(document: Document) -> object:
    return mapping(document.get("systemPayload")).get("uiEvent")


def _usage_of(call: Fragment) -> _Usage:
    return call.model, call.input_tokens, call.output_tokens


def _parts(document: Document, name: str) -> list[Mapping[str, Any]]:
    """The parts of one kind of a record's message."""
    parts = mapping(document.get("message")).get("parts")
    listed = parts if isinstance(parts, list) else []
    return [part[name] for part in listed if isinstance(part, dict) and _has(part, name)]


def _has(part: Mapping[str, Any], name: str) -> bool:
    return isinstance(part.get(name), dict)


def _spoken(told: Mapping[str, Any], role: str) -> Any:
    """A message; what was only thought is said to be."""
    parts = told.get("parts")
    listed = parts if isinstance(parts, list) else []
    marked = [
        {"type": "reasoning", "text": part.get("text")} if _is_thought(part) else part
        for part in listed
    ]
    return message({"role": role, "content": marked})


def _is_thought(part: object) -> bool:
    return isinstance(part, dict) and part.get("thought") is True


def _fill_tool(document: Document, span: Span, payload: Payload) -> None:
    name = text(document.get("uuid"))
    for index, used in enumerate(_parts(document, "functionCall")):
        if (text(used.get("id")) or f"{name}:tool:{index}") == span.span_id:
            payload.input += conversation(shown(used.get("args")), "tool")
    for answer in _parts(document, "functionResponse"):
        if text(answer.get("id")) == span.span_id:
            response = mapping(answer.get("response"))
            said = response.get("output", response.get("error", answer.get("response")))
            payload.output += conversation(said, "tool")
