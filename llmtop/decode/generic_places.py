"""The places in a record of unknown make where the fields of a call may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from llmtop.decode.duration_names import UNTOLD
from llmtop.decode.generic_names import (
    ANSWERED,
    ASKED,
    HOLDERS,
    INDEX,
    OF_A_BODY,
    SHORT_COSTS,
    SHORT_TOKENS,
    TOKEN_HOLDERS,
    canonical,
)
from llmtop.decode.generic_values import COUNTS, kind_of

DEEPEST = 4
"""How deep in a record objects are looked into."""
MOST_KEYS = 400
"""Keys that are looked at in one record."""
_LOGGERS = frozenset({"levelname", "level", "logger", "record", "severity", "logger_name"})
_OF_THE_LOGGER = frozenset({"name", "function"})
"""What a line that a logger wrote tells of its logger under these names."""


class Place(NamedTuple):
    """One value of a record that may tell a field."""

    field: str
    keys: tuple[str, ...]
    unit: float
    rank: int
    """Of two that tell the same field the lower one goes first."""

    @property
    def path(self) -> str:
        """As a person would write it."""
        return ".".join(self.keys)

    @property
    def name(self) -> str:
        """The last key, in its canonical spelling."""
        return canonical(self.keys[-1])

    def within(self, document: Mapping[str, Any]) -> Any:
        """The value in a record."""
        value: Any = document
        for key in self.keys:
            value = value[key]
        return value

    def told(self, document: Mapping[str, Any]) -> Any:
        """The value as the field has it, or `None` if it is none of the field's."""
        value = self.within(document)
        return None if value is None else kind_of(self.field)(value, self.unit)


def is_looked_into(parent: str, key: str) -> bool:
    """Whether an object in another one may tell of a call."""
    name = canonical(key)
    # loguru's user names the objects in `extra`, and its moment is an object.
    return name in HOLDERS or parent == "extra" or (name == "time" and parent == "record")


def is_trusted(name: str, holder: Mapping[str, Any]) -> bool:
    """Whether an object tells of the call, and is not what was said to the model or by it."""
    if name not in ASKED and name not in ANSWERED:
        return True
    return any(_is_of_a_body(canonical(key)) for key in holder)


@lru_cache(maxsize=8192)
def _is_of_a_body(name: str) -> bool:
    return name in OF_A_BODY or any(field in COUNTS for field, _, _ in INDEX.get(name, ()))


def places_in(document: Mapping[str, Any]) -> tuple[list[Place], frozenset[str]]:
    """All places of a record, and the canonical names of all keys that were looked at."""
    names: set[str] = set()
    places = list(_places(document, "", (), names))
    if "id" in document and (
        "object" in names or "choices" in names or {"role", "content"} <= names
    ):
        places.append(Place("response_id", ("id",), UNTOLD, 900))
    if not _LOGGERS.isdisjoint(document):
        places = [
            each
            for each in places
            if each.field != "name" or canonical(each.keys[-1]) not in _OF_THE_LOGGER
        ]
    return places, frozenset(names)


def _places(
    holder: Mapping[str, Any],
    parent: str,
    keys: tuple[str, ...],
    names: set[str],
    *,
    is_answer: bool = False,
) -> Iterator[Place]:
    depth = len(keys)
    inner: list[tuple[str, str, Mapping[str, Any]]] = []
    for key, value in holder.items():
        if len(names) >= MOST_KEYS:
            return
        name = canonical(key)
        names.add(name)
        at = (*keys, key)
        for field, rank, unit in INDEX.get(name, ()):
            # What an answer says of the model is which one answered.
            told = "response_model" if is_answer and field == "model" else field
            yield Place(told, at, unit, depth * 1000 + rank)
        if parent in TOKEN_HOLDERS and name in SHORT_TOKENS:
            yield Place(SHORT_TOKENS[name], at, UNTOLD, depth * 1000 - 500)
        elif parent == "cost" and name in SHORT_COSTS:
            yield Place("cost", at, UNTOLD, depth * 1000)
        elif parent == "provider" and name == "id":
            # promptfoo names the model so.
            yield Place("model", at, UNTOLD, depth * 1000 + 950)
        elif is_answer and name == "id":
            yield Place("response_id", at, UNTOLD, depth * 1000 + 900)
        elif parent == "time" and name == "timestamp":
            yield Place("time", at, UNTOLD, depth * 1000)
        if type(value) is dict and depth < DEEPEST and is_looked_into(parent, key):
            inner.append((key, name, value))
    for key, name, value in inner:
        if is_trusted(name, value):
            of_answer = is_answer or name in ANSWERED
            yield from _places(value, name, (*keys, key), names, is_answer=of_answer)
