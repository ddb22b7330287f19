"""What `claude --output-format stream-json` tells beside messages: parts of them, and results."""

from __future__ import annotations

from typing import Any

from llmtop.decode import claude_spans, errors
from llmtop.decode.claude_lines import Line, StreamEvent
from llmtop.decode.claude_session import Session
from llmtop.decode.format import lasts_until
from llmtop.decode.values import mapping, text
from llmtop.span import Flag, Fragment

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_LONGEST_MESSAGE = 500


def partial(line: Line, session: Session, found: list[Fragment]) -> None:
    """A partial message: the call is running from its first event on, and ends with its last."""
    event, agent = line.event, line.parent_tool_use_id
    if event is None:
        return
    if event.type == "message_start" and event.message is not None:
        message = event.message
        call = message.id or line.uuid
        if call is None:
            return
        above = agent or session.current_turn(found)
        session.streaming[agent] = call
        session.running.add(call)
        told = claude_spans.call(session, line, message, call, above, session.at, _OPENED)
        told.ttft = None if line.ttft_ms is None else line.ttft_ms / 1000.0
        told.status = None
        told.place = session.asked.get(agent, session.place)
        _use(told, event, message.model, session, found)
    elif event.type == "message_delta" and agent in session.streaming:
        session.running.discard(session.streaming[agent])
        told = Fragment(
            span_id=session.streaming[agent],
            trace_id=session.session,
            operation="chat",
            end=session.at,
            finish_reason=None if event.delta is None else event.delta.stop_reason,
            status="ok",
            flags=_ENDED,
            place=session.place,
        )
        _use(told, event, None, session, found)


def _use(
    told: Fragment,
    event: StreamEvent,
    model: str | None,
    session: Session,
    found: list[Fragment],
) -> None:
    usage = event.usage or (event.message.usage if event.message is not None else None)
    found.append(told)
    if usage is not None and told.span_id is not None:
        sent, output, read, written = claude_spans.counts(usage)
        told.input_tokens, told.output_tokens = sent, output
        told.cache_read_tokens, told.cache_write_tokens = read, written
        claude_spans.use_rest(told, usage)
        session.totals.note(model, told.span_id, usage)


def result(line: Line, session: Session, found: list[Fragment]) -> None:
    """The end of a run: how long the turn took, how it went, and the totals of all its calls."""
    turn = session.current_turn(found)
    if turn is None and session.session is not None:
        turn = f"{session.session}:run"
        session.begin_turn(turn, "claude run", found)
    if turn is not None and (line.duration_ms is not None or line.is_error):
        told = lasts_until(turn, "turn", session.session, session.at)
        told.duration = None if line.duration_ms is None else line.duration_ms / 1000.0
        if line.is_error:
            _fail(told, line)
        found.append(told)
    found.extend(_abandoned(session, call) for call in sorted(session.running))
    session.running.clear()
    found.extend(
        claude_spans.denied(session, denial.tool_use_id)
        for denial in line.permission_denials or ()
        if denial.tool_use_id is not None
    )
    figures = mapping(claude_spans.decoded(line.modelUsage))
    spot = (session.session, session.at, session.place)
    if figures:
        found += session.totals.settle(figures, *spot)
    else:
        cost = line.total_cost_usd if line.total_cost_usd is not None else line.cost_usd
        found += session.totals.settle_all(line.usage, cost, *spot)


def _abandoned(session: Session, call: str) -> Fragment:
    """A call that was running when its run ended."""
    return Fragment(
        span_id=call,
        trace_id=session.session,
        operation="chat",
        end=session.at,
        status="cancelled",
        flags=_ENDED,
        place=session.place,
    )


def _fail(told: Fragment, line: Line) -> None:
    said: Any = claude_spans.decoded(line.errors)
    said = said[0] if isinstance(said, list) and said else claude_spans.decoded(line.result)
    message = text(said) or (None if said is None else errors.told(said)[1])
    kind = line.subtype if line.subtype not in (None, "success") else errors.kind_of(message)
    told.status = "error"
    told.error_type = kind or "error"
    told.error_message = None if message is None else message[:_LONGEST_MESSAGE]
