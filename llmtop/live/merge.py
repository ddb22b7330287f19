"""The one merge rule: what a fragment changes about a span, the same whatever the order."""

from __future__ import annotations

from sys import intern

from llmtop.live.series import SeriesTable
from llmtop.span import MAX_DURATION_S, Cache, Failure, Flag, Fragment, Series, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_STICKY = int(
    Flag.OPENED
    | Flag.ENDED
    | Flag.STREAM
    | Flag.LOCAL
    | Flag.LOWER_BOUND
    | Flag.COST_REPORTED
    | Flag.ESTIMATED
    | Flag.SYNTHETIC
    | Flag.BATCH
)
_HALVES = _OPENED | _ENDED
_TIMES = int(
    Flag.ESTIMATED_START | Flag.DURATION_TOLD | Flag.NO_LATENCY | Flag.BAD_CLOCK | Flag.UNTIMED
)
_UNTIMED = int(Flag.UNTIMED)
_ESTIMATED_START = int(Flag.ESTIMATED_START)
_DURATION_TOLD = int(Flag.DURATION_TOLD)
_NO_LATENCY = int(Flag.NO_LATENCY)
_BAD_CLOCK = int(Flag.BAD_CLOCK)
_COST_REPORTED = int(Flag.COST_REPORTED)

EARLIEST = 0.0
LATEST = 253402300799.0
"""The years 1970 to 9999: a time outside them was not told."""
LONGEST_MESSAGE = 500
"""Characters of an error message that are kept in memory; the record holds all of it."""
_ROUNDING_S = 1e-6
_LONGEST = MAX_DURATION_S

Times = tuple[float, float | None, int]
"""Start and end (seconds since the epoch) and the bits of `_TIMES` that go with them."""


def word(text: str | None) -> str | None:
    """One copy of a text that many spans share: a name, a user, a reason."""
    return text if text is None else intern(text)


def first(fragment: Fragment, key: str, series: Series, now: float) -> Span:
    """A span, kept under `key`, of which this is the first fragment."""
    flags = int(fragment.flags)
    start, end, times = fragment.start, None, 0
    if flags & _ENDED or start is None or not EARLIEST < start < LATEST:
        start, end, times = _settle(
            _sane(start), _sane(fragment.end), fragment.duration, flags & _ENDED != 0, now
        )
    cost, ttft = fragment.cost, fragment.ttft
    if cost is not None:
        flags |= _COST_REPORTED
    name, agent, finish_reason = fragment.name, fragment.agent, fragment.finish_reason
    session_id, user_id = fragment.session_id, fragment.user_id
    # Most fragments tell few of these: no call of `word` for each.
    return Span(
        key,
        fragment.trace_id,
        fragment.parent_id or None,  # some write of a root that its parent is ""
        fragment.request_id,
        None if name is None else intern(name),
        series,
        start,
        end,
        flags | times,
        fragment.status,
        fragment.input_tokens,
        fragment.output_tokens,
        cache_of(fragment),
        cost,
        ttft if ttft is None or ttft >= 0.0 else None,
        failure_of(fragment),
        None if finish_reason is None else intern(finish_reason),
        None if session_id is None else intern(session_id),
        None if user_id is None else intern(user_id),
        None if agent is None else intern(agent),
        fragment.place if flags & _OPENED else -1,
        fragment.place if flags & _ENDED else -1,
    )


def merged_times(span: Span, fragment: Fragment, now: float) -> Times:
    """The times of a span after one more fragment: earliest start, latest end, told latency."""
    flags = span.flags
    if not flags & _TIMES and span.end is None and fragment.flags & _ENDED:
        times = _first_end(span.start, fragment)
        if times is not None:
            return times
    start: float | None = None if flags & _ESTIMATED_START else span.start
    other = _sane(fragment.start)
    if other is not None:
        start = other if start is None else min(start, other)
    # Of a span whose start alone was told, the end is made up, like that of one without times.
    only_start = flags & (_NO_LATENCY | _ESTIMATED_START) == _NO_LATENCY
    end = None if flags & _UNTIMED or only_start else span.end
    other = _sane(fragment.end)
    if other is not None:
        end = other if end is None else max(end, other)
    duration = fragment.duration
    if flags & _DURATION_TOLD and span.end is not None:
        told = span.end - span.start
        if start == span.start and (duration is None or duration <= told + _ROUNDING_S):
            return start, span.end, flags & _TIMES
        duration = told if duration is None else max(told, duration)
    if flags & _BAD_CLOCK and duration is None:
        duration = -1.0
    return _settle(start, end, duration, bool((flags | fragment.flags) & _ENDED), now)


