"""Where the fields of a call are in a record of unknown make: worked out once for records alike.

Programs write few kinds of lines. What a name may tell, and which of two names goes first, depends
on the keys of a record and of the objects in it alone; what is taken depends on the values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from llmtop.decode.format import Document
from llmtop.decode.generic_bodies import opened
from llmtop.decode.generic_marks import OF_THINGS, SEVERAL, SPOKEN, WORD_KEYS
from llmtop.decode.generic_names import BODIES, canonical
from llmtop.decode.generic_places import (
    DEEPEST,
    MOST_KEYS,
    Place,
    is_looked_into,
    is_trusted,
    places_in,
)
from llmtop.decode.generic_values import Kind, is_grave, kind_of, plain_type
from llmtop.decode.values import MOST_TOKENS
from llmtop.span import Fragment

_MOST_KEPT = 2000
"""Different kinds of records and of objects in them that are remembered."""
_MOST_CHARACTERS = 10_000
_LONGEST_TYPE = 80
_CONVENTIONS = frozenset({"gen_ai.request.model", "gen_ai.response.model", "llm.model_name",
                "openinference.span.kind", "llm.token_count.prompt"})  # fmt: skip
OWN = frozenset(Fragment.__struct_fields__) - {"status"}
"""Fields that go into the fragment as they are; a status has to be put in llmtop's words."""
_OF_CALLS = frozenset({"model", "response_model", "input_tokens", "output_tokens", "total_tokens",
                       "ttft", "ttft_untold"})  # fmt: skip
"""A record that has no place for any of these fields is no call."""


_QuickStep = tuple[str, str, Any, tuple[Place, ...]]
"""A field of the fragment; the key and the type of values that it has as they are; all places."""
_Step = tuple[str, bool, str, tuple[str, ...], Kind, float, tuple[Place, ...]]
"""A field and whether it is the fragment's; the key and the inner keys of its likeliest place; what
makes a value of what is there, and its unit; the other places."""


class Plan:
    """Where the fields are in records with the same keys."""

    __slots__ = (
        "_levels",
        "_quick",
        "_steps",
        "has_latency",
        "is_of_a_convention",
        "is_of_things",
        "is_spoken",
        "may_be_a_call",
        "may_be_several",
        "places",
        "word_keys",
    )

    def __init__(
        self, places: Sequence[Place], names: Collection[str], keys: Collection[str]
    ) -> None:
        self.is_of_a_convention = not _CONVENTIONS.isdisjoint(keys)
        """Whether these are a span's attributes, written out as an object of their own."""
        self.may_be_several = not SEVERAL.isdisjoint(names)
        """Whether one of the names counts calls."""
        self.is_spoken = not SPOKEN.isdisjoint(names)
        """Whether one of the names is that of talk with a language model."""
        self.has_latency = any("latency" in each for each in names)
        """Whether a duration is called latency, which tables and devices do not have."""
        self.is_of_things = not OF_THINGS.isdisjoint(names)
        """Whether one of the names is that of another thing that has a model."""
        self.word_keys = tuple(key for key in WORD_KEYS if key in keys)
        """Where a record says in words what happened."""
        self.places: dict[str, tuple[Place, ...]] = {}
        """For each field that may be told the places of it, the likeliest first."""
        for place in sorted(places, key=lambda each: each.rank):
            self.places[place.field] = (*self.places.get(place.field, ()), place)
        self.may_be_a_call = self.is_of_a_convention or not _OF_CALLS.isdisjoint(self.places)
        """Whether any record with these keys can be a call."""
        self._levels = tuple(each.keys for each in self.places.pop("level", ()))
        """Where the level at which the record was logged may be."""
        self._quick: list[_QuickStep] = []
        self._steps: list[_Step] = []
        for field, found in self.places.items():
            plain = plain_type(kind_of(field))
            key, *inner = found[0].keys
            if plain is not None and field in OWN and not inner:
                self._quick.append((field, key, plain, found))
            else:
                step = (field, field in OWN, key, tuple(inner), kind_of(field), found[0].unit)
                self._steps.append((*step, found[1:]))

    def read(self, document: Mapping[str, Any], fragment: Fragment) -> dict[str, Any]:
        """Put into a fragment what a record tells; the fields that a fragment does not have."""
        rest: dict[str, Any] = {}
        for field, key, plain, places in self._quick:
            value: Any = document[key]
            # Nearly all names and counts are taken as they are.
            if type(value) is plain and value and (plain is str or 0 < value <= MOST_TOKENS):
                setattr(fragment, field, value)
            else:
                fit = _first(places, document)
                if fit is not None:
                    setattr(fragment, field, fit)
        for field, is_own, key, inner, kind, unit, others in self._steps:
            value = document[key]
            if inner:
                for name in inner:
                    value = value[name]
            fit = None if value is None else kind(value, unit)
            if fit is None:
                if not others:
                    continue
                fit = _first(others, document)
                if fit is None:
                    continue
            if is_own:
                setattr(fragment, field, fit)
            else:
                rest[field] = fit
        return rest

    def is_grave(self, document: Mapping[str, Any]) -> bool:
        """Whether the record was logged as an error."""
        for keys in self._levels:
            level: Any = document
            for key in keys:
                level = level[key]
            if level is not None:
                return is_grave(level)
        return False

    def place(self, field: str, document: Mapping[str, Any]) -> Place | None:
        """Which place told a field of a record."""
        for each in self.places.get(field, ()):
            if each.told(document) is not None:
                return each
        return None


