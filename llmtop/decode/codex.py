"""Codex's rollouts (`~/.codex/sessions`): calls are seen by the growth of the session's usage."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from msgspec import Raw, json

from llmtop.decode import attributes, codex_payload, errors, providers, shapes, usage
from llmtop.decode.format import Document, Format, lasts_until
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, parsed, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED

_TYPES = frozenset({"session_meta", "turn_context", "response_item", "event_msg", "compacted"})
_STREAM = frozenset(
    {
        "thread.started", "turn.started", "turn.completed", "turn.failed",
        "item.started", "item.updated", "item.completed",
    }
)  # fmt: skip
"""Lines of `codex exec --json`."""
_LONGEST_NAME = 80


class Codex(Format):
    """Rollouts; a fork copies its parent's lines, so that calls are named by the parent's usage."""

    name = "Codex"
    shape = shapes.CODEX

    def __init__(self) -> None:
        self._session: str | None = None
        self._trace: str | None = None
        self._agent: str | None = None
        """The span of this session, where another session started it as an agent."""
        self._root: str | None = None
        self._model: str | None = None
        self._provider: str | None = None
        self._turn: str | None = None
        self._turns = 0
        self._total: tuple[object, ...] | None = None
        self._since = -1
        """Where the first line after the last call is: what the next call was asked."""

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a type of line with its payload, or by the lines of the first versions."""
        kind = document.get("type")
        if kind in _TYPES:
            return "payload" in document
        if kind in _STREAM:
            return True
        if document.get("record_type") == "state":
            return True
        if "instructions" in document and "git" in document and "id" in document:
            return True
        if kind == "message":
            # A raw answer of Anthropic's API has the same type, and a model.
            listed = isinstance(document.get("content"), list)
            return listed and "role" in document and "model" not in document
        return kind in codex_payload.CALLS | codex_payload.OUTPUTS and "call_id" in document

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one line tells."""
        kind = document.get("type")
        told = mapping(document.get("payload"))
        at = parse_time(document.get("timestamp"))
        match kind:
            case "session_meta":
                return self._begin_session(told, at)
            case "turn_context":
                self._model = text(told.get("model")) or self._model
                return ()
            case "event_msg":
                return self._event(told, at, place)
            case "response_item":
                return self._item(told, at, place)
            case "thread.started":
                return self._begin_session({"id": document.get("thread_id")}, at)
            case "turn.started":
                return [self._begin_turn({}, at, place)]
            case "turn.completed":
                return self._streamed(mapping(document.get("usage")), at, place)
            case "turn.failed":
                return [self._error(mapping(document.get("error")), at, place)]
            case None:
                if "instructions" in document:
                    return self._begin_session(document, at)
                return ()
            case "message" if document.get("role") == "user":
                said = codex_payload.text_of(document)
                return [self._begin_turn({"message": said}, at, place)] if said else []
            case _:
                return self._item(document, at, place)

    def _begin_session(self, told: Mapping[str, Any], at: float | None) -> list[Fragment]:
        """The session's own line; further ones in the file came with what a fork copied."""
        own = text(told.get("id"))
        self._root = text(told.get("forked_from_id")) or own
        if self._agent is None:
            # A fork goes on with its parent's conversation: they are one trace.
            self._trace = self._root
        if self._session is not None:
            return []
        self._session = own
        self._provider = providers.provider(told.get("model_provider"))
        source = mapping(mapping(told.get("source")).get("subagent"))
        spawned = mapping(source.get("thread_spawn"))
        parent = text(spawned.get("parent_thread_id"))
        if parent is None or own is None:
            return []
        self._trace, self._agent = parent, own
        name = text(spawned.get("agent_nickname")) or text(spawned.get("agent_role"))
        return [
            Fragment(
                span_id=own,
                trace_id=parent,
                name=f"subagent {name or own}",
                operation="invoke_agent",
                start=at,
                end=at,
                flags=_BOTH,
                status="ok",
                session_id=own,
                agent=name,
            )
        ]

    def _event(self, told: Mapping[str, Any], at: float | None, place: int) -> list[Fragment]:
        match told.get("type"):
            case "token_count":
                return self._call(mapping(told.get("info")), at, place)
            case "user_message":
                return [self._begin_turn(told, at, place)]
            case "task_complete" | "turn_complete":
                return self._end_turn(told, at)
            case "error" | "stream_error":
                return [self._error(told, at, place)]
            case "turn_aborted":
                return self._end_turn({**told, "aborted": True}, at)
        return []

    def _begin_turn(self, told: Mapping[str, Any], at: float | None, place: int) -> Fragment:
        self._turns += 1
        said = text(told.get("message")) or "turn"
        # A fork's copy of a turn is that turn, and its own turn of the same number is not.
        self._turn = f"{self._root}:turn:{self._turns}:{crc32(said.encode('utf-8', 'replace')):x}"
        self._note(place)
        return Fragment(
            span_id=self._turn,
            trace_id=self._trace,
            parent_id=self._agent,
            name=" ".join(said[:400].split())[:_LONGEST_NAME],
            operation="turn",
            start=at,
            end=at,
            flags=_BOTH,
            status="ok",
            session_id=self._session,
            place=place,
        )

    def _end_turn(self, told: Mapping[str, Any], at: float | None) -> list[Fragment]:
        if self._turn is None:
            return []
        return [
            Fragment(
                span_id=self._turn,
                trace_id=self._trace,
                operation="turn",
                end=at,
                duration=attributes.milliseconds(told.get("duration_ms")),
                ttft=attributes.milliseconds(told.get("time_to_first_token_ms")),
                flags=_BOTH,
                status="cancelled" if told.get("aborted") else "ok",
            ),
            *self._agent_lasts(at),
        ]

    def _agent_lasts(self, at: float | None) -> list[Fragment]:
        if self._agent is None or at is None:
            return []
        return [lasts_until(self._agent, "invoke_agent", self._trace, at)]

    def _note(self, place: int) -> None:
        if self._since < 0:
            self._since = place

    def _call(self, info: Mapping[str, Any], at: float | None, place: int) -> list[Fragment]:
        """A call, if the total has grown since; the client tells the total again and again."""
        total = mapping(info.get("total_token_usage"))
        last = mapping(info.get("last_token_usage")) or total
        if not total:
            return []
        state = tuple(total.get(name) for name in ("input_tokens", "output_tokens", "total_tokens"))
        if state == self._total:
            return []
        self._total = state
        name = f"{self._root}:{':'.join(str(part) for part in state)}"
        return self._used(name, last, at, place)

    def _streamed(self, used: Mapping[str, Any], at: float | None, place: int) -> list[Fragment]:
        """A turn of `codex exec --json`: it tells the usage of all its calls as one."""
        if not used:
            return []
        return [*self._used(f"{self._turn}:usage", used, at, place), *self._end_turn({}, at)]

    def _used(
        self, name: str, used: Mapping[str, Any], at: float | None, place: int
    ) -> list[Fragment]:
        found: list[Fragment] = []
        flags = _BOTH
        if self._since >= 0:
            opening = Fragment(span_id=name, operation="chat", start=at, flags=_OPENED)
            opening.place = self._since
            found.append(opening)
            flags = _ENDED
            self._since = -1
        fragment = Fragment(
            span_id=name,
            trace_id=self._trace,
            parent_id=self._turn or self._agent,
            operation="chat",
            provider=self._provider,
            model=self._model,
            # A fork tells a copied call with a time of its own: of two beginnings the first stays.
            start=at,
            flags=flags,
            status="ok",
            session_id=self._session,
            place=place,
        )
        usage.read(fragment, used, exclusive=False)
        found.append(fragment)
        if self._turn is not None and at is not None:
            found.append(lasts_until(self._turn, "turn", self._trace, at))
        return found

    def _error(self, told: Mapping[str, Any], at: float | None, place: int) -> Fragment:
        said = text(told.get("message"))
        return Fragment(
            trace_id=self._trace,
            parent_id=self._turn or self._agent,
            name="error",
            operation="other",
            start=at,
            end=at,
            flags=_BOTH,
            status="error",
            error_type=text(told.get("codex_error_info")) or errors.kind_of(said) or "error",
            error_message=said,
            session_id=self._session,
            place=place,
        )

    def _item(self, told: Mapping[str, Any], at: float | None, place: int) -> list[Fragment]:
        kind = text(told.get("type"))
        self._note(place)
        call = text(told.get("call_id") or told.get("id"))
        if call is None:
            return []
        if kind in codex_payload.CALLS:
            return [
                Fragment(
                    span_id=call,
                    trace_id=self._trace,
                    parent_id=self._turn or self._agent,
                    name=text(told.get("name")) or "shell",
                    operation="execute_tool",
                    start=at,
                    flags=_OPENED,
                    session_id=self._session,
                    place=place,
                )
            ]
        if kind not in codex_payload.OUTPUTS:
            return []
        failed = _has_failed(told.get("output"))
        return [
            Fragment(
                span_id=call,
                trace_id=self._trace,
                operation="execute_tool",
                end=at,
                flags=_ENDED,
                status="error" if failed else "ok",
                error_type="tool_error" if failed else None,
                place=place,
            )
        ]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The content of a line: of a turn, of a tool, or of the call between two counts."""
        codex_payload.fill(document, span, payload)


_EDGE = 300
"""How much of an output's beginning and end can tell how it went; between them stands the text."""
_EXIT_CODE = re.compile(r'\s*"?(?:Exit code|Process exited with code):? (\d+)')


def _has_failed(output: object) -> bool:
    if isinstance(output, Raw):
        data = bytes(output)
        edges = data[:_EDGE] + data[-_EDGE:]
        if not any(mark in edges for mark in (b"exit_code", b"success", b"xit")):
            return False
        output = json.decode(data)
    said = parsed(output)
    if isinstance(said, str):
        exited = _EXIT_CODE.match(said)
        return exited is not None and int(exited.group(1)) != 0
    told = mapping(said)
    code = mapping(told.get("metadata")).get("exit_code")
    return told.get("success") is False or (isinstance(code, int) and code != 0)
