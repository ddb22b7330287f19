"""Reused request ids: which call a record tells of, when programs count their requests from one."""

from __future__ import annotations

from collections.abc import Sequence

from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED
_UNTIMED = int(Flag.UNTIMED)
_CLOSE_S = 1.0
"""Records of one moment of a call are no further apart than this."""
_RETRY_S = 60.0
"""A request told again so soon, before any answer, is another try of the same call."""


def plainly(span: Span, fragment: Fragment) -> bool:
    """Whether the fragment is the half that the span still lacks, or tells no time: no question."""
    if fragment.span_id is not None:
        return True
    if fragment.flags & _ENDED:
        return not span.flags & _ENDED and (fragment.end is None or span.start <= fragment.end)
    return fragment.start is None


def choose(calls: Sequence[Span], fragment: Fragment) -> Span | None:
    """The call, of those that bear the fragment's id, that it tells of; `None` for a new one.

    If the id has one call, and the half that it lacks comes with an impossible time, then the
    clock is wrong, and not the id used again.
    """
    found: Span | None = None
    shortest = 0.0
    for span in calls:
        distance = _distance(span, fragment)
        if distance is not None and (found is None or distance < shortest):
            found, shortest = span, distance
    if found is None and len(calls) == 1 and not calls[0].flags & fragment.flags & _BOTH:
        return calls[0]
    return found


def _distance(span: Span, fragment: Fragment) -> float | None:
    """Seconds between what the span and the fragment tell of one moment, or `None` if too many."""
    if fragment.flags & _ENDED:
        return _distance_of_end(span, fragment)
    if fragment.start is None:
        return 0.0
    apart = abs(span.start - fragment.start)
    if not span.flags & _OPENED and span.end is not None:
        wait = span.end - fragment.start
        return wait if wait >= -_CLOSE_S else None
    if apart <= _CLOSE_S:
        return apart
    if span.end is None:
        return apart if apart <= _RETRY_S else None
    return apart if span.start < fragment.start <= span.end + _CLOSE_S else None


def _differs(span: Span, fragment: Fragment) -> bool:
    """Whether an end without a time tells another use of tokens than the call it may be of.

    Batches have no times, and programs give the requests of each batch the same names.
    """
    return (
        None not in (span.output_tokens, fragment.output_tokens)
        and (span.input_tokens, span.output_tokens)
        != (fragment.input_tokens, fragment.output_tokens)
        and span.flags & _UNTIMED != 0
    )


def _distance_of_end(span: Span, fragment: Fragment) -> float | None:
    moment = fragment.end if fragment.end is not None else fragment.start
    if moment is None:
        if not span.flags & _ENDED:
            return 0.0
        return None if _differs(span, fragment) else 1.0
    if not span.flags & _ENDED:
        wait = moment - span.start
        return wait if wait >= -_CLOSE_S else None
    told = span.end if span.end is not None else span.start
    if span.flags & (Flag.BAD_CLOCK | Flag.NO_LATENCY) and span.flags & _OPENED:
        return abs(told - moment)
    return abs(told - moment) if abs(told - moment) <= _CLOSE_S else None
