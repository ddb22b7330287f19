"""Doubles: one call told by two instrumentations, in spans that do not stand inside each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from llmtop.span import STREAM_SCOPE, Flag, Fragment, Span

_DOUBLE = int(Flag.DOUBLE)
_NESTED = int(Flag.NESTED)
_SYNTHETIC = int(Flag.SYNTHETIC)
_ENDED = int(Flag.ENDED)
_EVICTED = int(Flag.EVICTED)
_COST_REPORTED = int(Flag.COST_REPORTED)
_REMEMBERED = 20_000
"""How many calls are remembered, twice: doubles come within seconds of each other."""
_OVERLAP = 0.9
"""Of two tellings of one call, at least this share of the shorter lies within the longer."""


class _Telling(NamedTuple):
    span: Span
    scope: str | None
    response_id: str | None


class Doubles:
    """Leaves one of the calls counted that are the same call.

    They are the same if they tell the same id of the answer, or, from different instrumentations
    and at the same time, the same model, usage and outcome. `uncount` and `count` are called
    around each change to a span's flags that sums depend on.
    """

    def __init__(self, uncount: Callable[[Span], None], count: Callable[[Span], None]) -> None:
        self.hidden = 0
        self._uncount = uncount
        self._count = count
        self._told: dict[object, list[_Telling]] = {}
        self._told_before: dict[object, list[_Telling]] = {}
        self._hidden_by: dict[str, list[Span]] = {}

    def note(self, span: Span, fragment: Fragment) -> None:
        """Look at a call after a fragment told where it comes from."""
        if not span.series.is_call or not span.flags & _ENDED or span.flags & _SYNTHETIC:
            return
        telling = _Telling(span, fragment.scope, fragment.response_id)
        if fragment.response_id is not None and self._meet(fragment.response_id, telling, _same):
            return
        if fragment.scope is not None:
            model = span.series.requested or span.series.answered
            told = (span.input_tokens, span.output_tokens)
            if self._meet((model, told, span.failed), telling, self._alike):
                return
            # One of two instrumentations may be blind to the usage of a stream.
            self._meet((model, _BLIND, span.failed), telling, self._alike_but_for_usage)

    def _meet(
        self, key: object, telling: _Telling, same: Callable[[_Telling, _Telling], bool]
    ) -> bool:
        """Hide the poorer of two tellings of one call; whether there were two."""
        others = self._told.get(key)
        if others is None:
            others = self._told_before.pop(key, [])
            self._told[key] = others
        known = any(other.span is telling.span for other in others)
        if not known:
            del others[:-_MOST_ALIKE]
            others.append(telling)
        if len(self._told) > _REMEMBERED:
            self._told_before, self._told = self._told, {}
        span = telling.span
        if span.flags & (_DOUBLE | _NESTED):
            return False
        for other in others:
            if (
                other.span is not span
                and not other.span.flags & (_DOUBLE | _NESTED | _EVICTED)
                and same(telling, other)
            ):
                self._hide(*sorted((telling, other), key=_worth))
                return True
        return False

    def _hide(self, less: _Telling, more: _Telling) -> None:
        if len(self._hidden_by) > _REMEMBERED:
            self._hidden_by.clear()
        also = self._hidden_by.pop(less.span.span_id, [])
        self._hidden_by.setdefault(more.span.span_id, []).extend([less.span, *also])
        self.hidden += 1
        self._uncount(less.span)
        less.span.flags |= _DOUBLE
        self._count(less.span)
        self._uncount(more.span)
        _lend(less.span, more.span)
        self._count(more.span)

    def of(self, span: Span) -> list[Span]:
        """The kept spans of other instrumentations that tell the call of this one."""
        return [each for each in self._hidden_by.get(span.span_id, ()) if each.flags & _DOUBLE]

    def release(self, span: Span) -> None:
        """Count a double of a call that is not counted any more: it was found to be nested."""
        doubles = [
            each
            for each in self._hidden_by.pop(span.span_id, [])
            if not each.flags & (_EVICTED | _NESTED)
        ]
        if doubles:
            first, *rest = doubles
            if rest:
                self._hidden_by[first.span_id] = rest
            self.hidden -= 1
            self._uncount(first)
            first.flags &= ~_DOUBLE
            self._count(first)

    def _alike(self, one: _Telling, other: _Telling) -> bool:
        """Whether two calls without an answer's id are one; each has at most one such double."""
        return (
            one.scope != other.scope
            and (one.response_id is None or other.response_id is None)
            and one.span.span_id not in self._hidden_by
            and other.span.span_id not in self._hidden_by
            and _overlap(one.span, other.span)
        )

    def _alike_but_for_usage(self, one: _Telling, other: _Telling) -> bool:
        unknown = one.span.input_tokens is None and one.span.output_tokens is None
        unknown_too = other.span.input_tokens is None and other.span.output_tokens is None
        return unknown is not unknown_too and (
            self._alike(one, other) or self._goes_on(one, other) or self._goes_on(other, one)
        )

    def _goes_on(self, stream: _Telling, request: _Telling) -> bool:
        """Whether one tells how the other's answer was streamed, once its request was over."""
        return (
            stream.scope == f"{request.scope}{STREAM_SCOPE}"
            and request.span.span_id not in self._hidden_by
            and stream.span.span_id not in self._hidden_by
            and request.span.end is not None
            and 0.0 <= stream.span.start - request.span.end + _ROUNDING_S <= _PAUSE_S
        )


def _lend(less: Span, more: Span) -> None:
    """What one telling alone says is true of the call; a told cost goes before a computed one."""
    if less.flags & _COST_REPORTED and not more.flags & _COST_REPORTED:
        more.cost = less.cost
        more.flags |= _COST_REPORTED
    for field in _LENT:
        if getattr(more, field) is None:
            setattr(more, field, getattr(less, field))


_LENT = ("ttft", "finish_reason", "session_id", "user_id", "agent")
_BLIND = "whatever usage"
_PAUSE_S = 5.0
"""A program begins to read a stream no later than this after its request was answered."""
_ROUNDING_S = 0.01
_MOST_ALIKE = 16


def _same(one: _Telling, other: _Telling) -> bool:
    """Whether calls with one answer's id are one; a cache may give an answer out again."""
    if one.scope != other.scope:
        return True
    if one.scope is None and None is not _kind_of_id(one.span) == _kind_of_id(other.span):
        return False
    return _overlap(one.span, other.span)


def _kind_of_id(span: Span) -> bool | None:
    """Clients tell requests by their spans' ids and loggers by others; neither tells one twice."""
    return None if span.request_id is None else span.request_id == span.span_id


def _overlap(one: Span, other: Span) -> bool:
    if one.end is None or other.end is None:
        return False
    together = min(one.end, other.end) - max(one.start, other.start)
    shorter = min(one.end - one.start, other.end - other.start)
    return together >= shorter * _OVERLAP and together >= 0.0


def _worth(telling: _Telling) -> tuple[bool, bool, bool, float, str]:
    """The richer telling stays; between equals, the one that began later: the inner one."""
    span = telling.span
    return (
        span.input_tokens is not None,
        span.cache is not None,
        span.parent_id is not None,
        span.start,
        span.span_id,
    )
