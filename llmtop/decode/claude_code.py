"""Claude Code's transcripts (`~/.claude/projects`) and its `--output-format stream-json`.

A call stands on several lines that repeat and raise its usage: they are fragments of one span,
known by the message's id and the request's. A session is a trace; below it stand the turns, and
in them calls, tools and subagents. The chain of `parentUuid` is a list of lines, not a tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import attributes
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation, message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, number, shown, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED
_LOWER_BOUND = int(Flag.LOWER_BOUND)

_TYPES = frozenset(
    {
        "user",
        "assistant",
        "system",
        "progress",
        "summary",
        "attachment",
        "queue-operation",
        "pr-link",
        "result",
    }
)
_SYNTHETIC = "<synthetic>"
_MOST_MOMENTS = 20_000
_LONGEST_NAME = 80


class ClaudeCode(Format):
    """Transcripts, subagents' transcripts, progress records and stream-json."""

    name = "Claude Code"

    def __init__(self) -> None:
        self._moments: dict[str, float] = {}
        self._turns: dict[str, str] = {}

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the session's id beside a type of line, or by the lines that open a file."""
        kind = document.get("type")
        if kind == "file-history-snapshot" or (kind == "summary" and "leafUuid" in document):
            return True
        if "sessionId" in document:
            return kind in _TYPES or (
                kind is None and isinstance(mapping(document.get("message")).get("usage"), dict)
            )
        return "session_id" in document and kind in _TYPES and "uuid" in document

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one line tells of calls, tools and turns; most lines tell little."""
        kind = document.get("type")
        session = text(document.get("sessionId") or document.get("session_id"))
        if kind == "progress":
            return self._progress(document, session, place)
        if kind == "system":
            return self._system(document, session, place)
        at = parse_time(document.get("timestamp"))
        message_told = mapping(document.get("message"))
        if not message_told:
            return ()
        agent = text(document.get("agentId"))
        if agent is None:
            agent = text(document.get("parent_tool_use_id"))
        if kind == "user":
            found = self._user(document, message_told, session, agent, at, place)
        else:
            found = self._assistant(document, message_told, session, agent, at, place)
        self._remember(document, at)
        return found

    def _remember(self, document: Document, at: float | None) -> None:
        name = text(document.get("uuid"))
        if name is not None and at is not None:
            if len(self._moments) >= _MOST_MOMENTS:
                self._moments.clear()
            self._moments[name] = at

    def _progress(self, document: Document, session: str | None, place: int) -> list[Fragment]:
        """A subagent's line within its parent's transcript."""
        data = mapping(document.get("data"))
        if data.get("type") != "agent_progress":
            return []
        inner = mapping(data.get("message"))
        told = mapping(inner.get("message"))
        if inner.get("type") != "assistant" or not told:
            return []
        agent = text(data.get("agentId")) or text(document.get("parentToolUseID"))
        at = parse_time(inner.get("timestamp") or document.get("timestamp"))
        found = self._assistant({**inner, "isSidechain": True}, told, session, agent, at, place)
        parent = text(document.get("parentToolUseID"))
        if agent is not None and parent is not None and agent != parent:
            found.append(_agent(agent, session, parent, at))
        return found

    def _system(self, document: Document, session: str | None, place: int) -> list[Fragment]:
        del place
        turn = self._turns.get(session or "")
        if document.get("subtype") != "turn_duration" or turn is None:
            return []
        lasted = attributes.milliseconds(document.get("durationMs"))
        return [Fragment(span_id=turn, trace_id=session, duration=lasted, flags=_ENDED)]

    def _user(
        self,
        document: Document,
        told: Mapping[str, Any],
        session: str | None,
        agent: str | None,
        at: float | None,
        place: int,
    ) -> list[Fragment]:
        """A prompt, which begins a turn, or the results of tools."""
        content = told.get("content")
        found: list[Fragment] = []
        said: str | None = content if isinstance(content, str) else None
        for part in _parts(told):
            if part.get("type") == "tool_result":
                found.append(_tool_result(part, session, at, place))
                child = text(mapping(document.get("toolUseResult")).get("agentId"))
                if child is not None:
                    found.append(_agent(child, session, text(part.get("tool_use_id")), at))
            elif part.get("type") == "text" and said is None:
                said = text(part.get("text"))
        turn = text(document.get("uuid"))
        if said and turn and agent is None and not document.get("isMeta"):
            self._turns[session or ""] = turn
            found.append(
                Fragment(
                    span_id=turn,
                    trace_id=session,
                    name=" ".join(said.split())[:_LONGEST_NAME],
                    operation="turn",
                    start=at,
                    end=at,
                    flags=_BOTH,
                    status="ok",
                    session_id=session,
                    place=place,
                )
            )
        return found

    def _assistant(
        self,
        document: Document,
        told: Mapping[str, Any],
        session: str | None,
        agent: str | None,
        at: float | None,
        place: int,
    ) -> list[Fragment]:
        """A line of an answer: a part of its content, and its usage as known by then."""
        turn = self._turns.get(session or "")
        above = f"agent:{agent}" if agent is not None else turn
        if told.get("model") == _SYNTHETIC or document.get("isApiErrorMessage"):
            return [_api_error(document, told, session, above, at, place)]
        usage = mapping(told.get("usage"))
        call = _call_id(document, told)
        found: list[Fragment] = []
        if usage and call is not None:
            found.append(self._call(document, told, usage, call, session, above, at, place))
            if turn is not None and at is not None:
                found.append(Fragment(span_id=turn, trace_id=session, end=at, flags=_ENDED))
        found.extend(
            Fragment(
                span_id=text(part["id"]),
                trace_id=session,
                parent_id=above,
                name=text(part.get("name")),
                operation="execute_tool",
                start=at,
                flags=_OPENED,
                session_id=session,
                place=place,
            )
            for part in _parts(told)
            if part.get("type") == "tool_use" and part.get("id")
        )
        return found

    def _call(
        self,
        document: Document,
        told: Mapping[str, Any],
        usage: Mapping[str, Any],
        call: str,
        session: str | None,
        above: str | None,
        at: float | None,
        place: int,
    ) -> Fragment:
        began = self._moments.get(text(document.get("parentUuid")) or "")
        model = text(told.get("model"))
        fragment = Fragment(
            span_id=call,
            trace_id=session,
            parent_id=above,
            operation="chat",
            provider="anthropic" if model is not None and model.startswith("claude") else None,
            model=model,
            start=began if began is not None and at is not None and began <= at else None,
            end=at,
            status="ok",
            finish_reason=text(told.get("stop_reason")),
            session_id=session,
            agent=text(document.get("agentId")),
            cost=number(document.get("costUSD")),
            flags=_BOTH if told.get("stop_reason") else _BOTH | _LOWER_BOUND,
            place=place,
        )
        attributes.usage(fragment, usage, exclusive=True)
        return fragment

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The content of a line: what it adds to an answer, a prompt, or a tool's result."""
        if not any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            return
        told = mapping(document.get("message"))
        if document.get("type") == "progress":
            told = mapping(mapping(mapping(document.get("data")).get("message")).get("message"))
        for part in _parts(told):
            if part.get("id") == span.span_id:
                payload.input += conversation(shown(part.get("input")), "tool")
                return
            if part.get("tool_use_id") == span.span_id:
                payload.output += conversation(part.get("content"), "tool")
                return
        if document.get("type") == "user":
            payload.input += (message(told),)
        else:
            payload.output += (message({**told, "role": "assistant"}),)
        for name in ("version", "cwd", "gitBranch", "userType", "entrypoint"):
            if document.get(name):
                payload.attributes[name] = document[name]


