"""Lines of one kind of record: decoded at once where they are in good order, else fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from msgspec import DecodeError, Struct, ValidationError, json

from llmtop.decode.fitted import fitted

Record = TypeVar("Record", bound=Struct)

_Errors = (DecodeError, ValidationError, UnicodeDecodeError, RecursionError)


class TypedLines(Generic[Record]):
    """Reads lines as records of `kind`."""

    def __init__(self, kind: type[Record]) -> None:
        self._kind = kind
        self._decoder = json.Decoder(kind, strict=False)

    def line(self, data: bytes) -> Record | None:
        """One line in good order, or `None`."""
        try:
            return self._decoder.decode(data)
        except _Errors:
            return None

    def lines(self, data: bytes) -> list[Record] | None:
        """All lines of a chunk, if each is in good order."""
        try:
            return self._decoder.decode_lines(data)
        except _Errors:
            return None

    def fitted(self, told: Mapping[str, Any]) -> Record:
        """The record that an object tells, values of the wrong kind left out."""
        try:
            # Most objects are in good order, and decoding them is quicker than fitting them.
            record = self.line(json.encode(told))
        except (TypeError, UnicodeError, RecursionError):
            record = None
        return fitted(told, self._kind) if record is None else record