def _first_end(start: float, fragment: Fragment) -> Times | None:
    """The times of most spans: begun at a told moment, ended in good order by this fragment."""
    other = fragment.start
    if other is not None and EARLIEST < other < start:
        start = other
    duration = fragment.duration
    if duration is not None:
        return (start, start + duration, _DURATION_TOLD) if 0.0 <= duration <= _LONGEST else None
    end = fragment.end
    if end is not None and 0.0 <= end - start <= _LONGEST and end < LATEST:
        return start, end, 0
    return None


def _settle(
    start: float | None, end: float | None, duration: float | None, ended: bool, now: float
) -> Times:
    if start is None:
        if end is None:
            return _untimed(duration, ended, now)
        return _ended_at(end, duration, ended)
    if not ended:
        return start, None, 0
    if duration is not None:
        if 0.0 <= duration <= MAX_DURATION_S:
            return start, start + duration, _DURATION_TOLD
        return start, start, _BAD_CLOCK
    if end is None:
        return start, start, _NO_LATENCY
    if 0.0 <= end - start <= MAX_DURATION_S:
        return start, end, 0
    return start, start, _BAD_CLOCK


def _ended_at(end: float, duration: float | None, ended: bool) -> Times:
    """The times of a span of which only the end is known."""
    if not ended:
        return end, None, _ESTIMATED_START
    if duration is None:
        return end, end, _NO_LATENCY | _ESTIMATED_START
    if 0.0 <= duration <= MAX_DURATION_S:
        return end - duration, end, _DURATION_TOLD | _ESTIMATED_START
    return end, end, _BAD_CLOCK | _ESTIMATED_START


def _untimed(duration: float | None, ended: bool, now: float) -> Times:
    """The times of a span of which none was told: those of its reading stand in."""
    if not ended:
        return now, None, _ESTIMATED_START | _UNTIMED
    if duration is None:
        return now, now, _NO_LATENCY | _ESTIMATED_START | _UNTIMED
    if 0.0 <= duration <= MAX_DURATION_S:
        return now - duration, now, _DURATION_TOLD | _ESTIMATED_START | _UNTIMED
    return now, now, _BAD_CLOCK | _ESTIMATED_START | _UNTIMED


def _sane(moment: float | None) -> float | None:
    return moment if moment is not None and EARLIEST < moment < LATEST else None


def failure_of(fragment: Fragment) -> Failure | None:
    """Why the fragment says that the span failed."""
    if fragment.status != "error" and fragment.error_type is None:
        return None
    message = fragment.error_message
    if message is not None and len(message) > LONGEST_MESSAGE:
        message = message[: LONGEST_MESSAGE - 1] + "…"
    return Failure(fragment.error_type or "error", message)


def cache_of(fragment: Fragment) -> Cache | None:
    """The rarer parts of the fragment's usage."""
    if (
        fragment.cache_read_tokens is None
        and fragment.cache_write_tokens is None
        and fragment.reasoning_tokens is None
    ):
        return None
    return Cache(
        fragment.cache_read_tokens,
        fragment.cache_write_tokens,
        fragment.cache_write_1h_tokens,
        fragment.reasoning_tokens,
    )


def merge(span: Span, fragment: Fragment, table: SeriesTable, now: float) -> bool:
    """Put what the fragment tells into the span; whether anything changed.

    The caller has taken the span back from every sum before, and adds it again after.
    """
    # The first word of an end, or of an opening, is news whatever else it tells.
    before = None if fragment.flags & ~span.flags & _HALVES else _state(span)
    span.start, span.end, times = merged_times(span, fragment, now)
    span.flags = span.flags & ~_TIMES | fragment.flags & _STICKY | times
    _merge_identity(span, fragment)
    span.series = table.refined(span.series, fragment)
    _merge_usage(span, fragment)
    _merge_outcome(span, fragment)
    if fragment.flags & _OPENED:
        if span.opened_at < 0 or not fragment.flags & _ENDED:
            span.opened_at = fragment.place
        if fragment.flags & _ENDED:
            span.ended_at = fragment.place
    elif fragment.flags & _ENDED:
        span.ended_at = fragment.place
    return before is None or before != _state(span)


