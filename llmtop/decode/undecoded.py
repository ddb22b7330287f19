"""Attributes as they stand in a line, each decoded when it is asked for: most never are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Raw


class Undecoded(Mapping[str, Any]):
    """A mapping of plain values, made from undecoded ones."""

    __slots__ = ("_decode", "_held")

    def __init__(self, held: Mapping[str, Raw], decode: Callable[[str, Raw], Any]) -> None:
        self._held = held
        self._decode = decode

    def __getitem__(self, name: str) -> Any:
        return self._decode(name, self._held[name])

    def get(self, name: str, default: Any = None) -> Any:
        """The plain value of an attribute."""
        held = self._held.get(name)
        return default if held is None else self._decode(name, held)

    def __contains__(self, name: object) -> bool:
        return name in self._held

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)
