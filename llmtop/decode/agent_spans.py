"""The spans that sessions of coding agents are made of: turns, questions, tools and errors."""

from __future__ import annotations

from llmtop.decode import errors
from llmtop.span import Flag, Fragment

OPENED = int(Flag.OPENED)
ENDED = int(Flag.ENDED)
BOTH = OPENED | ENDED

_LONGEST_NAME = 80
_NAMED_BY = 200
"""Characters of a prompt that are looked at for the turn's name."""
_LONGEST_MESSAGE = 500


def name_of(said: str) -> str | None:
    """A turn's name: how its prompt begins, in one line."""
    return " ".join(said[:_NAMED_BY].split())[:_LONGEST_NAME] or None


def turn(
    span_id: str | None, session: str | None, said: str | None, at: float | None, place: int
) -> Fragment:
    """A turn: a prompt, and all that is done until the next one; no prompt is one still to come."""
    return Fragment(
        span_id=span_id,
        trace_id=session,
        name=None if said is None else name_of(said) or "turn",
        operation="turn",
        start=at,
        end=at,
        flags=BOTH,
        status="ok",
        session_id=session,
        place=place,
    )


def asked(span_id: str, at: float | None, place: int) -> Fragment:
    """Where the first message lies that a call answers; when it began is not said by that."""
    return Fragment(span_id=span_id, operation="chat", end=at, flags=OPENED, place=place)


def tool(
    span_id: str | None,
    session: str | None,
    parent: str | None,
    name: str | None,
    start: float | None,
    place: int,
) -> Fragment:
    """A tool's run, of which the beginning is known."""
    return Fragment(
        span_id=span_id,
        trace_id=session,
        parent_id=parent,
        name=name,
        operation="execute_tool",
        start=start,
        flags=OPENED,
        session_id=session,
        place=place,
    )


def tool_end(
    span_id: str | None,
    session: str | None,
    status: str,
    end: float | None,
    place: int,
    said: str | None = None,
) -> Fragment:
    """The end of a tool's run that began in another record; `said` is the error, if it failed."""
    fragment = Fragment(span_id=span_id, trace_id=session, operation="execute_tool", place=place)
    return ended(fragment, status, end, said)


def ended(
    run: Fragment,
    status: str,
    end: float | None,
    said: str | None = None,
    kind: str | None = None,
) -> Fragment:
    """A tool's run with its end; `said` and `kind` are the error's, if it failed."""
    run.flags |= ENDED
    run.status, run.end = status, end
    if status == "error":
        run.error_type = kind or "tool_error"
        run.error_message = said[:_LONGEST_MESSAGE] if said else None
    return run


def error(
    span_id: str | None,
    session: str | None,
    parent: str | None,
    kind: str | None,
    said: str | None,
    at: float | None,
    place: int,
) -> Fragment:
    """An error of the session that is told of no call and no tool."""
    return Fragment(
        span_id=span_id,
        trace_id=session,
        parent_id=parent,
        name="error",
        operation="other",
        start=at,
        end=at,
        flags=BOTH,
        status="error",
        error_type=kind or errors.kind_of(said) or "error",
        error_message=said,
        session_id=session,
        place=place,
    )
