"""Codex's rollouts (`~/.codex/sessions`) and the lines of `codex exec --json`, of all versions.

Calls are seen by the growth of the session's usage. A fork copies its parent's lines, so that
calls are named by the usage of the session that they were made in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from llmtop.decode import codex_payload, codex_tools, errors
from llmtop.decode.codex_lines import (
    CALLS,
    KINDS,
    OUTPUTS,
    STREAM,
    Line,
    Tokens,
    Told,
    fitted_line,
    is_codex,
    line_of,
    lines_of,
)
from llmtop.decode.codex_session import Session, decoded
from llmtop.decode.format import Document, Format
from llmtop.decode.messages import message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_BOTH = int(Flag.OPENED | Flag.ENDED)
_BEGINNING = frozenset({"id", "instructions", "git"})
"""Keys of the first line of the first versions; their values may be null."""
_OPENERS = ("record_type", "workdir", "msg")
"""Of lines without a type, one of these is told."""
_FATAL = frozenset({"type", "message"})
"""The keys of the line that `codex exec --json` writes of an error of its own."""
_INJECTED = ("<", "# AGENTS.md instructions")
"""Beginnings of what the client tells the model as the user."""
_NO_PROMPTS = frozenset({"environment_context", "user_instructions"})


class Codex(Format):
    """Rollouts, and the two streams that `codex exec --json` has written."""

    name = "Codex"
    beginnings = (b'{"type":"thread.started","thread_id":',)

    def __init__(self) -> None:
        self._session = Session()

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a type of line with its payload, or by the lines of the first versions."""
        kind = document.get("type")
        if kind is None:
            if document.keys() >= _BEGINNING:
                return True
            if not any(name in document for name in _OPENERS):
                return False
        elif kind == "error":
            return document.keys() == _FATAL  # others write more of an error
        elif kind in STREAM:
            return True
        elif kind not in KINDS:
            return False
        return is_codex(fitted_line(document))

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one line tells."""
        return self._told((fitted_line(document),), place)

    def read_line(self, line: bytes, place: int) -> Sequence[Fragment] | None:
        """One line in good order."""
        told = line_of(line)
        return None if told is None or not is_codex(told) else self._told((told,), place)

    def read_lines(self, data: bytes, lines: int, place: int) -> Sequence[Fragment] | None:
        """All lines at once, if each is Codex's and in good order."""
        told = lines_of(data)
        if told is None or len(told) != lines or not all(map(is_codex, told)):
            return None
        return self._told(told, place)

    def _told(self, lines: Sequence[Line], place: int) -> list[Fragment]:
        found: list[Fragment] = []
        session = self._session
        for at, line in enumerate(lines, place):
            session.place = at
            stamp = line.timestamp
            if type(stamp) is datetime and stamp.tzinfo is not None:
                session.at = stamp.timestamp()
            else:
                session.at = parse_time(stamp)
            payload = line.payload
            kind = line.type
            if kind == "event_msg" and payload is not None:
                self._event(payload, found)
            elif kind == "response_item" and payload is not None:
                self._item(payload, found)
            elif payload is not None:
                self._context(line, payload, found)
            elif kind is None:
                self._untyped(line, found)
            elif kind == "message" or kind in CALLS or kind in OUTPUTS:
                self._item(line, found)
            else:
                self._streamed(line, found)
        session.flush(found)
        return found

    def _context(self, line: Line, payload: Told, found: list[Fragment]) -> None:
        session = self._session
        if line.type == "turn_context":
            session.model = payload.model or session.model
        elif line.type == "session_meta":
            session.begin(payload, found)
        elif line.type == "token_usage_record":
            self._record(payload, found)
        elif line.type == "inter_agent_communication":
            session.prompt(message({"content": decoded(payload.content)}).text)
        elif payload.msg is not None:
            self._event(payload.msg, found)

    def _untyped(self, line: Line, found: list[Fragment]) -> None:
        """Lines of the first versions: a session's beginning, or a message of the client."""
        session = self._session
        if line.msg is not None:
            if line.msg.session_id is not None or session.trace is None:
                session.restart(line.msg.session_id or f"codex exec @{session.place}")
            self._event(line.msg, found)
        elif line.workdir is not None:
            session.model = line.model
            session.serve(line.provider)
        elif line.id is not None:
            session.begin(line, found)

    def _event(self, told: Told, found: list[Fragment]) -> None:
        session, kind = self._session, told.type
        if kind == "token_count":
            self._count(told, found)
        elif kind == "item_completed":
            self._completed(told, found)
        elif kind in ("agent_message", "agent_reasoning"):
            session.note()
        elif kind == "user_message":
            if told.kind not in _NO_PROMPTS:
                session.begin_turn(text(decoded(told.message)), found)
        elif kind in ("task_started", "turn_started"):
            session.await_turn(told.turn_id)
        elif kind in ("task_complete", "turn_complete"):
            session.end_turn(told, "ok", found)
        elif kind == "turn_aborted":
            session.end_turn(told, "cancelled", found)
        elif kind in ("error", "stream_error"):
            found.append(self._error(told))
        elif kind == "session_configured":
            session.model = told.model or session.model
            session.serve(told.model_provider_id)
        elif kind in ("sub_agent_activity", "collab_agent_spawn_end"):
            self._started_agent(told, found)
        elif kind is not None and kind.endswith("_begin"):
            codex_tools.began(told, session, found)
        elif kind is not None and kind.endswith("_end"):
            codex_tools.ended(told, session, found)

    def _count(self, told: Told, found: list[Fragment]) -> None:
        session, info = self._session, told.info
        if info is not None:
            total = info.total_token_usage
            used = None if total is None else session.usage.counted(total, info.last_token_usage)
            if total is not None and used is not None:
                session.call(_name(session, total), used, found, info.model)
        elif told.input_tokens or told.output_tokens:
            # The first versions told each call's own usage.
            session.calls += 1
            session.call(f"{session.name}:call:{session.calls}", told, found)

    def _record(self, told: Told, found: list[Fragment]) -> None:
        """The usage of one answer, as newer versions tell it apart from the total."""
        session, used, total = self._session, told.usage, told.thread_token_usage
        grown = None if used is None else session.usage.recorded(used, total)
        if grown is None:
            return
        if total is not None and total.total_tokens is not None:
            name = _name(session, total)
        elif told.response_id is not None:
            name = told.response_id
        else:
            session.calls += 1
            name = f"{session.name}:call:{session.calls}"
        session.call(name, grown, found, told.model, told.response_id)

    def _completed(self, told: Told, found: list[Fragment]) -> None:
        """An item of a turn, as newer versions tell it: a prompt, or a tool."""
        item = told.item
        if item is None:
            return
        if item.type == "UserMessage":
            said = message({"content": decoded(item.content)}).text
            self._session.begin_turn(said or None, found)
        else:
            codex_tools.carried(item, told, self._session, found)

    def _started_agent(self, told: Told, found: list[Fragment]) -> None:
        """Which tool started which session: that one's file does not tell it."""
        thread, tool = told.agent_thread_id or told.new_thread_id, told.event_id or told.call_id
        if thread is not None and tool is not None and told.kind in (None, "started"):
            found.append(self._session.agent_span(thread, tool))

    def _error(self, told: Told) -> Fragment:
        session = self._session
        said = text(decoded(told.message)) or text(mapping(decoded(told.error)).get("message"))
        info = decoded(told.codex_error_info)
        kind = text(info) or next(iter(mapping(info)), None)
        return Fragment(
            trace_id=session.trace,
            parent_id=session.turn or session.agent,
            name="error",
            operation="other",
            start=session.at,
            flags=_BOTH,
            status="error",
            error_type=kind or errors.kind_of(said) or "error",
            error_message=said,
            session_id=session.id,
            place=session.place,
        )

    def _item(self, told: Told, found: list[Fragment]) -> None:
        """A part of the conversation, as the model is told it."""
        session = self._session
        session.note()
        kind = told.type
        if kind in CALLS or kind in OUTPUTS:
            codex_tools.item(told, session, found)
        elif kind == "agent_message":
            session.prompt(message({"content": decoded(told.content)}).text)
        elif told.role == "user":
            said = message({"content": decoded(told.content)}).text.lstrip()
            if said and not said.startswith(_INJECTED):
                session.await_turn(None, said)
        elif told.role == "assistant":
            session.go_on(found)

    def _streamed(self, line: Line, found: list[Fragment]) -> None:
        """A line of `codex exec --json`."""
        session, kind, item = self._session, line.type, line.item
        if kind == "thread.started":
            session.restart(line.thread_id)
        elif kind == "turn.started":
            session.begin_turn(None, found)
        elif kind == "turn.completed":
            used = None if line.usage is None else session.usage.since(line.usage, None)
            if used is not None:
                session.call(f"{session.turn}:usage", used, found)
            session.end_turn(line, "ok", found)
        elif kind == "turn.failed":
            found.append(self._error(line))
            session.end_turn(line, "error", found)
        elif kind == "error":
            found.append(self._error(line))
        elif item is not None:
            session.note()
            if kind == "item.started":
                codex_tools.running(item, session, found)
            elif kind == "item.completed":
                codex_tools.completed(item, session, found)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The content of a line: of a turn, of a tool, or of the call between two counts."""
        codex_payload.fill(document, span, payload)


def _name(session: Session, total: Tokens) -> str:
    """The name of the call that made a total what it is, in all forks of its session."""
    return f"{session.name}:{total.input_tokens}:{total.output_tokens}:{total.total_tokens}"
