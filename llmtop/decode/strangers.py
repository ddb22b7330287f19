"""Records that tell nothing of calls, known again by their keys.

Most lines of a program's log are not about models. What such a record is depends on its keys, its
type and the kinds of its values: asking every format about each line would be most of the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmtop.decode.format import Format
from llmtop.decode.generic_plan import are_few

_MOST = 2000
"""Different kinds of records that are remembered."""
_LONGEST_TYPE = 80
_BY_VALUE = frozenset({"object", "done", "kind", "schemaType", "event.name", "role"})
"""Keys whose value, beside that of `type`, tells a format what a record is."""


class Strangers:
    """Remembers of records that no format knows their keys and the kinds of their values."""

    def __init__(self, formats: Sequence[type[Format]]) -> None:
        self._formats = formats
        self._known: set[object] = set()

    def know(self, document: dict[str, Any]) -> bool:
        """Whether a record is like one that was met."""
        kind = _kind_of(document)
        return kind is not None and kind in self._known

    def meet(self, document: dict[str, Any]) -> None:
        """Remember a record that no format knew, if that does not depend on its values."""
        kind = _kind_of(document)
        if kind is None or not _BY_VALUE.isdisjoint(document) or not are_few(tuple(document)):
            return
        if any(each.may_be(document) for each in self._formats):
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known.add(kind)


def _kind_of(document: dict[str, Any]) -> object:
    """What records alike have in common; `None` if a value of this one may carry a record."""
    told = document.get("type")
    if told is not None and (type(told) is not str or len(told) > _LONGEST_TYPE):
        return None
    kinds: list[object] = [tuple(document), told]
    for value in document.values():
        kind = type(value)
        if not value:
            # Formats ask whether there is an error, a usage, an id.
            kinds.append(kind.__name__)
            continue
        if kind is str:
            if "{" in value or "LLM_" in value:
                return None
        elif kind is dict or kind is list:
            return None
        kinds.append(kind)
    return tuple(kinds)