def _parts(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    content = told.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _call_id(document: Document, told: Mapping[str, Any]) -> str | None:
    """A call is known by its message and its request; old lines have only one of them."""
    parts = [text(told.get("id")), text(document.get("requestId"))]
    return ":".join(part for part in parts if part) or text(document.get("uuid"))


def _tool_result(
    part: Mapping[str, Any], session: str | None, at: float | None, place: int
) -> Fragment:
    failed = part.get("is_error") is True
    return Fragment(
        span_id=text(part.get("tool_use_id")),
        trace_id=session,
        operation="execute_tool",
        end=at,
        flags=_ENDED,
        status="error" if failed else "ok",
        error_type="tool_error" if failed else None,
        error_message=message({"content": part.get("content")}).text[:500] if failed else None,
        place=place,
    )


def _agent(agent: str, session: str | None, parent: str | None, at: float | None) -> Fragment:
    """The span of a subagent, below the tool that started it."""
    return Fragment(
        span_id=f"agent:{agent}",
        trace_id=session,
        parent_id=parent,
        name=f"subagent {agent}",
        operation="invoke_agent",
        start=at,
        end=at,
        flags=_BOTH,
        status="ok",
        session_id=session,
        agent=agent,
    )


def _api_error(
    document: Document,
    told: Mapping[str, Any],
    session: str | None,
    above: str | None,
    at: float | None,
    place: int,
) -> Fragment:
    """A message that the client made up itself, most often to say that the API failed."""
    failed = bool(document.get("isApiErrorMessage"))
    said = message(told).text
    return Fragment(
        span_id=text(document.get("uuid")) or text(told.get("id")),
        trace_id=session,
        parent_id=above,
        name="API error" if failed else "synthetic message",
        operation="other",
        start=at,
        end=at,
        flags=_BOTH,
        status="error" if failed else "ok",
        error_type=(text(document.get("error")) or "api_error") if failed else None,
        error_message=said[:500] if failed else None,
        session_id=session,
        place=place,
    )
