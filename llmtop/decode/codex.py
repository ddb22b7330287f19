"""Codex's rollouts (`~/.codex/sessions`): calls are seen by the growth of the session's usage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import attributes, errors, providers, usage
from llmtop.decode.format import Document, Format
from llmtop.decode.messages import conversation, message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, parsed, shown, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED

_TYPES = frozenset({"session_meta", "turn_context", "response_item", "event_msg", "compacted"})
_CALLS = frozenset({"function_call", "custom_tool_call", "local_shell_call"})
_OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output"})
_LONGEST_NAME = 80


class Codex(Format):
    """Rollouts; a fork copies its parent's lines, so that calls are named by the parent's usage."""

    name = "Codex"

    def __init__(self) -> None:
        self._session: str | None = None
        self._root: str | None = None
        self._model: str | None = None
        self._provider: str | None = None
        self._turn: str | None = None
        self._turns = 0
        self._total: tuple[object, ...] | None = None

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a type of line with its payload, or by the lines of the first versions."""
        kind = document.get("type")
        if kind in _TYPES and "payload" in document:
            return True
        if document.get("record_type") == "state":
            return True
        if "instructions" in document and "git" in document and "id" in document:
            return True
        return kind in _CALLS | _OUTPUTS and "call_id" in document

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one line tells."""
        kind = document.get("type")
        told = mapping(document.get("payload"))
        at = parse_time(document.get("timestamp"))
        if kind == "session_meta":
            self._session = text(told.get("id"))
            self._root = text(told.get("forked_from_id")) or self._session
            self._provider = providers.provider(told.get("model_provider"))
            return ()
        if kind == "turn_context":
            self._model = text(told.get("model")) or self._model
            return ()
        if kind == "event_msg":
            return self._event(told, at, place)
        if kind == "response_item":
            return self._item(told, at, place)
        if kind in _CALLS | _OUTPUTS:
            return self._item(document, at, place)
        return ()

    def _event(self, told: Mapping[str, Any], at: float | None, place: int) -> list[Fragment]:
        match told.get("type"):
            case "token_count":
                return self._call(mapping(told.get("info")), at, place)
            case "user_message":
                return [self._begin_turn(told, at, place)]
            case "task_complete":
                return self._end_turn(told, at)
            case "error" | "stream_error":
                return [self._error(told, at, place)]
            case "turn_aborted":
                return self._end_turn({**told, "aborted": True}, at)
        return []

    def _begin_turn(self, told: Mapping[str, Any], at: float | None, place: int) -> Fragment:
        self._turns += 1
        self._turn = f"{self._session}:turn:{self._turns}"
        said = text(told.get("message")) or "turn"
        return Fragment(
            span_id=self._turn,
            trace_id=self._session,
            name=" ".join(said.split())[:_LONGEST_NAME],
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
                trace_id=self._session,
                end=at,
                duration=attributes.milliseconds(told.get("duration_ms")),
                ttft=attributes.milliseconds(told.get("time_to_first_token_ms")),
                flags=_ENDED,
                status="cancelled" if told.get("aborted") else "ok",
            )
        ]

    def _call(self, info: Mapping[str, Any], at: float | None, place: int) -> list[Fragment]:
        total = mapping(info.get("total_token_usage"))
        last = mapping(info.get("last_token_usage")) or total
        if not total:
            return []
        state = tuple(total.get(name) for name in ("input_tokens", "output_tokens", "total_tokens"))
        if state == self._total:
            return []
        self._total = state
        fragment = Fragment(
            span_id=f"{self._root}:{':'.join(str(part) for part in state)}",
            trace_id=self._session,
            parent_id=self._turn,
            operation="chat",
            provider=self._provider,
            model=self._model,
            end=at,
            flags=_BOTH,
            status="ok",
            session_id=self._session,
            place=place,
        )
        usage.read(fragment, last, exclusive=False)
        if self._turn is None or at is None:
            return [fragment]
        return [
            fragment,
            Fragment(span_id=self._turn, trace_id=self._session, end=at, flags=_ENDED),
        ]

    def _error(self, told: Mapping[str, Any], at: float | None, place: int) -> Fragment:
        said = text(told.get("message"))
        return Fragment(
            trace_id=self._session,
            parent_id=self._turn,
            name="error",
            operation="other",
            start=at,
            end=at,
            flags=_BOTH,
            status="error",
            error_type=errors.kind_of(said) or "error",
            error_message=said,
            session_id=self._session,
            place=place,
        )

    def _item(self, told: Mapping[str, Any], at: float | None, place: int) -> list[Fragment]:
        kind = told.get("type")
        call = text(told.get("call_id") or told.get("id"))
        if call is None:
            return []
        if kind in _CALLS:
            return [
                Fragment(
                    span_id=call,
                    trace_id=self._session,
                    parent_id=self._turn,
                    name=text(told.get("name")) or "shell",
                    operation="execute_tool",
                    start=at,
                    flags=_OPENED,
                    session_id=self._session,
                    place=place,
                )
            ]
        if kind not in _OUTPUTS:
            return []
        failed = _has_failed(told.get("output"))
        return [
            Fragment(
                span_id=call,
                trace_id=self._session,
                operation="execute_tool",
                end=at,
                flags=_ENDED,
                status="error" if failed else "ok",
                error_type="tool_error" if failed else None,
                place=place,
            )
        ]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The item or event of a line; a line tells of one span."""
        del span
        told = mapping(document.get("payload")) or document
        kind = told.get("type")
        if kind in _CALLS:
            payload.input += conversation(shown(told.get("arguments", told.get("input"))), "tool")
        elif kind in _OUTPUTS:
            payload.output += conversation(told.get("output"), "tool")
        elif kind == "token_count":
            payload.attributes.update(mapping(mapping(told.get("info")).get("last_token_usage")))
            payload.missing = (
                "Codex writes usage apart from messages: see the turn's other spans for content."
            )
        elif kind == "user_message":
            payload.input += (message({"content": told.get("message")}),)
        else:
            payload.attributes.update(told)


def _has_failed(output: object) -> bool:
    told = mapping(parsed(output))
    code = mapping(told.get("metadata")).get("exit_code")
    return told.get("success") is False or (isinstance(code, int) and code != 0)
