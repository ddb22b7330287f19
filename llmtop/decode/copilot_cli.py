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
_INPUTS = ("inputTokens", "cacheReadTokens", "cacheWriteTokens")
"""The input, cached tokens included, and the two parts of it that are cached."""
_MOST_AGENTS = 10_000
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


class _Event(Struct):
    """One event, and the agent that it is of."""

    name: str | None
    data: Mapping[str, Any]
    agent_name: str | None
    agent: _Agent
    at: float | None
    place: int

    def note_asked(self) -> None:
        """The agent is told something that its next answer is to."""
        self.agent.since = self.at
        self.agent.asked = self.place if self.agent.asked < 0 else self.agent.asked


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
        kind, event = document.get("type"), self._event(document, place)
        data, at = event.data, event.at
        match kind:
            case "session.start" | "session.resume" | "session.model_change":
                self._session = text(data.get("sessionId")) or self._session
                chosen = text(data.get("selectedModel") or data.get("newModel"))
                event.agent.model = chosen or event.agent.model
            case "user.message":
                return self._asks(event)
            case "assistant.turn_start":
                event.agent.since = at
            case "assistant.message":
                return self._answers(event, key_of(document))
            case "assistant.usage":
                return [self._uses(event)]
            case "model.call_failure":
                return [self._fails(event)]
            case "tool.execution_start":
                used, title = text(data.get("toolCallId")), text(data.get("toolName"))
                above = self._above(event.agent_name)
                return [agent_spans.tool(used, self._session, above, title, at, place)]
            case "tool.execution_complete":
                return [self._tool_ends(event)]
            case "subagent.started" | "subagent.completed" | "subagent.failed":
                return [self._subagent(event, failed=kind == "subagent.failed")]
            case "session.error":
                why, said = text(data.get("errorType")), text(data.get("message"))
                above = self._turn
                return [agent_spans.error(event.name, self._session, above, why, said, at, place)]
            case "abort" if self._turn is not None:
                stopped = lasts_until(self._turn, "turn", self._session, at)
                stopped.status = "cancelled"
                return [stopped]
            case "session.shutdown":
                told = mapping(data.get("modelMetrics"))
                return self._totals.settle(_by_model(told), self._session, at, place)
        return ()

    def _event(self, document: Document, place: int) -> _Event:
        agent = agent_of(document)
        if agent not in self._agents and len(self._agents) > _MOST_AGENTS:
            self._agents.clear()
        return _Event(
            text(document.get("id")),
            mapping(document.get("data")),
            agent,
            self._agents.setdefault(agent, _Agent()),
            parse_time(document.get("timestamp")),
            place,
        )

    def _above(self, agent: str | None) -> str | None:
        return self._turn if agent is None else f"agent:{agent}"

    def _asks(self, event: _Event) -> list[Fragment]:
        event.note_asked()
        if event.agent_name is not None:
            return []
        self._turn = event.name
        said = text(opened(event.data.get("content"))) or ""
        return [agent_spans.turn(self._turn, self._session, said, event.at, event.place)]

    def _call(self, event: _Event, key: str | None) -> Fragment:
        return Fragment(
            span_id=key,
            trace_id=self._session,
            parent_id=self._above(event.agent_name),
            operation="chat",
            model=text(event.data.get("model")) or event.agent.model,
            end=event.at,
            flags=agent_spans.BOTH,
            status="ok",
            session_id=self._session,
            agent=event.agent_name,
            place=event.place,
        )

    def _answers(self, event: _Event, own: str | None) -> list[Fragment]:
        agent, at = event.agent, event.at
        key = agent.unsaid or own
        call = self._call(event, key)
        if agent.since is not None and at is not None and agent.since <= at:
            call.start = agent.since
        call.output_tokens = count(event.data.get("outputTokens"))
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

    def _uses(self, event: _Event) -> Fragment:
        """The usage of a call, told before or after its answer."""
        agent, data = event.agent, event.data
        key = agent.unused or event.name
        call = self._call(event, key)
        call.duration = attributes.milliseconds(data.get("duration"))
        call.ttft = attributes.milliseconds(data.get("ttftMs"))
        sent, read, written = (count(data.get(name)) for name in _INPUTS)
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
        return call

    def _fails(self, event: _Event) -> Fragment:
        call = self._call(event, event.name)
        call.duration = attributes.milliseconds(event.data.get("durationMs"))
        said, status = text(event.data.get("errorMessage")), count(event.data.get("statusCode"))
        call.status, call.error_message = "error", said
        call.error_type = str(status) if status else errors.kind_of(said) or "api_error"
        event.agent.since = event.at
        return call

    def _tool_ends(self, event: _Event) -> Fragment:
        event.note_asked()
        data, used = event.data, text(event.data.get("toolCallId"))
        status = "error" if data.get("success") is False else "ok"
        end = agent_spans.tool_end(used, self._session, status, event.at, event.place)
        if status == "error":
            told, result = mapping(data.get("error")), mapping(opened(data.get("result")))
            said = text(told.get("message")) or text(result.get("content"))
            agent_spans.ended(end, status, event.at, said, text(told.get("code")))
        return end

    def _subagent(self, event: _Event, *, failed: bool) -> Fragment:
        data, used = event.data, text(event.data.get("toolCallId"))
        name = event.agent_name or used
        agent = self._agents.setdefault(name, event.agent if event.agent_name else _Agent())
        agent.model = text(data.get("model")) or agent.model
        title = text(data.get("agentDisplayName") or data.get("agentName")) or name
        said = f"subagent {title}"
        span = agent_spans.turn(f"agent:{name}", self._session, said, event.at, event.place)
        span.operation, span.parent_id, span.agent = "invoke_agent", used or self._turn, name
        if failed:
            why = text(data.get("error"))
            agent_spans.ended(span, "error", event.at, why, errors.kind_of(why) or "error")
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
        sent, read, written = (count(figures.get(name)) or 0 for name in _INPUTS)
        rest = sent - read - written
        found[model] = {
            "inputTokens": rest if rest >= 0 else sent,
            "outputTokens": count(figures.get("outputTokens")) or 0,
            "cacheReadInputTokens": read,
            "cacheCreationInputTokens": written,
            "costUSD": _dollars(mapping(told)),
        }
    return found
