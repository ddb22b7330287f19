"""Claude Code's transcripts (`~/.claude/projects`) and its `--output-format stream-json`.

A call stands on several lines that repeat and raise its usage: they are fragments of one span,
known by the message's id and the request's. A session is a trace; below it stand the turns, and
in them calls, tools and subagents. The chain of `parentUuid` is a list of lines, not a tree.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmtop.decode import claude_payload, claude_spans
from llmtop.decode.claude_lines import (
    Line,
    Message,
    ToolUseResult,
    fitted_line,
    is_claude,
    line_of,
    lines_of,
)
from llmtop.decode.claude_totals import Totals
from llmtop.decode.format import Document, Format, lasts_until
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, parsed
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED

_SPEAKERS = frozenset({"user", "assistant"})
_SYNTHETIC = "<synthetic>"
_MOST_LINES = 20_000
_LONGEST_NAME = 80


class ClaudeCode(Format):
    """Transcripts, subagents' transcripts, progress records and stream-json."""

    name = "Claude Code"

    def __init__(self) -> None:
        self._lines: dict[str, tuple[float | None, int]] = {}
        """When and where each of the last lines was, by its id."""
        self._asked: dict[tuple[str | None, str | None], int] = {}
        """Where the first line to the model is since the last call of a session or an agent."""
        self._turns: dict[str, str] = {}
        self._turn_ends: dict[str, tuple[str | None, float, str]] = {}
        self._agents: set[str] = set()
        self._calls: set[str] = set()
        self._totals: dict[str, Totals] = {}

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the session's id beside a type of line, or by the lines that open a file."""
        kind = document.get("type")
        if kind is None and "sessionId" not in document:
            return False
        return is_claude(fitted_line(document))

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one line tells of calls, tools and turns; most lines tell little."""
        found = self._tell(fitted_line(document), place)
        self._close_turns(found)
        return found

    def read_line(self, line: bytes, place: int) -> Sequence[Fragment] | None:
        """One line in good order."""
        told = line_of(line)
        if told is None or not is_claude(told):
            return None
        found = self._tell(told, place)
        self._close_turns(found)
        return found

    def read_lines(self, data: bytes, lines: int, place: int) -> Sequence[Fragment] | None:
        """All lines at once, if each is Claude Code's and in good order."""
        told = lines_of(data)
        if told is None or len(told) != lines or not all(map(is_claude, told)):
            return None
        found: list[Fragment] = []
        for at, line in enumerate(told, place):
            found.extend(self._tell(line, at))
        self._close_turns(found)
        return found

    def _close_turns(self, found: list[Fragment]) -> None:
        """Turns and subagents last until their last call: told once for all lines of a chunk."""
        for span_id, (session, end, operation) in self._turn_ends.items():
            found.append(lasts_until(span_id, operation, session, end))
        self._turn_ends.clear()

    def _tell(self, line: Line, place: int) -> list[Fragment]:
        kind, told = line.type, line.message
        session = line.sessionId or line.session_id
        if told is None or (kind is not None and kind not in _SPEAKERS):
            if kind == "progress":
                return self._progress(line, session, place)
            if kind == "system":
                return self._system(line, session, place)
            return self._result(line, session, place) if kind == "result" else []
        at = parse_time(line.timestamp)
        if kind == "user":
            found = self._user(line, told, session, at, place)
        else:
            agent = line.agentId or line.parent_tool_use_id
            found = self._assistant(line, told, session, agent, at, place)
        if line.uuid is not None:
            if len(self._lines) >= _MOST_LINES:
                self._lines.clear()
            self._lines[line.uuid] = (at, place)
        return found

    def _progress(self, line: Line, session: str | None, place: int) -> list[Fragment]:
        """A subagent's line within its parent's transcript."""
        data = line.data
        if data is None or data.type != "agent_progress" or data.message is None:
            return []
        inner, told = data.message, data.message.message
        agent = data.agentId or line.parentToolUseID
        if inner.type != "assistant" or told is None:
            self._note_asked(session, agent, place)
            return []
        as_line = Line(
            uuid=inner.uuid,
            timestamp=inner.timestamp or line.timestamp,
            requestId=inner.requestId,
            agentId=data.agentId,
        )
        at = parse_time(as_line.timestamp)
        found = self._assistant(as_line, told, session, agent, at, place)
        tool = line.parentToolUseID
        if data.agentId is not None and tool is not None:
            found.append(claude_spans.agent(data.agentId, session, tool, at))
        return found

    def _note_asked(self, session: str | None, agent: str | None, place: int) -> None:
        if len(self._asked) >= _MOST_LINES:
            self._asked.clear()
        self._asked.setdefault((session, agent), place)

    def _system(self, line: Line, session: str | None, place: int) -> list[Fragment]:
        turn = self._turns.get(session or "")
        at = parse_time(line.timestamp)
        match line.subtype:
            case "turn_duration" if turn is not None and line.durationMs is not None:
                lasted = line.durationMs / 1000.0
                told = lasts_until(turn, "turn", session, at)
                told.duration = lasted
                return [told]
            case "init" if turn is None and session is not None:
                self._turns[session] = f"{session}:run"
                return [claude_spans.turn(f"{session}:run", "claude run", session, at, place)]
            case "api_retry":
                return [claude_spans.retry(line, session, turn, at, place)]
        return []

    def _user(
        self, line: Line, told: Message, session: str | None, at: float | None, place: int
    ) -> list[Fragment]:
        """A prompt, which begins a turn, or the results of tools."""
        found: list[Fragment] = []
        self._note_asked(session, line.agentId or line.parent_tool_use_id, place)
        said = told.content if isinstance(told.content, str) else None
        for part in told.content if isinstance(told.content, list) else ():
            if part.type == "tool_result":
                found.append(claude_spans.tool_result(part, session, at, place))
                result = line.toolUseResult
                if type(result) is ToolUseResult and result.agentId and part.tool_use_id:
                    agent = claude_spans.agent(result.agentId, session, part.tool_use_id, at)
                    found.append(agent)
            elif part.type == "text" and said is None:
                said = claude_spans.text_of(part)
        by_agent = line.agentId is not None or line.parent_tool_use_id is not None
        turn = line.uuid or (f"@{place}" if said else None)
        if said and turn and not by_agent and not line.isMeta:
            self._turns[session or ""] = turn
            name = " ".join(said[:400].split())[:_LONGEST_NAME]
            found.append(claude_spans.turn(turn, name, session, at, place))
        return found

    def _assistant(
        self,
        line: Line,
        told: Message,
        session: str | None,
        agent: str | None,
        at: float | None,
        place: int,
    ) -> list[Fragment]:
        """A line of an answer: a part of its content, and its usage as known by then."""
        found: list[Fragment] = []
        above = self._above(line, session, agent, at, found)
        if told.model == _SYNTHETIC or line.isApiErrorMessage:
            found.append(claude_spans.api_error(line, told, session, above, at, place))
            return found
        call = _call_id(line, told)
        if told.usage is not None and call is not None:
            asked = -1 if call in self._calls else self._asked.pop((session, agent), -1)
            self._call(line, told, call, session, above, at, place, found, asked)
            if above is not None and at is not None:
                self._lasts_until(above, session, at, line, agent)
        if type(told.content) is list:
            tools = [part for part in told.content if part.type == "tool_use" and part.id]
            if tools:
                found += [claude_spans.tool(part, session, above, at, place) for part in tools]
        return found

    def _above(
        self,
        line: Line,
        session: str | None,
        agent: str | None,
        at: float | None,
        found: list[Fragment],
    ) -> str | None:
        """What a line stands below: the tool that started its agent, its agent, or its turn."""
        if agent is None:
            return self._turns.get(session or "")
        if line.agentId is None:
            return agent
        if agent not in self._agents:
            self._agents.add(agent)
            found.append(claude_spans.agent(agent, session, None, at))
        return f"agent:{agent}"

    def _lasts_until(
        self, span_id: str, session: str | None, at: float, line: Line, agent: str | None
    ) -> None:
        if agent is not None and line.agentId is None:
            return  # below a tool, which its result ends
        known = self._turn_ends.get(span_id)
        if known is None or known[1] < at:
            self._turn_ends[span_id] = (session, at, "turn" if agent is None else "invoke_agent")

    def _call(
        self,
        line: Line,
        told: Message,
        call: str,
        session: str | None,
        above: str | None,
        at: float | None,
        place: int,
        found: list[Fragment],
        asked: int,
    ) -> None:
        began, where = self._lines.get(line.parentUuid or "", (None, -1))
        where = asked if asked >= 0 else where
        if began is not None and (at is None or began > at):
            began = None
        fragment = claude_spans.call(line, told, call, session, above, at, place)
        if call in self._calls:
            # Later lines of a call stand below its first one, not below what was asked.
            began = None
        else:
            if len(self._calls) >= _MOST_LINES:
                self._calls.clear()
            self._calls.add(call)
            if where >= 0:
                opening = Fragment(span_id=call, trace_id=session, end=at, flags=_OPENED)
                opening.place = where
                found.append(opening)
                fragment.flags &= ~_OPENED
        fragment.start = began
        found.append(fragment)
        if line.session_id is not None and told.usage is not None:
            totals = self._totals.setdefault(line.session_id, Totals())
            totals.note(told.model or "", call, told.usage)

    def _result(self, line: Line, session: str | None, place: int) -> list[Fragment]:
        """The end of a run in stream-json: its totals, and how long the turn took."""
        at = parse_time(line.timestamp)
        found: list[Fragment] = []
        turn = self._turns.get(session or "")
        if turn is not None and line.duration_ms is not None:
            lasted = line.duration_ms / 1000.0
            told_turn = lasts_until(turn, "turn", session, at)
            told_turn.duration = lasted
            found.append(told_turn)
        told = mapping(parsed(bytes(line.modelUsage).decode("utf-8", "replace")))
        totals = self._totals.setdefault(session or "", Totals())
        found.extend(totals.settle(told, session, at, place))
        return found

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The content of a line: what it adds to an answer, a prompt, or a tool's result."""
        claude_payload.fill(document, span, payload)


def _call_id(line: Line, told: Message) -> str | None:
    """A call is known by its message and its request; old lines have only one of them."""
    if told.id and line.requestId:
        return f"{told.id}:{line.requestId}"
    return told.id or line.requestId or line.uuid
