"""`/v1/sessions`: conversations, with what their calls add up to."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest
from itertools import chain

from msgspec import Struct

from llmtop.decode.timestamps import iso
from llmtop.filter import Filter
from llmtop.history.groups import Group, grouped, session_of
from llmtop.serve.cursor import Cursor
from llmtop.serve.logs import Range
from llmtop.serve.monitor import Monitor
from llmtop.serve.store import Store, beyond
from llmtop.span import Span


class SessionLine(Struct, frozen=True):
    """One session: the calls of one conversation that began in the range that is asked for."""

    session_id: str
    user_id: str | None
    start_time: str | None
    """`None`, as is `last_time`, where no record tells when its calls were."""
    last_time: str | None
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
    since: str | None
    """Calls that began until then are in no sum: name a `start_time` before it. Else `None`."""


def page(
    monitor: Monitor, store: Store, asked: Range, matches: Filter | None, limit: int
) -> SessionPage:
    """One page of the sessions of the calls in a range, by the start of the first of them.

    Where no `begin` is asked for and memory fills the page, what memory has is summed up; else
    what the store has, too.
    """

    def wanted(span: Span) -> bool:
        return span.session_id is not None and (matches is None or matches.matches(span))

    calls = list(monitor.newest_calls(wanted, begin=asked.begin, until=asked.end))
    reach = store.reach(monitor, asked.begin)
    after, is_partial = _read(asked.after)
    kept = list(grouped(calls, session_of))
    found = _first(kept, limit, after)
    if reach is None:
        return _answer(found, limit)
    is_filled = len(found) > limit and _place(found[limit]).moment > reach
    if is_filled and asked.begin is None and (asked.after is None or is_partial):
        return _answer(found, limit, reach)
    shown: set[str] = set()
    if after is not None and is_partial:
        shown.update(group.key for group in kept if _place(group) >= after)
    with store.scan(wanted, begin=asked.begin, until=_earlier(asked.end, reach)) as scan:
        every: Iterable[Span] = chain(calls, beyond(monitor, calls, scan))
        groups = grouped(every, session_of)
        found = _first((group for group in groups if group.key not in shown), limit, after)
    return _answer(found, limit)


def _place(group: Group) -> Cursor:
    return Cursor(group.start or 0.0, group.key)


def _first(groups: Iterable[Group], limit: int, after: Cursor | None) -> list[Group]:
    """What is on the page, and one more if there is any."""
    behind = (group for group in groups if after is None or _place(group) < after)
    return nlargest(limit + 1, behind, key=_place)


def _answer(found: list[Group], limit: int, reach: float | None = None) -> SessionPage:
    lines = [_line(group) for group in found[:limit]]
    more = None
    if len(found) > limit:
        more = _written(_place(found[limit - 1]), is_partial=reach is not None)
    return SessionPage(lines, len(lines), more, None if reach is None else iso(reach))


_MEMORY, _BOTH = "memory ", "both "
"""What a page was made of: its session may begin earlier on one that is made of more."""


def _written(place: Cursor, *, is_partial: bool) -> str:
    return Cursor(place.moment, (_MEMORY if is_partial else _BOTH) + place.name).written()


def _read(after: Cursor | None) -> tuple[Cursor | None, bool]:
    if after is None:
        return None, False
    is_partial = after.name.startswith(_MEMORY)
    name = after.name.removeprefix(_MEMORY if is_partial else _BOTH)
    return Cursor(after.moment, name), is_partial


def _line(group: Group) -> SessionLine:
    return SessionLine(
        session_id=group.key,
        user_id=group.user_id,
        start_time=None if group.start is None else iso(group.start),
        last_time=None if group.end is None else iso(group.end),
        calls=group.calls,
        errors=group.errors,
        in_flight=group.running,
        input_tokens=group.input_tokens,
        output_tokens=group.output_tokens,
        cost=group.cost,
        models=group.models,
        traces=group.traces,
    )


def _earlier(one: float | None, other: float) -> float:
    return other if one is None else min(one, other)
