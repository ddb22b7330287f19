"""Sessions of the pi coding agent and its kin (`~/.pi/agent/sessions`, `~/.omp`, OpenClaw)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import agent_spans, attributes, errors, providers, shapes
from llmtop.decode.format import Document, Format, lasts_until
from llmtop.decode.messages import conversation, message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, shown, text
from llmtop.payload import Payload
from llmtop.span import Fragment, Span

_ROLES = frozenset({"user", "assistant", "toolResult", "bashExecution", "custom", "hookMessage"})
_TOLD = frozenset({"usage", "model", "provider", "stopReason"})
_CHANGES = frozenset(
    {"model_change", "thinking_level_change", "session_info", "branch_summary", "session_init"}
)
_ENTRIES = frozenset(
    {"compaction", "custom", "custom_message", "label", "title_change", "mode_change"}
)
_EVENTS = frozenset(
    {
        "agent_start",
        "agent_end",
        "turn_start",
        "turn_end",
        "message_start",
        "message_update",
        "tool_execution_start",
        "tool_execution_update",
        "tool_execution_end",
    }
)
"""What `--mode json` writes besides the messages that are over; all of it is told in those, too."""


class Pi(Format):
    """Entries of a session: messages, of which the assistant's are calls with usage and cost.

    A forked session begins with copies of its parent's entries, their ids and times kept: an entry
    is known by the two, wherever it stands.
    """

    name = "pi"
    shape = shapes.PI

    def __init__(self) -> None:
        self._session: str | None = None
        self._forked: float | None = None
        """When the session was made as a fork: entries from before it are its parent's."""
        self._model: str | None = None
        self._turn: str | None = None
        self._asked = -1
        """Where the first message is that the next call answers."""

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the line that opens a session, or by a message among its entries."""
        kind = document.get("type")
        match kind:
            case "message" | "message_end":
                told = document.get("message")
                return isinstance(told, dict) and text(told.get("role")) in _ROLES
            case "session":
                return "id" in document and ("cwd" in document or "timestamp" in document)
            case "title":
                return "updatedAt" in document and "v" in document
        if kind in _CHANGES:
            return "id" in document or "timestamp" in document
        if kind in _ENTRIES:
            return "parentId" in document
        return kind in _EVENTS and "session_id" not in document and "sessionID" not in document

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one entry tells."""
        match document.get("type"):
            case "message" | "message_end":
                return self._message(document, mapping(document.get("message")), place)
            case "session":
                self._session = text(document.get("id"))
                copies = document.get("parentSession") or document.get("branchedFrom")
                self._forked = parse_time(document.get("timestamp")) if copies else None
                self._model = text(document.get("modelId"))
                self._turn, self._asked = None, -1
            case "model_change":
                self._model = text(document.get("modelId") or document.get("model"))
            case "custom_message" if self._asked < 0:
                self._asked = place
        return ()

    def _message(
        self, document: Document, told: Mapping[str, Any], place: int
    ) -> Sequence[Fragment]:
        key = _key(document, self._session)
        at = parse_time(document.get("timestamp"))
        copied = self._forked is not None and at is not None and at < self._forked
        if not copied and self._forked is not None:
            self._forked = self._turn = None
        role = told.get("role")
        found = self._spans(role, told, key, at, place)
        self._asked = -1 if role == "assistant" else place if self._asked < 0 else self._asked
        if copied:
            for each in found:
                # The parent's own record tells the trace; without it the call still counts.
                each.trace_id = each.session_id = None
        return found

    def _spans(
        self, role: object, told: Mapping[str, Any], key: str | None, at: float | None, place: int
    ) -> list[Fragment]:
        if role == "assistant":
            # Other programs write the same lines without telling anything of a call.
            return [] if _TOLD.isdisjoint(told) else self._call(told, key, at, place)
        at = at if at is not None else parse_time(told.get("timestamp"))
        if role == "user":
            self._turn = key
            return [agent_spans.turn(key, self._session, _said(told), at, place)]
        return [_tool_result(told, self._session, at, place)] if role == "toolResult" else []

    def _call(
        self, told: Mapping[str, Any], key: str | None, at: float | None, place: int
    ) -> list[Fragment]:
        began = parse_time(told.get("timestamp"))
        stop = text(told.get("stopReason"))
        failed = stop == "error"
        said = text(told.get("errorMessage"))
        fragment = Fragment(
            span_id=key,
            trace_id=self._session,
            parent_id=self._turn,
            operation="chat",
            provider=providers.provider(told.get("provider")),
            model=text(told.get("model")) or self._model,
            start=began if at is None or (began is not None and began < at) else None,
            end=at,
            duration=attributes.milliseconds(told.get("duration")),
            ttft=attributes.milliseconds(told.get("ttft")),
            status="error" if failed else "cancelled" if stop == "aborted" else "ok",
            error_type=(errors.kind_of(said) or "error") if failed else None,
            error_message=said if failed else None,
            finish_reason=stop,
            session_id=self._session,
            response_id=text(told.get("responseId")),
            flags=agent_spans.BOTH,
            place=place,
        )
        _usage(fragment, mapping(told.get("usage")))
        found = [fragment]
        if self._asked >= 0 and key is not None:
            fragment.flags = agent_spans.ENDED
            found.insert(0, agent_spans.asked(key, at, self._asked))
        if self._turn is not None and at is not None:
            found.append(lasts_until(self._turn, "turn", self._session, at))
        for part in _parts(told):
            if part.get("type") == "toolCall" and part.get("id"):
                used, name = text(part.get("id")), text(part.get("name"))
                found.append(agent_spans.tool(used, self._session, self._turn, name, at, place))
        return found

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The message that an entry is, or one tool's arguments and result in it."""
        told = mapping(document.get("message"))
        role = told.get("role")
        key = _key(document, None)
        if span.series.operation == "execute_tool":
            if text(told.get("toolCallId")) == span.span_id:
                payload.output += conversation(told.get("content"), "tool")
            for part in _parts(told):
                if part.get("id") == span.span_id:
                    payload.input += conversation(shown(part.get("arguments")), "tool")
        elif key is not None and span.span_id.endswith(key):
            if role == "assistant":
                payload.output += (message(told, "assistant"),)
                payload.attributes.update(mapping(told.get("usage")))
            else:
                payload.input += (message(told),)
        elif span.is_call and role in _ROLES and role != "assistant":
            said = "tool" if role == "toolResult" else "user"
            payload.input += (message({**told, "role": said}),)


