"""opencode: its stored messages and parts, its exports, and the events of `opencode run`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import errors, providers
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation, message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, shown, text
from llmtop.payload import Message, Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED
_EVENTS = frozenset({"step_start", "step_finish", "text", "tool_use", "reasoning", "error"})


class OpenCode(Format):
    """An assistant's message is a call; parts are its text and its tools."""

    name = "opencode"

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the session's id as opencode spells it."""
        if isinstance(document.get("messages"), list):
            return "info" in document and any(
                isinstance(each, dict) and "sessionID" in mapping(each.get("info"))
                for each in document["messages"][:3]
            )
        if "sessionID" not in document:
            return False
        if document.get("type") in _EVENTS:
            return "timestamp" in document
        return ("role" in document and "id" in document) or "messageID" in document

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """Every call, turn and tool that a document tells of."""
        return [fragment for told in _told(document) for fragment in _fragments(told, place)]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The parts of one message, in an export or an event; a stored message has none."""
        listed = document.get("messages")
        for each in listed if isinstance(listed, list) else ():
            told = mapping(each)
            parts = told.get("parts")
            said = [part for part in parts if isinstance(part, dict)] if parts else []
            _describe(mapping(told.get("info")), said, span, payload)
        if not isinstance(listed, list):
            part = mapping(document.get("part")) or document
            if "messageID" in part:
                _describe({}, [part], span, payload)
            elif any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
                payload.attributes.update(document)
                payload.missing = "opencode keeps what was said in files of their own (part/)."


def _told(document: Document) -> list[Mapping[str, Any]]:
    listed = document.get("messages")
    if not isinstance(listed, list):
        return [document]
    found: list[Mapping[str, Any]] = []
    for each in listed:
        told = mapping(each)
        found.append(mapping(told.get("info")))
        parts = told.get("parts")
        found.extend(part for part in parts or () if isinstance(part, dict))
    return found


def _fragments(told: Mapping[str, Any], place: int) -> list[Fragment]:
    kind = text(told.get("type"))
    if "part" in told or kind in _EVENTS & {"error"}:
        return _event(told, place)
    if told.get("role") == "assistant":
        return [_call(told, place)]
    if told.get("role") == "user":
        return [_turn(told, place)]
    return [_tool(told, place)] if kind == "tool" else []


def _event(told: Mapping[str, Any], place: int) -> list[Fragment]:
    part = mapping(told.get("part"))
    at = parse_time(told.get("timestamp"))
    session = text(told.get("sessionID"))
    match told.get("type"):
        case "step_start":
            opening = _bare(part, session, place)
            opening.start, opening.flags = at, _OPENED
            return [opening]
        case "step_finish":
            closing = _bare(part, session, place)
            closing.end, closing.flags, closing.status = at, _ENDED, "ok"
            closing.finish_reason = text(part.get("reason"))
            _usage(closing, part)
            return [closing]
        case "tool_use":
            return [_tool(part, place)]
        case "error":
            kind, said = _failure(told.get("error"))
            return [
                Fragment(
                    trace_id=session,
                    name="error",
                    operation="other",
                    start=at,
                    end=at,
                    flags=_BOTH,
                    status="error",
                    error_type=kind or "error",
                    error_message=said,
                    session_id=session,
                    place=place,
                )
            ]
    return []


def _bare(part: Mapping[str, Any], session: str | None, place: int) -> Fragment:
    return Fragment(
        span_id=text(part.get("messageID")),
        trace_id=session,
        operation="chat",
        session_id=session,
        place=place,
    )


def _call(told: Mapping[str, Any], place: int) -> Fragment:
    times = mapping(told.get("time"))
    end = parse_time(times.get("completed"))
    error = told.get("error")
    kind, said = _failure(error)
    session = text(told.get("sessionID"))
    model = mapping(told.get("model"))
    fragment = Fragment(
        span_id=text(told.get("id")),
        trace_id=session,
        parent_id=text(told.get("parentID")),
        operation="chat",
        provider=providers.provider(told.get("providerID") or model.get("providerID")),
        model=text(told.get("modelID") or model.get("modelID")),
        start=parse_time(times.get("created")),
        end=end,
        flags=_OPENED | (_ENDED if end is not None or error else 0),
        finish_reason=text(told.get("finish")),
        session_id=session,
        agent=text(told.get("agent") or told.get("mode")),
        place=place,
    )
    if fragment.flags & _ENDED:
        aborted = kind == "MessageAbortedError"
        fragment.status = "cancelled" if aborted else "error" if error else "ok"
        if error and not aborted:
            fragment.error_type, fragment.error_message = kind or "error", said
        _usage(fragment, told)
    return fragment


def _usage(fragment: Fragment, told: Mapping[str, Any]) -> None:
    tokens = mapping(told.get("tokens"))
    cache = mapping(tokens.get("cache"))
    sent, read, written = (
        count(tokens.get("input")),
        count(cache.get("read")),
        count(cache.get("write")),
    )
    output = count(tokens.get("output"))
    fragment.cost = number(told.get("cost"))
    if not (sent or output or read or written):
        return
    fragment.input_tokens = None if sent is None else sent + (read or 0) + (written or 0)
    fragment.output_tokens = output
    fragment.cache_read_tokens, fragment.cache_write_tokens = read, written
    fragment.reasoning_tokens = count(tokens.get("reasoning"))


def _failure(error: object) -> tuple[str | None, str | None]:
    told = mapping(error)
    if not told:
        return errors.told(error)
    said = text(mapping(told.get("data")).get("message")) or text(told.get("message"))
    return text(told.get("name")) or errors.kind_of(said), said


def _turn(told: Mapping[str, Any], place: int) -> Fragment:
    at = parse_time(mapping(told.get("time")).get("created"))
    session = text(told.get("sessionID"))
    title = text(mapping(told.get("summary")).get("title"))
    return Fragment(
        span_id=text(told.get("id")),
        trace_id=session,
        name=title or "turn",
        operation="turn",
        start=at,
        end=at,
        flags=_BOTH,
        status="ok",
        session_id=session,
        place=place,
    )


def _tool(part: Mapping[str, Any], place: int) -> Fragment:
    state = mapping(part.get("state"))
    times = mapping(state.get("time"))
    status = text(state.get("status"))
    over = status in {"completed", "error"}
    session = text(part.get("sessionID"))
    failed = status == "error"
    return Fragment(
        span_id=text(part.get("callID") or part.get("id")),
        trace_id=session,
        parent_id=text(part.get("messageID")),
        name=text(part.get("tool")),
        operation="execute_tool",
        start=parse_time(times.get("start")),
        end=parse_time(times.get("end")),
        flags=_OPENED | (_ENDED if over else 0),
        status="error" if failed else "ok" if over else None,
        error_type="tool_error" if failed else None,
        error_message=text(state.get("error")) if failed else None,
        session_id=session,
        place=place,
    )


def _describe(
    info: Mapping[str, Any], parts: Sequence[Mapping[str, Any]], span: Span, payload: Payload
) -> None:
    own = text(info.get("id"))
    for part in parts:
        state = mapping(part.get("state"))
        kind = text(part.get("type"))
        if kind == "tool" and text(part.get("callID") or part.get("id")) == span.span_id:
            payload.input += conversation(shown(state.get("input")), "tool")
            payload.output += conversation(state.get("output", state.get("error")), "tool")
        elif text(part.get("messageID")) == span.span_id and kind in {"text", "reasoning", "tool"}:
            said = _said(part, state, "user" if info.get("role") == "user" else "assistant")
            if info.get("role") == "user":
                payload.input += (said,)
            else:
                payload.output += (said,)
    if own is not None and own == span.span_id:
        payload.attributes.update(info)


def _said(part: Mapping[str, Any], state: Mapping[str, Any], role: str) -> Message:
    if part.get("type") == "tool":
        call = {
            "id": part.get("callID"),
            "name": part.get("tool"),
            "arguments": shown(state.get("input")),
        }
        return message({"role": role, "tool_calls": [call]})
    said = text(part.get("text")) or ""
    if part.get("type") == "reasoning":
        said = f"[reasoning] {said}"
    return message({"role": role, "content": said})
