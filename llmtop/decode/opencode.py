"""opencode: its stored messages and parts, its exports, and the events of its runs and server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from llmtop.decode import agent_spans, errors, opencode_payload, providers
from llmtop.decode.format import Document, Format, lasts_until
from llmtop.decode.opencode_payload import messages_of
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, text
from llmtop.payload import Payload
from llmtop.span import Fragment, Span

_EVENTS = frozenset({"step_start", "step_finish", "text", "tool_use", "reasoning", "error"})
_MOST_STEPS = 20_000


class OpenCode(Format):
    """An assistant's message is a call; parts are its text and its tools."""

    name = "opencode"

    def __init__(self) -> None:
        self._steps: dict[str, str | None] = {}
        """The part that began the first step of each message: later ones are calls of their own."""
        self._step: dict[str, str] = {}

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the session's id as opencode spells it, or by what it keeps of a session."""
        if "sessionID" in document:
            if document.get("type") in _EVENTS:
                return "timestamp" in document or "part" in document
            return ("role" in document and "id" in document) or "messageID" in document
        listed = messages_of(document)
        if listed:
            return any("sessionID" in mapping(each.get("info")) for each in listed[:3])
        if "properties" in document:
            told = mapping(document["properties"])
            inner = mapping(told.get("info") or told.get("part"))
            return str(document.get("type")).startswith("message.") and "sessionID" in inner
        if str(document.get("id")).startswith("ses_"):
            return "time" in document and ("directory" in document or "projectID" in document)
        return False

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """Every call, turn and tool that a document tells of."""
        listed = messages_of(document)
        if listed:
            found: list[Fragment] = []
            for told in listed:
                found += _message(mapping(told.get("info")), _parts(told), place)
            return found
        if "properties" in document:
            told = mapping(document["properties"])
            document = mapping(told.get("info")) or mapping(told.get("part"))
        if "part" in document or document.get("type") == "error":
            return self._event(document, place)
        return _message(document, (), place) if "role" in document else _part(document, place)

    def _event(self, told: Mapping[str, Any], place: int) -> Sequence[Fragment]:
        part = mapping(told.get("part"))
        at = parse_time(told.get("timestamp"))
        session = text(told.get("sessionID"))
        match told.get("type"):
            case "step_start":
                opening = Fragment(operation="chat", trace_id=session, session_id=session)
                opening.span_id = self._begin_step(part)
                opening.start, opening.flags, opening.place = at, agent_spans.OPENED, place
                return [opening]
            case "step_finish":
                message = text(part.get("messageID"))
                closing = Fragment(operation="chat", trace_id=session, session_id=session)
                closing.span_id = self._step.get(message or "", message)
                closing.end, closing.flags, closing.place = at, agent_spans.ENDED, place
                closing.status, closing.finish_reason = "ok", text(part.get("reason"))
                _usage(closing, mapping(part.get("tokens")), part.get("cost"))
                return [closing]
            case "tool_use":
                found = _part(part, place)
                for run in found:
                    run.parent_id = self._step.get(run.parent_id or "", run.parent_id)
                return found
            case "error":
                kind, said = _failure(told.get("error"))
                return [agent_spans.error(None, session, None, kind, said, at, place)]
        return ()

    def _begin_step(self, part: Mapping[str, Any]) -> str | None:
        """The call that a step is: older versions write several steps into one message."""
        message, own = text(part.get("messageID")), text(part.get("id"))
        if message is None:
            return None
        if len(self._steps) > _MOST_STEPS:
            self._steps.clear()
            self._step.clear()
        first = self._steps.setdefault(message, own)
        self._step[message] = message if first == own else f"{message}/{own}"
        return self._step[message]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The parts of one message, in an export or an event; a stored message has none."""
        opencode_payload.fill(document, span, payload)


def _parts(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts = told.get("parts")
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _message(
    told: Mapping[str, Any], parts: Sequence[Mapping[str, Any]], place: int
) -> list[Fragment]:
    """A message with the parts that stand beside it."""
    found: list[Fragment] = []
    if told.get("role") == "assistant":
        call = _call(told, parts, place)
        found.append(call)
        if call.parent_id is not None and call.end is not None:
            found.append(lasts_until(call.parent_id, "turn", call.trace_id, call.end))
    elif told.get("role") == "user":
        at = parse_time(mapping(told.get("time")).get("created"))
        title = text(mapping(told.get("summary")).get("title"))
        said = opencode_payload.typed(parts) or title  # which may come later
        found.append(
            agent_spans.turn(text(told.get("id")), text(told.get("sessionID")), said, at, place)
        )
    for part in parts:
        found += _part(part, place)
    return found


def _call(told: Mapping[str, Any], parts: Iterable[Mapping[str, Any]], place: int) -> Fragment:
    times = mapping(told.get("time"))
    end = parse_time(times.get("completed"))
    error = told.get("error")
    kind, said = _failure(error)
    session = text(told.get("sessionID"))
    model = mapping(told.get("model"))
    over = end is not None or error is not None or told.get("finish") is not None
    call = Fragment(
        span_id=text(told.get("id")),
        trace_id=session,
        parent_id=text(told.get("parentID")),
        operation="chat",
        provider=providers.provider(told.get("providerID") or model.get("providerID")),
        model=text(told.get("modelID") or model.get("modelID")),
        start=parse_time(times.get("created")),
        end=end,
        flags=agent_spans.BOTH if over else agent_spans.OPENED,
        finish_reason=text(told.get("finish")),
        session_id=session,
        agent=text(told.get("agent") or told.get("mode")),
        place=place,
    )
    if not over:
        return call
    aborted = kind == "MessageAbortedError"
    call.status = "cancelled" if aborted else "error" if error else "ok"
    if error and not aborted:
        call.error_type, call.error_message = kind or "error", said
    steps = [mapping(part.get("tokens")) for part in parts if part.get("type") == "step-finish"]
    _usage(call, mapping(told.get("tokens")), told.get("cost"))
    if len(steps) > 1:
        # Older versions keep the tokens of the last step alone, and the cost of all.
        _sum(call, steps)
    if end is not None and call.start is not None:
        # A fork copies messages under new ids, their times kept to the millisecond.
        used = f"{call.input_tokens}/{call.output_tokens}/{call.cost}"
        call.response_id = f"{call.model}@{call.start:.3f}-{end:.3f}:{used}"
    return call


def _sum(call: Fragment, steps: Iterable[Mapping[str, Any]]) -> None:
    each = [Fragment() for _ in steps]
    for step, tokens in zip(each, steps, strict=True):
        _usage(step, tokens, None)
    for name in ("input", "output", "cache_read", "cache_write", "reasoning"):
        told = [getattr(step, f"{name}_tokens") for step in each]
        known = [tokens for tokens in told if tokens is not None]
        if known:
            setattr(call, f"{name}_tokens", sum(known))


def _usage(call: Fragment, tokens: Mapping[str, Any], cost: object) -> None:
    """Tokens of the input leave out cached ones; those of the output leave out reasoning, or not.

    The total tells, where there is one; more reasoning than output is beside it for certain.
    """
    call.cost = number(cost)
    cache = mapping(tokens.get("cache"))
    read, written = count(cache.get("read")), count(cache.get("write"))
    sent, output = count(tokens.get("input")), count(tokens.get("output"))
    reasoning = count(tokens.get("reasoning"))
    if not (sent or output or read or written):
        return
    call.input_tokens = None if sent is None else sent + (read or 0) + (written or 0)
    call.cache_read_tokens, call.cache_write_tokens = read, written
    call.reasoning_tokens = reasoning
    if output is not None and reasoning:
        total = count(tokens.get("total"))
        rest = None if total is None else total - (call.input_tokens or 0) - output
        if reasoning > output or (rest is not None and rest >= reasoning):
            output += reasoning
    call.output_tokens = output


def _failure(error: object) -> tuple[str | None, str | None]:
    told = mapping(error)
    if not told:
        return errors.told(error)
    said = text(mapping(told.get("data")).get("message")) or text(told.get("message"))
    return text(told.get("name")) or errors.kind_of(said), said


def _part(part: Mapping[str, Any], place: int) -> list[Fragment]:
    """A tool's run, or an attempt that failed; what was said is no span."""
    session, message = text(part.get("sessionID")), text(part.get("messageID"))
    own = text(part.get("callID") or part.get("id"))
    if part.get("type") == "retry":
        kind, said = _failure(part.get("error"))
        at = parse_time(mapping(part.get("time")).get("created"))
        retry = agent_spans.error(own, session, message, kind, said, at, place)
        retry.name = f"API retry {text(part.get('attempt')) or ''}".strip()
        return [retry]
    if part.get("type") != "tool":
        return []
    state = mapping(part.get("state"))
    times = mapping(state.get("time"))
    begun = parse_time(times.get("start"))
    run = agent_spans.tool(own, session, message, text(part.get("tool")), begun, place)
    status = {"completed": "ok", "error": "error"}.get(text(state.get("status")) or "")
    if status is not None:
        agent_spans.ended(run, status, parse_time(times.get("end")), text(state.get("error")))
    return [run]
