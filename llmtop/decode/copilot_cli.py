"""GitHub Copilot CLI's sessions (`~/.copilot/session-state/*/events.jsonl`) and its JSON output.

What is kept tells of each answer its output tokens alone; the input's are told in totals when the
session ends, and are shared out among its calls then. The JSON output tells each call's usage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from llmtop.decode import agent_spans, attributes, copilot_payload, errors, shapes, usage
from llmtop.decode.claude_lines import Usage
from llmtop.decode.claude_totals import Totals
from llmtop.decode.copilot_payload import agent_of, key_of
from llmtop.decode.format import Document, Format, lasts_until
from llmtop.decode.shapes import opened
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, text
from llmtop.payload import Payload
from llmtop.span import Fragment, Span

_FAMILIES = ("session.", "assistant.", "user.", "tool.", "subagent.", "system.", "model.")
_OTHERS = ("abort", "hook.", "skill.", "permission.", "pending_messages.", "external_tool.")
_NANO_UNITS_PER_DOLLAR = 1e11
"""A unit of Copilot's billing is a cent."""


class _Agent(Struct):
    """Where the main agent, or one of its subagents, is in its conversation."""

    model: str | None = None
    since: float | None = None
    asked: int = -1
    unused: str | None = None
    """The call of the last answer, until its usage is told."""
    unsaid: str | None = None
    """The call of the last usage, until its answer is told."""


