"""How a source stands, for the header and the list of sources."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct


class EmitterStatus(Struct, frozen=True):
    """One sender of datagrams, since its first datagram that was heard."""

    name: str
    """What the emitter calls itself: random, new for each process."""
    sent: int
    """Datagrams sent since then, by their numbers; equal to received and lost together."""
    received: int
    """Each counted once; what came twice is a duplicate."""
    lost: int
    duplicates: int
    left: bool
    """Whether it has said goodbye."""


class SourceStatus(Struct):
    """One source; its place in the list of sources is the number that its chunks bear."""

    label: str
    kind: str
    """`file`, `stdin`, `udp`, `otlp`."""
    state: str = "waiting"
    """One word: `reading`, `following`, `read`, `waiting`, `listening`, `ending`, `gone`,
    `failed`."""
    detail: str | None = None
    """A sentence, when the state needs one."""
    bytes_read: int = 0
    bytes_total: int = 0
    datagrams: int = 0
    lost: int = 0
    """Datagrams known to be lost."""
    emitters: tuple[EmitterStatus, ...] = ()
    """Who sends datagrams, most recently heard of first."""
    received: dict[str, int] = {}
    """What came by OTLP, each kind with its count."""
    rejected: int = 0
    """What never came to a decoder: spans without ids, records of which parts are missing."""


def label_of(path: Path) -> str:
    """A path as text that can be written anywhere; names of files may be any bytes."""
    return os.fsencode(path).decode("utf-8", "replace")


class SourceError(Exception):
    """Something that is known at the start to be wrong with a source, said in a sentence."""
