"""Claude Code's transcripts (`~/.claude/projects`) and its `--output-format stream-json`.

A call stands on several lines that repeat and raise its usage: they are fragments of one span,
known by the message's id and the request's. A session is a trace; below it stand the turns, and
in them calls, tools and subagents. The chain of `parentUuid` is a list of lines, not a tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from llmtop.decode import claude_payload, claude_spans, claude_stream
from llmtop.decode.claude_lines import (
    NAMELESS,
    Line,
    Message,
    fitted_line,
    is_claude,
    line_of,
    lines_of,
)
from llmtop.decode.claude_session import STARTERS, Session
from llmtop.decode.format import Document, Format, lasts_until
from llmtop.decode.timestamps import parse_time
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED
_LOWER_BOUND = int(Flag.LOWER_BOUND)

_SYNTHETIC = "<synthetic>"
_MOST_LINES = 20_000
_MOST_SESSIONS = 1_000


class ClaudeCode(Format):
    """Transcripts, subagents' transcripts, progress records and stream-json."""

    name = "Claude Code"
    beginnings = (
        b'{"parentUuid":',
        b'{"type":"summary","summary":',
        b'{"type":"file-history-snapshot","messageId":',
    )

    def __init__(self) -> None:
        self._lines: dict[str, float | None] = {}
        """When each of the last lines was, by its id."""
        self._sides: dict[str, str] = {}
        """The nameless subagent of each of the last lines that had one."""
        self._calls: dict[str, str] = {}
        """The last calls, by the message's id."""
        self._sessions: dict[str | None, Session] = {}
        self._session = Session(None)
        self._read: dict[str | None, Session] = {}
        """The sessions that were read of since their ends were told."""

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the session's id beside a type of line, or by the lines that open a file."""
        named = "sessionId" in document or "session_id" in document
        if not named and document.get("type") not in NAMELESS:
            return False
        return is_claude(fitted_line(document))

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one line tells of calls, tools and turns; most lines tell little."""
        return self._told((fitted_line(document),), place)

    def read_line(self, line: bytes, place: int) -> Sequence[Fragment] | None:
        """One line in good order."""
        told = line_of(line)
        return None if told is None or not is_claude(told) else self._told((told,), place)

    def read_lines(self, data: bytes, lines: int, place: int) -> Sequence[Fragment] | None:
        """All lines at once, if each is Claude Code's and in good order."""
        told = lines_of(data)
        if told is None or len(told) != lines or not all(map(is_claude, told)):
            return None
        return self._told(told, place)

    def _told(self, lines: Sequence[Line], place: int) -> list[Fragment]:
        found: list[Fragment] = []
        self._read = {self._session.session: self._session}
        if len(self._lines) > _MOST_LINES:
            self._lines.clear()
            self._sides.clear()
        times = self._lines
        moment: float | None
        for at, line in enumerate(lines, place):
            session, stamp, uuid = self._session, line.timestamp, line.uuid
            name = line.sessionId or line.session_id
            if session.session != name or line.forkedFrom is not None:
                session = self._of(line)
            session.place = at
            if type(stamp) is datetime and stamp.tzinfo is not None:
                moment = stamp.timestamp()
            else:
                moment = parse_time(stamp)
            session.at = moment
            if uuid is not None:
                times[uuid] = moment
            kind, told = line.type, line.message
            if kind == "assistant" and told is not None:
                self._assistant(line, told, session, found)
            elif kind == "user" and told is not None:
                self._user(line, told, session, found)
            else:
                self._tell(line, session, found)
        for session in self._read.values():
            session.flush(found)
        return found

    def _of(self, line: Line) -> Session:
        """The session of a line; one that was copied from another session is still that one's."""
        origin = line.forkedFrom
        name = line.sessionId or line.session_id
        if origin is not None and origin.sessionId is not None:
            name = origin.sessionId
        session = self._sessions.get(name)
        if session is None:
            if len(self._sessions) >= _MOST_SESSIONS:
                self._sessions.clear()
            session = self._sessions[name] = Session(name)
        self._session = self._read[name] = session
        return session

    def _tell(self, line: Line, session: Session, found: list[Fragment]) -> None:
        """What the lines tell that are no messages, or messages without a type."""
        kind, told = line.type, line.message
        if kind is None:
            if told is not None:
                self._assistant(line, told, session, found)
        elif kind == "progress":
            self._progress(line, session, found)
        elif kind == "system":
            self._system(line, session, found)
        elif kind == "stream_event":
            claude_stream.partial(line, session, found)
        elif kind == "result":
            claude_stream.result(line, session, found)

    def _progress(self, line: Line, session: Session, found: list[Fragment]) -> None:
        """A subagent's line within its parent's transcript."""
        data = line.data
        if data is None or data.type != "agent_progress" or data.message is None:
            return
        inner, told, tool = data.message, data.message.message, line.parentToolUseID
        if told is None or inner.type not in ("assistant", None):
            session.asked.setdefault(data.agentId or tool, session.place)
            return
        session.at = parse_time(inner.timestamp or line.timestamp)
        as_line = Line(
            uuid=inner.uuid,
            requestId=inner.requestId,
            agentId=data.agentId,
            parent_tool_use_id=tool,
        )
        self._assistant(as_line, told, session, found)

    def _system(self, line: Line, session: Session, found: list[Fragment]) -> None:
        turn = session.turn
        if line.subtype == "turn_duration":
            lasted = line.durationMs if line.durationMs is not None else line.duration_ms
            if turn is not None and lasted is not None:
                told = lasts_until(turn, "turn", session.session, session.at)
                told.duration = lasted / 1000.0
                found.append(told)
        elif line.subtype == "init":
            if turn is None and session.session is not None:
                run = f"{session.session}:run"
                session.waiting = claude_spans.turn(session, run, "claude run")
        elif line.subtype in ("api_retry", "api_error"):
            _, above = self._side_of(line, None, session, found)
            found.append(claude_spans.retry(session, line, above))

    def _side_of(
        self, line: Line, told: Message | None, session: Session, found: list[Fragment]
    ) -> tuple[str | None, str | None]:
        """The agent whose line it is, if any, and the span that it stands below."""
        agent, tool = line.agentId, line.parent_tool_use_id
        if agent is None:
            if tool is not None:
                return tool, tool
            agent = self._side_agent(line, told, session, found) if line.isSidechain else None
            if agent is None:
                return None, session.current_turn(found)
        return agent, session.agent(agent, tool, found)

    def _side_agent(
        self, line: Line, told: Message | None, session: Session, found: list[Fragment]
    ) -> str | None:
        """The nameless subagent that a line among those of the session is of."""
        agent = self._sides.get(line.uuid or "") or self._sides.get(line.parentUuid or "")
        if agent is None and told is not None:
            agent = session.side_agent(line, told, found)
        if line.uuid is not None and agent is not None:
            self._sides[line.uuid] = agent
        return agent

    def _user(self, line: Line, told: Message, session: Session, found: list[Fragment]) -> None:
        """A prompt, which begins a turn, or the results of tools."""
        content = told.content
        agent = line.agentId or line.parent_tool_use_id
        if agent is not None or line.isSidechain:
            agent, _ = self._side_of(line, told, session, found)
        if agent not in session.asked:
            session.asked[agent] = session.place
        texts = [content] if isinstance(content, str) else []
        for part in content if isinstance(content, list) else ():
            if part.type == "tool_result":
                session.tool_result(line, part, found)
            elif part.type == "text":
                texts.append(claude_spans.text_of(part) or "")
        if texts and agent is None and not line.isMeta and not line.isCompactSummary:
            session.prompt(line, texts, found)

    def _assistant(
        self, line: Line, told: Message, session: Session, found: list[Fragment]
    ) -> None:
        """A line of an answer: a part of its content, and its usage as known by then."""
        agent, above = None, session.turn
        if line.agentId or line.parent_tool_use_id or line.isSidechain or session.waiting:
            agent, above = self._side_of(line, told, session, found)
        if told.model == _SYNTHETIC or line.isApiErrorMessage:
            found.append(claude_spans.api_error(session, line, told, above))
            return
        if told.usage is not None:
            self._call(line, told, session, agent, above, found)
        for part in told.content if type(told.content) is list else ():
            if part.id is not None and (part.type or "").endswith("tool_use"):
                found.append(claude_spans.tool(session, part, above))
                if part.name in STARTERS:
                    session.note_task(part)
            elif part.tool_use_id is not None:
                # Tools that the API runs itself are answered within the message.
                found.append(claude_spans.tool_result(session, part, None))

    def _call(
        self,
        line: Line,
        told: Message,
        session: Session,
        agent: str | None,
        above: str | None,
        found: list[Fragment],
    ) -> None:
        """A call is known by its message and its request; some lines have only one of them."""
        request, name = line.requestId, told.id or line.requestId or line.uuid
        if name is None:
            return
        call = f"{name}:{request}" if told.id and request is not None else name
        known = self._calls.get(name)
        if known is None or (request is not None and known not in (call, name)):
            if len(self._calls) >= _MOST_LINES:
                self._calls.clear()
            self._calls[name], known = call, None
        else:
            call = known
        at, began, flags = session.at, None, _BOTH
        if known is None:
            # Later lines of a call stand below its first one, not below what was asked.
            began = self._lines.get(line.parentUuid or "")
            if began is not None and (at is None or began > at):
                began = None
            asked = session.asked.pop(agent, -1)
            if asked >= 0:
                opening = Fragment(span_id=call, trace_id=session.session, end=at, flags=_OPENED)
                opening.place = asked
                found.append(opening)
                flags = _ENDED
        if line.costUSD is None and session.streaming.get(agent) != call:
            # Partial messages and the oldest lines tell all of the output; others often do not.
            flags |= _LOWER_BOUND
        session.running.discard(call)
        found.append(claude_spans.call(session, line, told, call, above, began, flags))
        if line.session_id is not None and told.usage is not None:
            session.totals.note(told.model, call, told.usage)
        if at is not None:
            if agent is None:
                if at > session.last:
                    session.last = at
            elif above is not None and above != agent:
                session.lasts(above, at)  # the result of a tool tells its end

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The content of a line: what it adds to an answer, a prompt, or a tool's result."""
        claude_payload.fill(document, span, payload)