class CopilotCli(Format):
    """An answer is a call; a turn is what one prompt began; a subagent stands below its tool."""

    name = "GitHub Copilot CLI"
    shape = shapes.COPILOT_CLI

    def __init__(self) -> None:
        self._session: str | None = None
        self._turn: str | None = None
        self._agents: dict[str | None, _Agent] = {}
        self._totals = Totals()

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the type of an event beside its data and its place in the chain of events."""
        kind = document.get("type")
        if not isinstance(kind, str):
            return False
        if kind == "result":
            return "exitCode" in document and "sessionId" in document
        if "parentId" not in document or not isinstance(document.get("data"), dict):
            return False
        return kind.startswith(_FAMILIES) or kind.startswith(_OTHERS)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What one event tells."""
        data = mapping(document.get("data"))
        at = parse_time(document.get("timestamp"))
        name = agent_of(document)
        agent = self._agents.setdefault(name, _Agent())
        match document.get("type"):
            case "session.start" | "session.resume" | "session.model_change":
                self._session = text(data.get("sessionId")) or self._session
                agent.model = text(data.get("selectedModel") or data.get("newModel")) or agent.model
            case "user.message":
                return self._asks(document, data, agent, at, place)
            case "assistant.turn_start":
                agent.since = at
            case "assistant.message":
                return self._answers(document, data, agent, at, place)
            case "assistant.usage":
                return self._uses(document, data, agent, place)
            case "model.call_failure":
                return [self._fails(document, data, agent, at, place)]
            case "tool.execution_start":
                used, title = text(data.get("toolCallId")), text(data.get("toolName"))
                above = self._above(name)
                return [agent_spans.tool(used, self._session, above, title, at, place)]
            case "tool.execution_complete":
                return self._tool_ends(data, agent, at, place)
            case "subagent.started" | "subagent.completed" | "subagent.failed":
                return [self._subagent(document, data, at, place)]
            case "session.error":
                kind, said = text(data.get("errorType")), text(data.get("message"))
                own = text(document.get("id"))
                return [agent_spans.error(own, self._session, self._turn, kind, said, at, place)]
            case "abort" if self._turn is not None:
                stopped = lasts_until(self._turn, "turn", self._session, at)
                stopped.status = "cancelled"
                return [stopped]
            case "session.shutdown":
                told = mapping(data.get("modelMetrics"))
                return self._totals.settle(_by_model(told), self._session, at, place)
        return ()

    def _above(self, agent: str | None) -> str | None:
        return self._turn if agent is None else f"agent:{agent}"

    def _asks(
        self,
        document: Document,
        data: Mapping[str, Any],
        agent: _Agent,
        at: float | None,
        place: int,
    ) -> list[Fragment]:
        agent.since = at
        agent.asked = place if agent.asked < 0 else agent.asked
        if agent_of(document) is not None:
            return []
        self._turn = text(document.get("id"))
        said = text(opened(data.get("content"))) or ""
        return [agent_spans.turn(self._turn, self._session, said, at, place)]

    def _call(
        self, document: Document, data: Mapping[str, Any], key: str | None, place: int
    ) -> Fragment:
        name = agent_of(document)
        agent = self._agents[name]
        return Fragment(
            span_id=key,
            trace_id=self._session,
            parent_id=self._above(name),
            operation="chat",
            model=text(data.get("model")) or agent.model,
            end=parse_time(document.get("timestamp")),
            flags=agent_spans.BOTH,
            status="ok",
            session_id=self._session,
            agent=name,
            place=place,
        )

    def _answers(
        self,
        document: Document,
        data: Mapping[str, Any],
        agent: _Agent,
        at: float | None,
        place: int,
    ) -> list[Fragment]:
        key = agent.unsaid or key_of(document)
        call = self._call(document, data, key, place)
        if agent.since is not None and at is not None and agent.since <= at:
            call.start = agent.since
        call.output_tokens = count(data.get("outputTokens"))
        if key is not None:
            self._totals.note(call.model, key, Usage(output_tokens=call.output_tokens))
        found = [call]
        if agent.asked >= 0 and key is not None:
            call.flags = agent_spans.ENDED
            found.insert(0, agent_spans.asked(key, at, agent.asked))
        if self._turn is not None and at is not None:
            found.append(lasts_until(self._turn, "turn", self._session, at))
        agent.unused = None if agent.unsaid is not None else key
        agent.unsaid, agent.since, agent.asked = None, at, -1
        return found

    def _uses(
        self, document: Document, data: Mapping[str, Any], agent: _Agent, place: int
    ) -> list[Fragment]:
        """The usage of a call, told before or after its answer."""
        key = agent.unused or text(document.get("id"))
        call = self._call(document, data, key, place)
        call.duration = attributes.milliseconds(data.get("duration"))
        call.ttft = attributes.milliseconds(data.get("ttftMs"))
        sent, read, written = (
            count(data.get(name)) for name in ("inputTokens", "cacheReadTokens", "cacheWriteTokens")
        )
        call.input_tokens, call.output_tokens = sent, count(data.get("outputTokens"))
        call.cache_read_tokens, call.cache_write_tokens = read, written
        call.reasoning_tokens = count(data.get("reasoningTokens"))
        usage.include_cache(call)
        call.cost = _dollars(mapping(data.get("copilotUsage")))
        if key is not None:
            rest = (call.input_tokens or 0) - (read or 0) - (written or 0)
            told = Usage(max(0, rest), call.output_tokens, read, written)
            self._totals.note(call.model, key, told)
        agent.unsaid = None if agent.unused is not None else key
        agent.unused = None
        return [call]

    def _fails(
        self,
        document: Document,
        data: Mapping[str, Any],
        agent: _Agent,
        at: float | None,
        place: int,
    ) -> Fragment:
        call = self._call(document, data, text(document.get("id")), place)
        call.duration = attributes.milliseconds(data.get("durationMs"))
        said = text(data.get("errorMessage"))
        call.status, call.error_message = "error", said
        status = count(data.get("statusCode"))
        call.error_type = str(status) if status else errors.kind_of(said) or "api_error"
        agent.since = at
        return call

    def _tool_ends(
        self, data: Mapping[str, Any], agent: _Agent, at: float | None, place: int
    ) -> list[Fragment]:
        agent.since = at
        agent.asked = place if agent.asked < 0 else agent.asked
        status = "error" if data.get("success") is False else "ok"
        end = agent_spans.tool_end(text(data.get("toolCallId")), self._session, status, at, place)
        if status == "error":
            told, result = mapping(data.get("error")), mapping(opened(data.get("result")))
            said = text(told.get("message")) or text(result.get("content"))
            agent_spans.ended(end, status, at, said, text(told.get("code")))
        return [end]

    def _subagent(
        self, document: Document, data: Mapping[str, Any], at: float | None, place: int
    ) -> Fragment:
        used = text(data.get("toolCallId"))
        name = agent_of(document) or used
        agent = self._agents.setdefault(name, _Agent())
        agent.model = text(data.get("model")) or agent.model
        title = text(data.get("agentDisplayName") or data.get("agentName")) or name
        span = agent_spans.turn(f"agent:{name}", self._session, f"subagent {title}", at, place)
        span.operation, span.parent_id, span.agent = "invoke_agent", used or self._turn, name
        if document.get("type") == "subagent.failed":
            said = text(data.get("error"))
            agent_spans.ended(span, "error", at, said, errors.kind_of(said) or "error")
        return span

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """What an event says of a call, a turn or a tool."""
        copilot_payload.fill(document, span, payload)


def _dollars(told: Mapping[str, Any]) -> float | None:
    units = number(told.get("totalNanoAiu"))
    return None if units is None else units / _NANO_UNITS_PER_DOLLAR


def _by_model(metrics: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The totals of each model, in the words in which a stream's totals are settled."""
    found: dict[str, dict[str, Any]] = {}
    for model, told in metrics.items():
        figures = mapping(mapping(told).get("usage"))
        sent, read, written = (
            count(figures.get(name)) or 0
            for name in ("inputTokens", "cacheReadTokens", "cacheWriteTokens")
        )
        rest = sent - read - written
        found[model] = {
            "inputTokens": rest if rest >= 0 else sent,
            "outputTokens": count(figures.get("outputTokens")) or 0,
            "cacheReadInputTokens": read,
            "cacheCreationInputTokens": written,
            "costUSD": _dollars(mapping(told)),
        }
    return found
