"""Tasks of Cline, Roo Code and Kilo Code (`tasks/*/ui_messages.json`), and of `cline --json`.

A request is a message that is told again when its answer is over: with tokens, and what it cost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import agent_spans, errors, providers, shapes
from llmtop.decode.format import Document, Format, lasts_until
from llmtop.decode.messages import conversation
from llmtop.decode.shapes import opened
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, text
from llmtop.payload import Message, Payload
from llmtop.span import Fragment, Span

_REQUEST = "api_req_started"
_ASKING = frozenset({"task", "user_feedback", "user_feedback_diff"})
_TOOLS = frozenset({"tool", "command", "use_mcp_server", "browser_action"})
_FAILURES = frozenset({"error", "api_req_failed"})
_MODEL = re.compile(r"<model>([^<\s]{1,200})</model>")
"""Roo Code tells the model to itself, in what it sends along with each prompt."""
_NEXT = "next_request"


class Cline(Format):
    """A task is a trace; it bears no name of its own, and is known by when it began."""

    name = "Cline"
    shape = shapes.CLINE

    def __init__(self) -> None:
        self._task: str | None = None
        self._turn: str | None = None
        self._model: str | None = None
        self._running: str | None = None

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a message that is said or asked, and names in the field of its type what."""
        kind = document.get("type")
        if kind == "say" or kind == "ask":
            return isinstance(document.get(kind), str) and "ts" in document
        return kind == "task_started" and "taskId" in document

    def read_line(self, line: bytes, place: int) -> Sequence[Fragment] | None:
        """One message, or all of a task, which is one line that is written anew each time."""
        if not line.startswith(b"["):
            return super().read_line(line, place)
        told: Any = shapes.CLINE_TASK.line(line)
        if not told or not all(map(self.recognises, told)):
            return None
        return [found for each in told for found in self.read(each, place)]

    def read(self, document: Document, place: int) -> Sequence[Fragment]:
        """What one message tells."""
        if document.get("type") == "task_started":
            self._task = text(document.get("taskId"))
            return ()
        moment, at = text(document.get("ts")), parse_time(document.get("ts"))
        kind = _kind(document)
        first = self._task is None
        if self._task is None:
            self._task = f"task {moment}"
        if kind in _ASKING or (first and kind == "text"):
            self._turn = f"{moment}:{kind}"
            said = text(opened(document.get("text"))) or ""
            return [agent_spans.turn(self._turn, self._task, said, at, place)]
        if kind == _REQUEST:
            return self._request(document, f"{moment}:{kind}", at, place)
        if kind == "api_req_finished" and self._running is not None:
            call = Fragment(span_id=self._running, trace_id=self._task, operation="chat")
            call.place = place
            return [_told(call, mapping(opened(document.get("text"))))]
        if kind in _TOOLS and document.get("partial") is not True:
            return [self._tool(document, f"{moment}:{kind}", at, place)]
        if kind in _FAILURES:
            key, problem = f"{moment}:{kind}", text(opened(document.get("text")))
            return [agent_spans.error(key, self._task, self._turn, None, problem, at, place)]
        return ()

    def _request(
        self, document: Document, key: str, at: float | None, place: int
    ) -> list[Fragment]:
        written = text(opened(document.get("text"))) or ""
        told = shapes.CLINE_REQUEST.line(written.encode("utf-8", "replace")) or {}
        chosen = mapping(document.get("modelInfo"))
        model = text(told.get("modelId") or chosen.get("modelId"))
        named = None if model else _MODEL.search(written)
        self._model = model or (named.group(1) if named else self._model)
        found: list[Fragment] = []
        if self._running is not None and self._running != key:
            # The next request is made when the one before is over, however it was.
            over = Fragment(span_id=self._running, trace_id=self._task, operation="chat")
            over.flags = agent_spans.ENDED
            found.append(over)
        call = Fragment(
            span_id=key,
            trace_id=self._task,
            parent_id=self._turn,
            operation="chat",
            provider=providers.provider(told.get("providerId") or chosen.get("providerId")),
            model=self._model,
            start=at,
            session_id=self._task,
            place=place,
            flags=agent_spans.OPENED,
        )
        self._running = key
        if not told.keys().isdisjoint({"tokensIn", "tokensOut", "cost", "cancelReason"}):
            _told(call, told)
            self._running = None
        found.append(call)
        if self._turn is not None and at is not None:
            found.append(lasts_until(self._turn, "turn", self._task, at))
        return found

    def _tool(self, document: Document, key: str, at: float | None, place: int) -> Fragment:
        told = mapping(opened(document.get("text")))
        name = text(told.get("tool") or told.get("toolName")) or _kind(document)
        run = agent_spans.tool(key, self._task, self._turn, name, at, place)
        return agent_spans.ended(run, "ok", None)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """What was sent with a request, and what was said until the next one."""
        kind, said = _kind(document), text(document.get("text"))
        own = f"{text(document.get('ts'))}:{kind}" == span.span_id
        if own and kind == _REQUEST:
            told = dict(mapping(said))
            payload.input += conversation(told.pop("request", None))
            payload.attributes.update(told)
        elif own and said is not None:
            payload.input += (Message("tool" if kind in _TOOLS else "user", said),)
        elif span.is_call and payload.attributes and _NEXT not in payload.attributes:
            if kind == _REQUEST:
                payload.attributes[_NEXT] = document.get("ts")
            elif kind in {"text", "reasoning", "completion_result"} and said is not None:
                line = f"[reasoning] {said}" if kind == "reasoning" else said
                payload.output += (Message("assistant", line),)


def _kind(document: Document) -> str | None:
    """What is said or asked."""
    return text(document.get(str(document.get("type"))))


def _told(call: Fragment, told: Mapping[str, Any]) -> Fragment:
    """A request with what is told of it when it is over.

    Its input leaves out cached tokens, but for servers that speak OpenAI's protocol.
    """
    call.flags |= agent_spans.ENDED
    why, said = text(told.get("cancelReason")), text(told.get("streamingFailedMessage"))
    failed = why == "streaming_failed" or (why is None and said is not None)
    call.status = "error" if failed else "cancelled" if why == "user_cancelled" else "ok"
    if failed:
        call.error_type, call.error_message = errors.kind_of(said) or "streaming_failed", said
    sent, output = count(told.get("tokensIn")), count(told.get("tokensOut"))
    read, written = count(told.get("cacheReads")), count(told.get("cacheWrites"))
    call.cost = number(told.get("cost"))
    if not (sent or output or read or written):
        return call
    if sent is not None and told.get("apiProtocol") != "openai":
        sent += (read or 0) + (written or 0)
    call.input_tokens, call.output_tokens = sent, output
    call.cache_read_tokens, call.cache_write_tokens = read, written
    call.reasoning_tokens = count(told.get("reasoningTokens"))
    return call