def _first(places: Sequence[Place], document: Mapping[str, Any]) -> Any:
    for place in places:
        fit = place.told(document)
        if fit is not None:
            return fit
    return None


def are_few(keys: Sequence[str]) -> bool:
    """Whether keys are worth keeping: neither very many nor very long."""
    return len(keys) <= MOST_KEYS and sum(map(len, keys)) <= _MOST_CHARACTERS


class _Keys:
    """Records, or objects in them, that have the same keys."""

    __slots__ = ("bodies", "depth", "holders", "inner", "is_typed", "name", "plans")

    def __init__(self, keys: tuple[str, ...], name: str, depth: int) -> None:
        self.name = name
        """Of an object, the canonical name under which it is; of a record, empty."""
        self.depth = depth
        self.holders = (
            ()
            if depth >= DEEPEST
            else tuple(key for key in keys[:MOST_KEYS] if is_looked_into(name, key))
        )
        """Keys of objects that are looked into, where they are objects."""
        self.bodies = () if depth else tuple(key for key in keys if key in BODIES)
        self.is_typed = not depth and "type" in keys
        self.inner: dict[tuple[str, tuple[str, ...]], _Keys | None] = {}
        """Objects within, by their key and their own keys; `None` for what is not looked into."""
        self.plans: dict[tuple[object, ...], Plan] = {}


class Plans:
    """Plans for the records of a log, by their keys; so many are kept that few are made twice."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, ...], _Keys] = {}
        self.kept = 0

    def find(self, document: Document) -> tuple[Document, Plan | None]:
        """The record, bodies in it decoded; and its plan, if there was one like it before."""
        keys = self._records.get(tuple(document))
        if keys is None:
            return document, None
        if keys.bodies:
            document = opened(document, keys.bodies)
        for key in keys.holders:
            if type(document[key]) is dict:
                return document, keys.plans.get(self._shape(keys, document))
        if keys.is_typed:
            return document, keys.plans.get(self._shape(keys, document))
        return document, keys.plans.get(())

    def of(self, document: Document) -> tuple[Document, Plan]:
        """The record, bodies in it decoded; and the plan for it."""
        if self.kept >= _MOST_KEPT:
            self._records.clear()
            self.kept = 0
        own = tuple(document)
        keys = self._records.get(own)
        if keys is None:
            keys = _Keys(own, "", 0)
            if are_few(own):
                self._records[own] = keys
                self.kept += 1
        if keys.bodies:
            document = opened(document, keys.bodies)
        shape = self._shape(keys, document)
        plan = keys.plans.get(shape)
        if plan is None:
            plan = keys.plans[shape] = plan_of(document)
            self.kept += 1
        return document, plan

    def _shape(self, keys: _Keys, document: Document) -> tuple[object, ...]:
        """What a plan depends on beside the keys of the record: those of the objects in it."""
        shape: list[object] = []
        if keys.is_typed:
            kind = document["type"]
            # Formats with names like these may know their records by the type.
            shape.append(kind[:_LONGEST_TYPE] if type(kind) is str else None)
        if keys.holders:
            self._add_shape(shape, keys, document)
        return tuple(shape)

    def _add_shape(self, shape: list[object], keys: _Keys, holder: Document) -> None:
        for key in keys.holders:
            value = holder[key]
            if type(value) is not dict:
                continue
            own = (key, tuple(value))
            if own in keys.inner:
                inner = keys.inner[own]
            else:
                inner = _inner(keys, key, value)
                if are_few(own[1]):
                    keys.inner[own] = inner
                    self.kept += 1
            if inner is not None:
                shape.append(inner)
                if inner.holders:
                    self._add_shape(shape, inner, value)


def _inner(keys: _Keys, key: str, value: Document) -> _Keys | None:
    name = canonical(key)
    return _Keys(tuple(value), name, keys.depth + 1) if is_trusted(name, value) else None


def plan_of(document: Document) -> Plan:
    """The plan for records with these keys; outer places go first, then the likelier names."""
    places, names = places_in(document)
    return Plan(places, names, document.keys())
