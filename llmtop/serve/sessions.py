"""`/v1/sessions`: conversations, with what their calls add up to."""

from __future__ import annotations

from heapq import nlargest

from msgspec import Struct

from llmtop.decode.timestamps import iso
from llmtop.filter import Filter
from llmtop.live.tally import Tally
from llmtop.live.view import Figures
from llmtop.serve.cursor import Cursor
from llmtop.serve.logs import Range
from llmtop.serve.monitor import Monitor
from llmtop.span import Span

_MOST_NAMED = 20
"""Models and traces of a session that are named."""


class SessionLine(Struct, frozen=True):
    """One session: the calls of one conversation that are in memory."""

    session_id: str
    user_id: str | None
    start_time: str
    last_time: str
    calls: int
    errors: int
    in_flight: int
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None
    models: list[str]
    traces: list[str]


class SessionPage(Struct, frozen=True):
    """Some sessions, those that began last first."""

    sessions: list[SessionLine]
    count: int
    next: str | None


class _Session:
    """A session while its calls are added up."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.first = float("inf")
        self.last = float("-inf")
        self.user: str | None = None
        self.models: dict[str, None] = {}
        self.traces: dict[str, None] = {}

    def add(self, span: Span) -> None:
        self.tally.add(span)
        self.first = min(self.first, span.start)
        self.last = max(self.last, span.start if span.end is None else span.end)
        self.user = self.user or span.user_id
        if span.series.model is not None and len(self.models) < _MOST_NAMED:
            self.models[span.series.model] = None
        if span.trace_id is not None and len(self.traces) < _MOST_NAMED:
            self.traces[span.trace_id] = None

    def line(self, session_id: str) -> SessionLine:
        figures: Figures = self.tally.figures()
        return SessionLine(
            session_id=session_id,
            user_id=self.user,
            start_time=iso(self.first),
            last_time=iso(self.last),
            calls=figures.calls,
            errors=figures.errors,
            in_flight=figures.in_flight,
            input_tokens=figures.input_tokens,
            output_tokens=figures.output_tokens,
            cost=figures.cost,
            models=list(self.models),
            traces=list(self.traces),
        )


def page(monitor: Monitor, asked: Range, matches: Filter | None, limit: int) -> SessionPage:
    """One page of the sessions in memory, by the start of their first call."""
    sessions: dict[str, _Session] = {}

    def add(span: Span) -> bool:
        if span.session_id is not None and (matches is None or matches.matches(span)):
            session = sessions.get(span.session_id)
            if session is None:
                session = sessions[span.session_id] = _Session()
            session.add(span)
        return False

    for _ in monitor.newest_calls(add):
        pass
    places = (Cursor(session.first, name) for name, session in sessions.items())
    found = nlargest(limit + 1, (place for place in places if _within(place, asked)))
    shown = found[:limit]
    lines = [sessions[place.name].line(place.name) for place in shown]
    return SessionPage(lines, len(lines), shown[-1].written() if len(found) > limit else None)


def _within(place: Cursor, asked: Range) -> bool:
    return (
        (asked.begin is None or place.moment >= asked.begin)
        and (asked.end is None or place.moment <= asked.end)
        and (asked.after is None or place < asked.after)
    )