def _merge_identity(span: Span, fragment: Fragment) -> None:
    if not span.trace_id:
        span.trace_id = fragment.trace_id
    if not span.parent_id:
        span.parent_id = fragment.parent_id or None
    if not span.request_id:
        span.request_id = fragment.request_id
    if not span.name and fragment.name:
        span.name = intern(fragment.name)
    if not span.session_id and fragment.session_id:
        span.session_id = intern(fragment.session_id)
    if not span.user_id and fragment.user_id:
        span.user_id = intern(fragment.user_id)
    if not span.agent and fragment.agent:
        span.agent = intern(fragment.agent)


def _merge_usage(span: Span, fragment: Fragment) -> None:
    if fragment.input_tokens is not None:
        span.input_tokens = _larger(span.input_tokens, fragment.input_tokens)
    if fragment.output_tokens is not None:
        span.output_tokens = _larger(span.output_tokens, fragment.output_tokens)
    cache = cache_of(fragment)
    if cache is not None:
        old = span.cache
        span.cache = (
            cache
            if old is None
            else Cache(
                _larger(old.read, cache.read),
                _larger(old.write, cache.write),
                _larger(old.write_1h, cache.write_1h),
                _larger(old.reasoning, cache.reasoning),
            )
        )
    if fragment.cost is not None:
        reported = span.cost if span.flags & _COST_REPORTED else None
        span.cost = fragment.cost if reported is None else max(reported, fragment.cost)
        span.flags |= _COST_REPORTED
    ttft = fragment.ttft
    if ttft is not None and ttft >= 0.0:
        span.ttft = ttft if span.ttft is None else min(span.ttft, ttft)


def _merge_outcome(span: Span, fragment: Fragment) -> None:
    status = fragment.status
    if status is not None:
        if status == "error" or span.status is None:
            span.status = status
        elif status == "cancelled" and span.status == "ok":
            span.status = "cancelled"
    if status == "error" or fragment.error_type is not None:
        _merge_failure(span, failure_of(fragment))
    if fragment.finish_reason:
        span.finish_reason = word(fragment.finish_reason)


def _merge_failure(span: Span, failure: Failure | None) -> None:
    if failure is not None and (
        span.failure is None
        or (span.failure.type == "error" and failure.type != "error")
        or (span.failure.message is None and failure.message is not None)
    ):
        span.failure = failure


def _larger(one: int | None, other: int | None) -> int | None:
    if one is None:
        return other
    return one if other is None or other <= one else other


def _state(span: Span) -> tuple[object, ...]:
    return (
        span.start,
        span.end,
        span.flags,
        span.series,
        span.status,
        span.input_tokens,
        span.output_tokens,
        span.cache,
        span.cost,
        span.ttft,
        span.failure,
        span.finish_reason,
        span.trace_id,
        span.parent_id,
        span.request_id,
        span.name,
        span.session_id,
        span.user_id,
        span.agent,
    )


def as_fragment(span: Span) -> Fragment:
    """All that is known of a span, as one fragment."""
    cache = span.cache or Cache()
    flags = span.flags
    told = flags & _DURATION_TOLD and span.end is not None
    return Fragment(
        trace_id=span.trace_id,
        parent_id=span.parent_id,
        name=span.name,
        operation=span.series.operation,
        provider=span.series.provider,
        model=span.series.requested,
        response_model=span.series.answered,
        start=None if flags & _ESTIMATED_START else span.start,
        end=None if flags & _UNTIMED else span.end,
        duration=span.end - span.start if told and span.end is not None else None,
        ttft=span.ttft,
        status=span.status,
        error_type=span.failure.type if span.failure else None,
        error_message=span.failure.message if span.failure else None,
        input_tokens=span.input_tokens,
        output_tokens=span.output_tokens,
        cache_read_tokens=cache.read,
        cache_write_tokens=cache.write,
        cache_write_1h_tokens=cache.write_1h,
        reasoning_tokens=cache.reasoning,
        cost=span.cost if flags & _COST_REPORTED else None,
        finish_reason=span.finish_reason,
        user_id=span.user_id,
        session_id=span.session_id,
        agent=span.agent,
        flags=flags & _STICKY,
        place=span.ended_at if span.ended_at >= 0 else span.opened_at,
    )
