"""Answers a question about stored logs: which calls, traces or sessions, in which order."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, json

from llmtop.emit.encode import encode
from llmtop.filter import Filter
from llmtop.history import groups, masked, totals
from llmtop.history.plain_records import OutOfTheOrdinary
from llmtop.history.record import FIELDS, PAYLOAD_FIELDS, record_of
from llmtop.history.scan import Progress, Scan
from llmtop.history.sorted_rows import Key, key_of, sorted_rows
from llmtop.history.stored_filter import look_into
from llmtop.live.rates import Rates
from llmtop.span import Span

Row = dict[str, Any]
_AROUND_S = 3600.0
Subject = Literal["calls", "spans", "traces", "sessions"]
SORTS = {
    "time": "timestamp",
    "latency": "latency_ms",
    "cost": "estimated_cost",
    "tokens": "total_tokens",
}
"""What rows can be sorted by, and the field that tells it: newest, slowest, dearest first."""


class Question(Struct, frozen=True):
    """What is asked. Times are seconds since the epoch."""

    paths: tuple[Path, ...]
    matches: Filter | None = None
    since: float | None = None
    until: float | None = None
    subject: Subject = "calls"
    by: str | None = None
    """Sums of calls instead, by one of `totals.BY`."""
    sort: str | None = None
    """One of `SORTS`; `None` is the order of the logs: the oldest first."""
    limit: int | None = None
    fields: tuple[str, ...] = ()
    """Which fields, in which order; all if empty."""
    payloads: bool = False
    """Whether messages and answers are told where no fields are named."""
    mask: bool = False


class UnknownFieldError(ValueError):
    """A field that rows do not have."""


def fields_of(question: Question) -> tuple[str, ...]:
    """The fields of the answer's rows. Raises UnknownFieldError."""
    if question.by is not None:
        known: tuple[str, ...] = (question.by, *totals.TOTAL_FIELDS)
    elif question.subject == "traces":
        known = groups.TRACE_FIELDS
    elif question.subject == "sessions":
        known = groups.SESSION_FIELDS
    else:
        known = FIELDS
    if question.sort is not None and sorted_by(question) not in known:
        raise UnknownFieldError(f"these rows cannot be sorted by {question.sort}")
    for field in question.fields:
        if field not in known:
            raise UnknownFieldError(f"there is no field {field}; there are {', '.join(known)}")
    if question.fields:
        return question.fields
    return tuple(each for each in known if question.payloads or each not in PAYLOAD_FIELDS)


def sorted_by(question: Question) -> str | None:
    """The field that rows are sorted by, or `None` for the order of the logs."""
    if question.sort is None:
        return None
    if question.by is not None and question.sort == "latency":
        return "p95_latency_ms"
    return SORTS[question.sort]


class Answer:
    """The rows of an answer, worked out while they are iterated over, once."""

    def __init__(
        self,
        question: Question,
        *,
        prices: Rates | None = None,
        progress: Progress | None = None,
        workers: int = 1,
    ) -> None:
        """With `workers`, so many processes may read sums of large logs at once."""
        self.fields = fields_of(question)
        self._question = question
        self._workers = workers
        whole = question.subject == "traces" and question.by is None
        since, until = question.since, question.until
        if whole:
            # What began just outside the range may be a part of what began inside.
            since = None if since is None else since - _AROUND_S
            until = None if until is None else until + _AROUND_S
        self.scan = Scan(
            question.paths,
            # A trace is told whole, if anything of it matches.
            matches=None if whole else question.matches,
            since=since,
            until=until,
            kind="spans" if whole or question.subject == "spans" else "calls",
            progress=progress,
            prices=prices,
        )
        look_into(question.matches, self.scan.records)

    def __iter__(self) -> Iterator[Row]:
        question = self._question
        if question.by is not None:
            rows: Iterable[Row] = self._totals(question.by)
        elif question.subject == "traces":
            found = groups.grouped(self.scan, groups.trace_of, question.matches)
            rows = (
                groups.row_of(group, groups.TRACE_FIELDS)
                for group in found
                if self._is_in_range(group.start)
            )
        elif question.subject == "sessions":
            found = groups.grouped(self.scan, groups.session_of)
            rows = (groups.row_of(group, groups.SESSION_FIELDS) for group in found)
        else:
            yield from self._of_spans()
            return
        yield from self._arranged(rows, self._told)

    def _is_in_range(self, start: float | None) -> bool:
        since, until = self._question.since, self._question.until
        if start is None:
            return since is None and until is None
        return (since is None or start >= since) and (until is None or start <= until)

    def _totals(self, by: str) -> Iterator[Row]:
        if self._question.matches is None:
            try:
                return totals.rows_of(self.scan.plain_totals(by, self._workers), by)
            except OutOfTheOrdinary:
                pass  # it is read by all the rules
        return totals.totals(self.scan, by)

    def _of_spans(self) -> Iterator[Row]:
        question = self._question
        if question.sort is None or question.limit is None:
            rows = map(self._row, self.scan)
            yield from self._arranged(rows, self._told)
            return
        field = SORTS[question.sort]
        # Only what is shown is read again.
        best = heapq.nlargest(
            question.limit, self.scan, key=lambda span: key_of(record_of(span)[field])
        )
        for span in best:
            yield self._told(self._row(span))

    def _row(self, span: Span) -> Row:
        heavy = not _HEAVY.isdisjoint(self.fields)
        return record_of(span, self.scan.payload(span) if heavy else None)

    def _told(self, row: Row) -> Row:
        told = {field: row[field] for field in self.fields}
        return masked.masked_row(told) if self._question.mask else told

    def _arranged(self, rows: Iterable[Row], told: Callable[[Row], Row]) -> Iterator[Row]:
        question = self._question
        field = sorted_by(question)
        if field is None and question.by is None and question.subject in {"traces", "sessions"}:
            yield from islice(map(told, _in_time(rows)), question.limit)
            return
        if field is None:
            yield from islice(map(told, rows), question.limit)
        elif question.limit is not None:
            best = heapq.nlargest(question.limit, rows, key=lambda row: key_of(row[field]))
            yield from map(told, best)
        else:
            keyed = ((key_of(row[field]), encode(told(row))) for row in rows)
            yield from map(json.decode, sorted_rows(keyed))


_HEAVY = frozenset(PAYLOAD_FIELDS)


def _in_time(rows: Iterable[Row]) -> Iterator[Row]:
    keyed: Iterator[tuple[Key, bytes]] = (
        ((row["timestamp"] is None, row["timestamp"] or ""), encode(row)) for row in rows
    )
    return map(json.decode, sorted_rows(keyed, descending=False))


def columns(question: Question) -> Sequence[str]:
    """The fields that fit on a screen, where none were named."""
    if question.fields or question.by is not None:
        return fields_of(question)
    return _COLUMNS[question.subject]


_COLUMNS = {
    "calls": (
        "timestamp", "model", "status", "latency_ms", "ttft_ms", "prompt_tokens",
        "completion_tokens", "estimated_cost", "user_id", "request_id", "error",
    ),
    "spans": (
        "timestamp", "operation", "name", "model", "status", "latency_ms", "trace_id", "span_id",
        "error",
    ),
    "traces": (
        "timestamp", "trace_id", "name", "status", "latency_ms", "spans", "calls", "errors",
        "total_tokens", "estimated_cost", "models",
    ),
    "sessions": (
        "timestamp", "session_id", "user_id", "calls", "errors", "total_tokens",
        "estimated_cost", "models",
    ),
}  # fmt: skip
