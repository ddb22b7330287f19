"""Records that tell nothing of calls, known again by their keys.

Most lines of a program's log are not about models. What such a record is does not depend on its
values, as long as these are plain: asking every format about each would be most of the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmtop.decode.format import Format

_MOST = 2000
"""Different kinds of records that are remembered."""
_BY_VALUE = frozenset({"object", "done", "kind", "schemaType", "event.name", "role"})
"""Keys whose value, beside that of `type`, tells a format what a record is."""
_Kind = tuple[tuple[str, ...], object]


class Strangers:
    """Remembers the keys of records that no format knows, whatever their values."""

    def __init__(self, formats: Sequence[type[Format]]) -> None:
        self._formats = formats
        self._known: set[_Kind] = set()

    def know(self, document: dict[str, Any]) -> bool:
        """Whether a record is like one that was met."""
        kind = document.get("type")
        own = (tuple(document), kind if type(kind) is str else None)
        return own in self._known and _is_plain(document)

    def meet(self, document: dict[str, Any]) -> None:
        """Remember a record that no format knew, if its keys alone tell that."""
        if not _is_plain(document) or not _BY_VALUE.isdisjoint(document):
            return
        if any(kind.may_be(document) for kind in self._formats):
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        kind = document.get("type")
        self._known.add((tuple(document), kind if type(kind) is str else None))


def _is_plain(document: dict[str, Any]) -> bool:
    """Whether no value can carry a record."""
    for value in document.values():
        kind = type(value)
        if kind is str:
            if "{" in value or "LLM_" in value:
                return False
        elif kind is dict or kind is list:
            return False
    return True
