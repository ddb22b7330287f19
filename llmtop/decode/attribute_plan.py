"""Which attributes of a span are looked at, and what each one tells, worked out once.

The spans that a program writes in one place bear attributes of the same names in the same order,
so what their names mean is looked up for the first of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Raw, Struct

from llmtop.decode.attributes import BESIDE, RULES
from llmtop.decode.special_attributes import FLAGS, SPECIAL
from llmtop.decode.values import count, text
from llmtop.span import Fragment

Known = dict[bytes, Any]
"""What values tell, by how they stand in the line."""
Convert = Callable[[object], Any]
_REPEATED = frozenset(
    {
        "agent",
        "error_type",
        "finish_reason",
        "model",
        "operation",
        "provider",
        "response_model",
        "session_id",
        "user_id",
    }
)
"""Fields whose values come again and again: each is worked out, and kept in memory, once."""
_MOST_KNOWN = 2048
_LONGEST_KNOWN = 256
_MOST_PLANS = 256
_LONGEST_NAMES = 8192
"""Characters of a span's names of attributes, up to which they are remembered."""


class Plan(Struct, frozen=True, gc=False):
    """Places of attributes among those of a span, and what to do with each.

    Of several names of one field the best one stands last, so that what it tells is kept.
    """

    repeated: tuple[tuple[int, str, Known, Convert], ...]
    counts: tuple[tuple[int, str], ...]
    texts: tuple[tuple[int, str], ...]
    others: tuple[tuple[int, str, Convert], ...]
    flags: tuple[tuple[int, Known, Convert], ...]
    beside: tuple[tuple[int, str], ...]
    """What these tell depends on other attributes."""
    special: frozenset[str]
    """Those of them that have a way of their own to tell something."""


_plans: dict[tuple[str, ...], Plan] = {}


def plan_of(names: tuple[str, ...]) -> Plan:
    """The plan for attributes of these names, in this order."""
    plan = _plans.get(names)
    if plan is None:
        plan = _planned(names)
        if sum(map(len, names)) <= _LONGEST_NAMES:
            if len(_plans) >= _MOST_PLANS:
                _plans.clear()
            _plans[names] = plan
    return plan


_known: dict[str, Known] = {name: {} for name, rule in RULES.items() if rule[0] in _REPEATED}
_flags: dict[str, Known] = {name: {} for name in FLAGS}


def _planned(names: tuple[str, ...]) -> Plan:
    by_rank = sorted(
        ((-rule[1], at, name) for at, name in enumerate(names) if (rule := RULES.get(name)))
    )
    rules = [(at, name, RULES[name][0], RULES[name][2]) for _, at, name in by_rank]
    single = [(at, field, convert) for at, name, field, convert in rules if name not in _known]
    beside = tuple(
        (at, name)
        for at, name in enumerate(names)
        if name in BESIDE and name not in RULES and name not in FLAGS
    )
    return Plan(
        repeated=tuple(
            (at, field, _known[name], convert)
            for at, name, field, convert in rules
            if name in _known
        ),
        counts=tuple((at, field) for at, field, convert in single if convert is count),
        texts=tuple((at, field) for at, field, convert in single if convert is text),
        others=tuple(each for each in single if each[2] not in (count, text)),
        flags=tuple(
            (at, _flags[name], FLAGS[name]) for at, name in enumerate(names) if name in FLAGS
        ),
        beside=beside,
        special=SPECIAL.intersection(name for _, name in beside),
    )


def follow(
    plan: Plan, fragment: Fragment, raws: Sequence[Raw], decode: Callable[[Raw], Any]
) -> None:
    """Put into a fragment what all values tell but counts and texts.

    These are decoded quicker by who knows how they are written.
    """
    for at, field, known, convert in plan.repeated:
        try:
            told = known[b"" + raws[at]]
        except KeyError:
            told = _learn(known, raws[at], decode, convert)
        if told is not None:
            setattr(fragment, field, told)
    for at, field, convert in plan.others:
        told = convert(decode(raws[at]))
        if told is not None:
            setattr(fragment, field, told)
    for at, known, convert in plan.flags:
        flag = known.get(b"" + raws[at])
        fragment.flags |= _learn(known, raws[at], decode, convert) if flag is None else flag


def _learn(known: Known, raw: Raw, decode: Callable[[Raw], Any], convert: Convert) -> Any:
    """What a value tells that is not known yet."""
    value = convert(decode(raw))
    if value is not None and len(raw) <= _LONGEST_KNOWN:
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[bytes(raw)] = value
    return value
