"""How a source stands, for the header and the list of sources."""

from __future__ import annotations

from msgspec import Struct


class SourceStatus(Struct):
    """One source; its place in the list of sources is the number that its chunks bear."""

    label: str
    kind: str
    """`file`, `stdin`, `udp`."""
    state: str = "waiting"
    """One word: `reading`, `following`, `read`, `waiting`, `listening`, `gone`, `failed`."""
    detail: str | None = None
    """A sentence, when the state needs one."""
    bytes_read: int = 0
    bytes_total: int = 0
    datagrams: int = 0
    lost: int = 0
    """Datagrams known to be lost."""


class SourceError(Exception):
    """Something that is known at the start to be wrong with a source, said in a sentence."""
