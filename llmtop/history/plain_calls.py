"""Calls of plain logs, quickly: a request, then its response, and nothing out of the ordinary.

What is out of the ordinary (records that came twice or in another order, calls within calls,
attributes that tell of usage, other formats) is refused, so that it is read by the rules that
know all of that. Whatever is given here is what those rules would give.

A log may be read in parts, each for itself: what a part then cannot know (a call that began in
an earlier one, an id that was used there) it tells, and `follow` puts the parts together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from msgspec import Struct, msgpack

from llmtop.history.plain_records import (
    OutOfTheOrdinary,
    Place,
    Records,
    Request,
    Response,
    places,
)

MOST_REMEMBERED = 100_000
"""Ids of calls, and of spans, that are remembered, twice: as many as the screen remembers."""
_MOST_ORPHANS = 10_000
_HIGHEST = 1000

Pair = tuple[Request, Response]
"""A call: what was asked, and what was answered."""
_Value = TypeVar("_Value")


class _Recent(Generic[_Value]):
    """Remembers the last so many ids, and what they stand for."""

    def __init__(self) -> None:
        self.now: dict[str, _Value] = {}
        self.before: dict[str, _Value] = {}

    def get(self, name: str) -> _Value | None:
        """What an id stands for, or `None`."""
        found = self.now.get(name)
        return self.before.get(name) if found is None else found

    def all(self) -> Mapping[str, _Value]:
        """All that is remembered."""
        return {**self.before, **self.now} if self.before else self.now

    def put_new(self, told: Mapping[str, _Value]) -> bool:
        """Remember some ids; whether none of them was known."""
        known = len(self.now)
        self.now.update(told)
        return len(self.now) == known + len(told) and self.before.keys().isdisjoint(told)

    def turn(self) -> None:
        """Forget the oldest, if there are many; called between records, for it takes time."""
        if len(self.now) >= MOST_REMEMBERED:
            self.before, self.now = self.now, {}


class _Told(Struct):
    """What a part of a log told, as far as it matters to the parts after it."""

    calls: Mapping[str, Request | None]
    """The requests, by their ids; `None` if they were answered."""
    orphans: list[Response]
    """Answers to what an earlier part may have asked."""
    answers: Mapping[str, bool]
    """The ids that providers gave to answers."""
    places: Mapping[str, Place]
    awaited: list[str]
    """Spans that are above others, and of which nothing was told."""


_told = msgpack.Decoder(_Told)


class PlainCalls:
    """Pairs requests with responses; raises OutOfTheOrdinary for a log that is not plain."""

    def __init__(self, *, is_part: bool = False) -> None:
        """With `is_part`, what is answered may have been asked in an earlier part of the log."""
        self._is_part = is_part
        self._calls: _Recent[Request | None] = _Recent()
        """The requests, by their ids; `None` once they are answered."""
        self._answers: _Recent[bool] = _Recent()
        self._places: _Recent[Place] = _Recent()
        self._awaited: set[str] = set()
        self._orphans: dict[str, Response] = {}

    def pairs(self, records: Records) -> list[Pair]:
        """The calls that ended with some records."""
        requests = records.requests
        begun: dict[str, Request | None] = {each.request_id: each for each in requests}
        spans = places(records.spans)
        others = len(spans)
        spans.update({each.span_id or each.request_id: True for each in requests})
        if not len(begun) == len(spans) - others == len(requests):
            raise OutOfTheOrdinary
        self._take(begun, spans, {each.parent_id for each in requests if each.parent_id})
        return self._end(records.responses)

    def unanswered(self) -> list[Request]:
        """The calls that have not ended."""
        return [request for request in self._calls.all().values() if request is not None]

    def _turn(self) -> None:
        """Forget what is old, but for the calls that have not ended."""
        self._places.turn()
        self._answers.turn()
        calls = self._calls
        if len(calls.now) >= MOST_REMEMBERED:
            waiting: dict[str, Request | None]
            waiting = {name: request for name, request in calls.before.items() if request}
            if len(waiting) >= MOST_REMEMBERED:
                raise OutOfTheOrdinary
            calls.before, calls.now = calls.now, waiting

    def _take(
        self,
        begun: Mapping[str, Request | None],
        spans: Mapping[str, Place],
        parents: Iterable[str],
    ) -> None:
        """Take in calls by their ids, where they and other spans stand, and who is above them.

        All of them at once: that is much quicker than one by one.
        """
        self._turn()
        if not (
            self._calls.put_new(begun)
            and self._awaited.isdisjoint(begun)
            and self._orphans.keys().isdisjoint(begun)
        ):
            raise OutOfTheOrdinary
        self._note(spans)
        for parent in parents:
            self._climb(parent)

    def _note(self, spans: Mapping[str, Place]) -> None:
        """Note where spans stand: a call may be above or below those that are none."""
        for known in (self._places.before, self._places.now):
            for name in known.keys() & spans.keys():
                if known[name] != spans[name] or spans[name] is True:
                    raise OutOfTheOrdinary
        self._places.now.update(spans)
        for name in spans.keys() & self._awaited:
            self._awaited.discard(name)
            place = spans[name]
            if place is True:
                raise OutOfTheOrdinary
            if place:
                self._climb(place)

    def _climb(self, parent: str) -> None:
        """Look whether a call stands above, as far as its ancestors are known."""
        get = self._places.get
        for _ in range(_HIGHEST):
            above = get(parent)
            if above is None:
                if len(self._awaited) >= MOST_REMEMBERED or self._is_request(parent):
                    raise OutOfTheOrdinary
                self._awaited.add(parent)
                return
            if above is True:
                raise OutOfTheOrdinary
            if not above:
                return
            parent = above
        raise OutOfTheOrdinary

    def _is_request(self, name: str) -> bool:
        return name in self._calls.now or name in self._calls.before

    def _end(self, responses: Iterable[Response]) -> list[Pair]:
        now, before = self._calls.now, self._calls.before
        ended = []
        for response in responses:
            name = response.request_id
            request = now.get(name)
            if request is not None:
                now[name] = None
            else:
                request = before.get(name)
                if request is None:
                    self._put_by(response)
                    continue
                before[name] = None
            if response.span_id is not None or response.parent_id is not None:
                _compare(request, response)
            if response.response_id is not None:
                self._note_answer(response.response_id)
            ended.append((request, response))
        return ended

    def _put_by(self, response: Response) -> None:
        """Keep an answer that came before its question; where both are here, that is odd."""
        name = response.request_id
        if (
            not self._is_part
            or self._is_request(name)
            or name in self._orphans
            or len(self._orphans) >= _MOST_ORPHANS
        ):
            raise OutOfTheOrdinary
        self._orphans[name] = response

    def _note_answer(self, name: str) -> None:
        if self._answers.get(name):
            raise OutOfTheOrdinary
        self._answers.now[name] = True

    def told(self) -> bytes:
        """What the parts after this one have to know of it, for `follow`."""
        return msgpack.encode(
            _Told(
                self._calls.all(),
                list(self._orphans.values()),
                self._answers.all(),
                self._places.all(),
                list(self._awaited),
            )
        )

    def follow(self, told: bytes) -> list[Pair]:
        """Take in the part that comes next; the calls of earlier parts that ended in it."""
        part = _told.decode(told)
        self._take(part.calls, part.places, part.awaited)
        if not self._answers.put_new(part.answers):
            raise OutOfTheOrdinary
        return self._end(part.orphans)


def _compare(request: Request, response: Response) -> None:
    """Refuse a response that tells another place of its call than the request did."""
    if response.span_id not in (None, request.span_id):
        raise OutOfTheOrdinary
    if response.parent_id not in (None, request.parent_id):
        raise OutOfTheOrdinary
