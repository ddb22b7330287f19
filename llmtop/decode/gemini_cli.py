"""Gemini CLI's sessions: one document that is rewritten in place, or lines that tell it anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from llmtop.decode import agent_spans, gemini_payload, gemini_usage, shapes
from llmtop.decode.format import Document, Format, lasts_until
from llmtop.decode.gemini_payload import error_of, objects, question, said, tools_of
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, text
from llmtop.payload import Payload
from llmtop.span import Fragment, Span

_MOST_MESSAGES = 20_000
_MESSAGES = frozenset({"gemini", "user", "info", "error", "warning"})
_PLAIN = frozenset({"id", "timestamp", "type", "content", "displayContent"})
"""All that a message has which is not the model's; other programs' lines have more."""
_AT_ONCE_S = 0.02
_STATUSES = {"success": "ok", "error": "error", "cancelled": "cancelled"}
"""Of a tool that is over; other ones wait or run."""


class _Told(Struct):
    """What was known when a message came first; it is told again as it grows, and after others."""

    turn: str | None
    since: float | None
    """When the model was asked: the last prompt, answer, or tool's result before."""
    asked: int
    """Where that lies."""


class GeminiCli(Format):
    """A session with its messages; a call lasts from what came before it to its message."""

    name = "Gemini CLI"
    shape = shapes.GEMINI_CLI

    def __init__(self) -> None:
        self._session: str | None = None
        self._agent: str | None = None
        self._turn: str | None = None
        self._since: float | None = None
        self._asked = -1
        self._told: dict[str, _Told] = {}

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a session of a project, by one message of the lines' form, or by prompts."""
        if "projectHash" in document and "sessionId" in document:
            return True
        if len(document) == 1:
            return "$set" in document or "$rewindTo" in document
        kind = document.get("type")
        if kind not in _MESSAGES:
            return False
        if "sessionId" in document:
            return "messageId" in document and "message" in document
        told = "id" in document and "content" in document and "timestamp" in document
        return told and (kind == "gemini" or document.keys() <= _PLAIN)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """Calls, tools and turns of a session, or of the one message of a line."""
        if "messageId" in document:
            return ()  # a list of all prompts that were typed, which the sessions tell too
        found: list[Fragment] = []
        if "sessionId" in document:
            found += self._begin(document, place)
        told = mapping(document.get("$set")) or document
        messages = told.get("messages")
        listed = objects(messages) if isinstance(messages, list) else [document]
        for each in listed:
            found += self._message(each, place)
        return found

    def _begin(self, told: Mapping[str, Any], place: int) -> list[Fragment]:
        """A session begins, or is told again from its beginning."""
        self._session = text(told.get("sessionId"))
        self._turn = self._since = self._agent = None
        self._told.clear()
        if told.get("kind") != "subagent" or self._session is None:
            return []
        self._agent = f"{self._session}:agent"
        at = parse_time(told.get("startTime"))
        begun = agent_spans.turn(self._agent, self._session, f"subagent {self._session}", at, place)
        begun.operation = "invoke_agent"
        return [begun]

    def _message(self, told: Mapping[str, Any], place: int) -> list[Fragment]:
        at = parse_time(told.get("timestamp"))
        name = text(told.get("id"))
        match told.get("type"):
            case "user":
                return self._asks(told, name, at, place)
            case str(kind) if kind == "gemini" or (kind not in _MESSAGES and "tokens" in told):
                return self._answers(told, name, at, place)  # forks name themselves
            case "error":
                parent, problem = self._turn or self._agent, said(told)
                return [agent_spans.error(name, self._session, parent, None, problem, at, place)]
            case "info" if self._turn is not None and _is_cancelling(told):
                last = lasts_until(self._turn, "turn", self._session, at)
                last.status = "cancelled"
                return [last]
        return []

    def _asks(
        self, told: Mapping[str, Any], name: str | None, at: float | None, place: int
    ) -> list[Fragment]:
        first = name is None or name not in self._told
        if first:
            self._remember(name, at)
        self._since, self._asked = at, place
        asked = question(told)
        if asked is None:
            return []
        self._turn = name
        if not first:
            return []
        turn = agent_spans.turn(name, self._session, asked, at, place)
        turn.parent_id = self._agent
        return [turn]

    def _remember(self, name: str | None, at: float | None) -> _Told:
        if len(self._told) > _MOST_MESSAGES:
            self._told.clear()
        since = self._since if self._since is None or at is None or self._since <= at else None
        told = _Told(self._turn, since, self._asked)
        if name is not None:
            self._told[name] = told
        return told

    def _answers(
        self, told: Mapping[str, Any], name: str | None, at: float | None, place: int
    ) -> list[Fragment]:
        known = self._told.get(name or "") or self._remember(name, at)
        found = [
            self._tool(call, f"{name}:tool:{index}", known.turn, at, place)
            for index, call in enumerate(tools_of(told))
        ]
        tokens = mapping(told.get("tokens"))
        last = max((each.end for each in found if each.end is not None), default=at)
        if tokens:
            found += self._call(told, tokens, known, at, place)
        if found and last is not None:
            if known.turn is not None:
                found.append(lasts_until(known.turn, "turn", self._session, last))
            if self._agent is not None:
                found.append(lasts_until(self._agent, "invoke_agent", self._session, last))
        self._since, self._asked = last, place
        return found

    def _tool(
        self, call: Mapping[str, Any], name: str, turn: str | None, at: float | None, place: int
    ) -> Fragment:
        """A tool, which the answer began; its own time is when it was over."""
        status = text(call.get("status"))
        run = agent_spans.tool(
            text(call.get("id")) or name,
            self._session,
            turn or self._agent,
            text(call.get("name")),
            at,
            place,
        )
        if status is not None and status not in _STATUSES:
            return run
        over = parse_time(call.get("timestamp"))
        end = over if over is None or at is None else max(at, over)
        if end is not None and at is not None and end - at < _AT_ONCE_S:
            # An answer without words is written down when its tools are over.
            run.start = None
        outcome = _STATUSES.get(status or "success", "ok")
        return agent_spans.ended(run, outcome, end, error_of(call) if outcome == "error" else None)

    def _call(
        self,
        told: Mapping[str, Any],
        tokens: Mapping[str, Any],
        known: _Told,
        at: float | None,
        place: int,
    ) -> list[Fragment]:
        call = Fragment(
            span_id=text(told.get("id")),
            trace_id=self._session,
            parent_id=known.turn or self._agent,
            operation="chat",
            provider="gcp.gemini",
            model=text(told.get("model")),
            start=known.since,
            end=at,
            flags=agent_spans.BOTH,
            status="ok",
            session_id=self._session,
            place=place,
        )
        gemini_usage.read(
            call,
            tokens.get("input"),
            tokens.get("output"),
            tokens.get("cached"),
            tokens.get("thoughts"),
            tokens.get("total"),
        )
        if known.asked < 0 or known.asked == place or call.span_id is None:
            return [call]
        call.flags &= ~agent_spans.OPENED
        return [agent_spans.asked(call.span_id, at, known.asked), call]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The content of the message that is the span, and of what it answers."""
        gemini_payload.fill(document, span, payload)


def _is_cancelling(told: Mapping[str, Any]) -> bool:
    return "cancelled" in said(told)[:40].lower()
