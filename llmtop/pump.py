"""The one mover: bytes from the sources through the decoder into what is true now, in slices."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from llmtop.content_search import ContentSearch
from llmtop.decode.decoder import Decoder
from llmtop.decode.explanation import Explanation
from llmtop.decode.payload_places import places_of
from llmtop.decode.reject import Reject
from llmtop.filter import Filter
from llmtop.live.alert_rule import Rule
from llmtop.live.alerts import Alerts, Change
from llmtop.live.live import Live
from llmtop.live.view import EmitterState, Honest, SourceState
from llmtop.payload import Payload
from llmtop.record_words import Records
from llmtop.sources.chunk import Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.otlp_receiver import Receiver
from llmtop.sources.status import EmitterStatus, SourceStatus
from llmtop.span import Fragment, Span

SLICE_FRAGMENTS = 200
"""Fragments that are applied before the clock is looked at again: about a millisecond's work."""
READ_BYTES = 256 * 1024
_LOOK_S = 0.1
MOST_UNJUDGED_TICKS = 60
"""Ticks without a judgement of alerts while a source is never at rest."""


class ByteSources(Protocol):
    """What the pump asks of sources (see `sources.open`)."""

    @property
    def udp_port(self) -> int | None:
        """The port that is listened on."""

    @property
    def otlp_port(self) -> int | None:
        """The OTLP port that is listened on."""

    chunk_index: ChunkIndex
    """Where each chunk lies."""

    receiver: Receiver | None
    """What takes OTLP requests, if any are taken."""

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that are looked through for files."""

    @property
    def open_ended(self) -> bool:
        """Whether a pipe may still give something."""

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """At most about `budget` bytes of what waits; never raises."""

    def pending(self) -> bool:
        """Whether more waits to be read at once."""

    def progress(self) -> tuple[int, int]:
        """Bytes read and bytes there are."""

    def states(self) -> Sequence[SourceStatus]:
        """One state a source, by the number its chunks bear."""

    def read(self, place: int) -> bytes | None:
        """The document of a place, or `None` when it is gone."""

    def interval(self, now: float) -> float:
        """Seconds until a poll is worthwhile."""

    def last(self, now: float) -> list[Chunk]:
        """Take nothing more from senders; what they were told is taken and was not polled yet."""

    def close(self) -> None:
        """Let go of files, sockets and threads."""


class Pump:
    """Moves what arrives, a slice at a time, on the thread of whoever calls `step`."""

    def __init__(
        self,
        sources: ByteSources,
        decoder: Decoder,
        live: Live,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.live = live
        self._sources = sources
        self._decoder = decoder
        self._clock = clock
        self._chunks: deque[Chunk] = deque()
        self._fragments: list[Fragment] = []
        self._applied = 0
        self._closed = False
        self.alerts: Alerts | None = None
        self._notify: Callable[[Change], None] = _nobody
        self._caught_up = False
        self._ticks = 0
        records = Records(sources.chunk_index, self.places, self.payload)
        self.contents = ContentSearch(records, live.reconsider)
        """What filters look into for `text:`."""

    def watch_alerts(self, rules: Sequence[Rule], notify: Callable[[Change], None]) -> None:
        """Judge rules at each tick, once what is there has been read; `notify` must not wait."""
        self.alerts = Alerts(rules, self.live)
        self._notify = notify

    @property
    def rejects(self) -> Sequence[Reject]:
        """The last lines that could not be read, oldest first."""
        return self._decoder.rejects

    def step(self, budget_s: float = 0.008) -> bool:
        """Move what waits for at most about `budget_s` seconds; whether more waits."""
        deadline = time.perf_counter() + budget_s
        while True:
            if not self._move():
                self._chunks.extend(self._sources.poll(self._clock(), READ_BYTES))
                if not self._chunks:
                    waits = self._sources.pending()
                    self._caught_up = self._caught_up or not waits
                    return waits
            if time.perf_counter() >= deadline:
                return True

    def _move(self) -> bool:
        """Apply a slice, or decode a chunk, of what was taken from the sources; whether it was."""
        if self._applied < len(self._fragments):
            last = self._applied + SLICE_FRAGMENTS
            self.live.apply(self._fragments[self._applied : last], self._clock())
            self._applied = last
            return True
        if self._chunks:
            self._fragments = self._decoder.decode(self._chunks.popleft())
            self._applied = 0
            return True
        return False

    def drain(self, between: Callable[[], None] = lambda: None) -> None:
        """Move all that there is to read, for commands without a screen."""
        while self.step(0.1) or self._sources.open_ended:
            between()
            if self._sources.open_ended and not self._sources.pending():
                time.sleep(0.01)

    def look_through(self, matches: Filter) -> None:
        """Make a filter the one that views are for, and look into all that it asks to the end.

        What was found for one of its terms may have the next one ask.
        """
        self.live.look_through(matches)
        while self.contents.waiting:
            self.contents.step(_LOOK_S)
            self.live.settle()

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that are looked through for files."""
        return self._sources.folders

    @property
    def udp_port(self) -> int | None:
        """The UDP port that is listened on."""
        return self._sources.udp_port

    @property
    def otlp_port(self) -> int | None:
        """The OTLP port that is listened on."""
        return self._sources.otlp_port

    @property
    def otlp_receiver(self) -> Receiver | None:
        """What takes OTLP requests, for a server that mounts OTLP's routes."""
        return self._sources.receiver

    def now(self) -> float:
        """The present, in seconds since the epoch, by the clock that everything here goes by."""
        return self._clock()

    def tick(self) -> None:
        """Let time pass in what is true now and judge alerts; wanted about once a second."""
        now = self._clock()
        self.live.tick(now)
        self._ticks += 1
        if self.alerts is not None and (self._caught_up or self._ticks > MOST_UNJUDGED_TICKS):
            for change in self.alerts.evaluate(now, self.honest()):
                self._notify(change)

    def interval(self) -> float:
        """Seconds until the next step is worthwhile; zero while something waits."""
        if self._chunks or self._applied < len(self._fragments) or self._sources.pending():
            return 0.0
        return self._sources.interval(self._clock())

    def progress(self) -> tuple[int, int]:
        """Bytes read and bytes there are."""
        return self._sources.progress()

    def source_states(self) -> tuple[SourceState, ...]:
        """What is known of each source, and of what came from it."""
        found = []
        for number, status in enumerate(self._sources.states()):
            counts = self._decoder.counts(number)
            found.append(
                SourceState(
                    label=status.label,
                    kind=status.kind,
                    format=counts.format,
                    state=status.state,
                    detail=status.detail or counts.note,
                    lines=counts.lines,
                    fragments=counts.fragments,
                    rejected=counts.rejected + status.rejected,
                    bytes_read=status.bytes_read,
                    bytes_total=status.bytes_total,
                    datagrams=status.datagrams,
                    lost=status.lost,
                    emitters=tuple(_emitter(each) for each in status.emitters),
                    received=dict(status.received),
                )
            )
        return tuple(found)

    def honest(self) -> Honest:
        """How far what was read can be trusted; a view adds what is known of the calls."""
        states = self._sources.states()
        return Honest(
            lines=self._decoder.lines,
            rejected=self._decoder.rejected + sum(status.rejected for status in states),
            datagrams_lost=sum(status.lost for status in states),
        )

    def explain(self, source: int) -> Sequence[Explanation]:
        """How a source, by its number in `source_states`, is understood."""
        return self._decoder.explain(source)

    def payload(self, span: Span) -> Payload:
        """Read the heavy part of a span again from where it lies.

        One of several instrumentations that tell a call may be the one that tells what was said.
        """
        payload = self._own_payload(span)
        if span.counted:
            others = (self._own_payload(each) for each in self.live.retellings(span))
            payload.fill_in(others, answered=not span.failed)
        return payload

    def _own_payload(self, span: Span) -> Payload:
        places = places_of(span)
        records = [(at, data) for at in places if (data := self._sources.read(at)) is not None]
        payload = self._decoder.payload(records, span)
        told = {at for at in (span.opened_at, span.ended_at) if at >= 0}
        if not told.issubset(at for at, _ in records) and payload.missing is None:
            payload.missing = "A record of this call is gone from its source (rotated or deleted)."
        return payload

    def payload_weight(self, span: Span) -> int:
        """Bytes that are gone through to read a span's payload."""
        return self._sources.chunk_index.weight(self.places(span))

    def places(self, span: Span) -> list[int]:
        """Where the records lie that a span's payload is read from."""
        others = self.live.retellings(span) if span.counted else ()
        return [place for each in (span, *others) for place in places_of(each)]

    def close(self) -> None:
        """Move what the sources have taken from senders, then let go of them."""
        if not self._closed:
            self._closed = True
            self._chunks.extend(self._sources.last(self._clock()))
            while self._move():
                pass
        self._sources.close()


def _emitter(status: EmitterStatus) -> EmitterState:
    return EmitterState(
        name=status.name,
        sent=status.sent,
        received=status.received,
        lost=status.lost,
        duplicates=status.duplicates,
        left=status.left,
    )


def _nobody(change: Change) -> None:
    """Nobody wants to know."""
