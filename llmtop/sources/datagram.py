"""The emitter's datagrams: numbered, so that a loss is seen, and cut into parts where too large.

A datagram is `#llmtop/1 <emitter> <number>` and a newline, then records, one a line. A record
that is too large for one comes in parts, whose header goes on with `part <record> <i>/<n>`. An
emitter's last datagram says `bye`. What has no such header is taken as records.
"""

from __future__ import annotations

import re
from collections import OrderedDict

from msgspec import Struct

from llmtop.sources.status import EmitterStatus

PREFIX = b"#llmtop/1 "
REORDERED = 64
"""A datagram that comes so many late is late; later than that, it counts as lost."""
EXPIRY_S = 5.0
"""Parts of a record wait so long (seconds) for the others."""
MOST_PARTS = 4096
MOST_BYTES = 64 * 1024 * 1024
"""Bytes of incomplete records that are held at most."""
MOST_EMITTERS = 1024

_HEADER = re.compile(
    rb"#llmtop/1 ([0-9a-f]{16}) (\d{1,15})"
    rb"(?: (?:(bye)|part ([0-9a-f]{8}) (\d{1,5})/(\d{1,5})))?\n"
)


class Emitter(Struct):
    """What is known of one emitter: how many datagrams came, and how many did not.

    From the lowest number heard to the highest, each is received, lost or still missed.
    """

    lowest: int
    highest: int
    received: int = 1
    lost: int = 0
    duplicates: int = 0
    missing: set[int] = set()
    left: bool = False

    def number(self, number: int) -> bool:
        """Note the number of a datagram; whether it is wanted, not a repetition."""
        if number > self.highest:
            self._skip(self.highest, number)
            self.highest = number
        elif number in self.missing:
            self.missing.discard(number)
        elif number < self.lowest:
            if number < self.lowest - REORDERED:
                return True  # sent long before the first that was heard
            # Sent just before the first that was heard, and overtaken by it.
            self.missing.update(range(number + 1, self.lowest))
            self.lowest = number
        elif number > self.highest - REORDERED or not self.lost:
            self.duplicates += 1
            return False
        else:
            return True  # so late that it was counted as lost
        self.received += 1
        return True

    def _skip(self, last: int, number: int) -> None:
        """Note what lies between the last number and a new one as missed or, if long ago, lost."""
        gap = number - last - 1
        if gap > REORDERED:
            self.lost += gap - REORDERED
            gap = REORDERED
        if gap or self.missing:
            late = [each for each in self.missing if each < number - REORDERED]
            self.lost += len(late)
            self.missing.difference_update(late)
            self.missing.update(range(number - gap, number))

    def status(self, name: bytes) -> EmitterStatus:
        """The figures as others see them: what is missed counts as lost until it comes."""
        return EmitterStatus(
            name=name.decode(),
            sent=self.highest - self.lowest + 1,
            received=self.received,
            lost=self.lost + len(self.missing),
            duplicates=self.duplicates,
            left=self.left,
        )


class _Parts(Struct):
    count: int
    began: float
    parts: dict[int, bytes]
    size: int = 0


class Joiner:
    """Turns datagrams into records; never raises, whatever comes."""

    def __init__(self) -> None:
        self.emitters: OrderedDict[bytes, Emitter] = OrderedDict()
        self.incomplete = 0
        """Records given up because parts of them did not come."""
        self.datagrams = 0
        self._lost_by_others = 0
        self._parts: OrderedDict[tuple[bytes, bytes], _Parts] = OrderedDict()
        self._held = 0

    @property
    def lost(self) -> int:
        """Datagrams known to be lost, of all emitters."""
        return self._lost_by_others + sum(
            emitter.lost + len(emitter.missing) for emitter in self.emitters.values()
        )

    def join(self, datagram: bytes, now: float) -> bytes:
        """The records that are whole with this datagram, as lines; perhaps none."""
        if not datagram:
            return b""
        self.datagrams += 1
        if not datagram.startswith(PREFIX):
            return datagram
        header = _HEADER.match(datagram)
        if header is None:
            return datagram
        name, number, bye, record, index, count = header.groups()
        if bye and name in self.emitters and self.emitters[name].left:
            return b""  # said twice after a flood, in case the first one was lost
        if not self._number(name, int(number)):
            return b""
        body = datagram[header.end() :]
        if bye:
            self.emitters[name].left = True
            return b""
        if record is None:
            return body
        return self._part(name, record, int(index), int(count), body, now)

    def _number(self, name: bytes, number: int) -> bool:
        """Note the number of an emitter's datagram; whether it is wanted."""
        emitter = self.emitters.get(name)
        if emitter is not None:
            self.emitters.move_to_end(name)
            return emitter.number(number)
        if len(self.emitters) >= MOST_EMITTERS:
            _, longest_silent = self.emitters.popitem(last=False)
            self._lost_by_others += longest_silent.lost + len(longest_silent.missing)
        # What was sent before the monitor listened is not lost.
        self.emitters[name] = Emitter(lowest=number, highest=number, missing=set())
        return True

    def statuses(self) -> tuple[EmitterStatus, ...]:
        """Every emitter, most recently heard of first."""
        return tuple(emitter.status(name) for name, emitter in reversed(self.emitters.items()))

    def _part(
        self, name: bytes, record: bytes, index: int, count: int, body: bytes, now: float
    ) -> bytes:
        if not 1 <= index <= count <= MOST_PARTS:
            return b""
        key = (name, record)
        found = self._parts.get(key)
        if found is not None and found.count != count:
            self._give_up(key)
            found = None
        if found is None:
            found = self._parts[key] = _Parts(count, now, {})
        if index not in found.parts:
            found.parts[index] = body
            found.size += len(body)
            self._held += len(body)
        if len(found.parts) == count:
            del self._parts[key]
            self._held -= found.size
            return b"".join(found.parts[at] for at in range(1, count + 1)) + b"\n"
        while self._held > MOST_BYTES:
            self._give_up(next(iter(self._parts)))
        return b""

    def expire(self, now: float) -> None:
        """Give up records whose parts do not come."""
        for key, parts in list(self._parts.items()):
            if now - parts.began < EXPIRY_S:
                break
            self._give_up(key)

    def _give_up(self, key: tuple[bytes, bytes]) -> None:
        self._held -= self._parts.pop(key).size
        self.incomplete += 1