def _key(document: Document, session: str | None) -> str | None:
    """What an entry is known by: its id and its time, which forks keep; or what there is of them.

    Without one of the two, it is known within its session alone.
    """
    name = text(document.get("id"))
    moment = document.get("timestamp") or mapping(document.get("message")).get("timestamp")
    known = text(moment)
    if name is not None and known is not None:
        return f"{name}@{known}"
    if name is None and known is None:
        return None
    return f"{session or ''}:{name or known}"


def _parts(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = told.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _said(told: Mapping[str, Any]) -> str:
    """The text of a message, of which the parts may still be undecoded."""
    content = told.get("content")
    if isinstance(content, str):
        return content
    texts = (text(shapes.opened(part.get("text"))) for part in _parts(told))
    return "\n".join(filter(None, texts))


def _usage(fragment: Fragment, told: Mapping[str, Any]) -> None:
    sent, read, written = (count(told.get(name)) for name in ("input", "cacheRead", "cacheWrite"))
    fragment.output_tokens = count(told.get("output"))
    fragment.input_tokens = None if sent is None else sent + (read or 0) + (written or 0)
    fragment.cache_read_tokens, fragment.cache_write_tokens = read, written
    fragment.reasoning_tokens = count(told.get("reasoning"))
    if not (fragment.input_tokens or fragment.output_tokens):
        fragment.input_tokens = fragment.output_tokens = None
    cost = told.get("cost")
    fragment.cost = number(mapping(cost).get("total")) if isinstance(cost, dict) else number(cost)


def _tool_result(
    told: Mapping[str, Any], session: str | None, at: float | None, place: int
) -> Fragment:
    failed = told.get("isError") is True
    used = text(told.get("toolCallId"))
    status = "error" if failed else "ok"
    end = agent_spans.tool_end(used, session, status, at, place, _said(told) if failed else None)
    end.name = text(told.get("toolName"))
    return end
