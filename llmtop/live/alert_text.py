"""Reads the text of an alert's rule: `p95 > 10s over 10m for 1m per model where status:ok`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches

from msgspec import structs

from llmtop.filter import FilterError
from llmtop.filter import parse as parse_filter
from llmtop.live.alert_rule import ALIASES, FIGURES, GROUPS, OF_SOURCES, Rule

MOST_OVER_S = 31 * 86400.0
"""The longest stretch (seconds) that a rule can look back over."""


class RuleError(ValueError):
    """A rule that cannot be understood, said in a sentence."""


_WHEN = re.compile(r"([a-z][\w%]*)\s*(>=|<=|>|<)\s*([^/]+?)\s*(?:/\s*(.+))?", re.IGNORECASE)
_CLAUSE = re.compile(r"\s(over|for|per|where|min(?=\s\d))\s", re.IGNORECASE)
_BUDGET = re.compile(r"(.*?)\s*(?:/|\b(?:per|a|an|in)\b)\s*(.+)", re.IGNORECASE)


def parse_rule(text: str, name: str | None = None) -> Rule:
    """Understand a rule. Raises RuleError."""
    text = " ".join(text.split())
    head, clauses = _clauses(text)
    match = _WHEN.fullmatch(head)
    if match is None:
        raise RuleError(f"`{text}` is not a rule; write it as in `error_rate > 5% over 10m`")
    figure = _figure(match[1], text)
    limit = _limit(match[3], FIGURES[figure].unit, text)
    rule = Rule(name=name or text, figure=figure, sign=match[2], limit=limit)
    if match[4]:
        rule = _looking_back(rule, match[4])
    for clause, value in clauses:
        rule = _CLAUSES[clause](rule, value)
    return _checked(rule)


def parse_budget(text: str, name: str | None = None) -> Rule:
    """Understand `$20 per day` or `5/h`: a limit to the cost. Raises RuleError."""
    text = " ".join(text.split())
    head, clauses = _clauses(text)
    if clauses and clauses[0][0] == "per" and clauses[0][1].lower() not in GROUPS:
        head = f"{head} per {clauses.pop(0)[1]}"
    match = _BUDGET.fullmatch(head)
    if match is None:
        raise RuleError(f"`{text}` is not a budget; write it as in `$20 per day` or `5/h`")
    limit = _limit(match[1], "money", text)
    rule = Rule(name=name or f"budget {text}", figure="cost", sign=">", limit=limit)
    rule = _looking_back(rule, match[2])
    for clause, value in clauses:
        rule = _CLAUSES[clause](rule, value)
    return _checked(rule)


def with_clauses(rule: Rule, clauses: Mapping[str, str | None]) -> Rule:
    """A rule with clauses (`over`, `for`, `per`, `min`, `where`) told apart. Raises RuleError."""
    for clause, value in clauses.items():
        if value:
            rule = _CLAUSES[clause](rule, value)
    return _checked(rule)


def _clauses(text: str) -> tuple[str, list[tuple[str, str]]]:
    """What stands before the first clause, and the clauses; a filter goes to the end."""
    padded = f" {text} "
    found: list[tuple[str, str]] = []
    match = _CLAUSE.search(padded)
    head = padded[: match.start()] if match else padded
    while match is not None:
        clause = match[1].lower()
        following = None if clause == "where" else _CLAUSE.search(padded, match.end() - 1)
        value = padded[match.end() : following.start() if following else None].strip()
        if not value:
            raise RuleError(f"`{text}`: something must follow `{clause}`")
        found.append((clause, value))
        match = following
    return head.strip(), found


def _figure(name: str, text: str) -> str:
    known = ALIASES.get(name.lower(), name.lower())
    if known not in FIGURES:
        nearest = get_close_matches(known, [*FIGURES, *ALIASES], n=1)
        hint = f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(FIGURES)}"
        raise RuleError(f"`{text}`: there is no figure {name}; {hint}")
    return known


_UNITS: Mapping[str, Mapping[str, float]] = {
    "share": {"%": 0.01},
    "time": {"": 1.0, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0},
    "money": {"": 1.0, "c": 0.01, "usd": 1.0, "$": 1.0, "k": 1e3},
    "count": {"": 1.0, "k": 1e3, "m": 1e6},
}
_WRITTEN = {"share": "5%", "time": "10s", "money": "$5", "count": "50"}


def _limit(told: str, unit: str, text: str) -> float:
    number = re.fullmatch(r"(\$?)\s*(\d+\.?\d*|\.\d+)\s*([%a-zµ$]*)", told.strip(), re.IGNORECASE)
    units = _UNITS[unit]
    if (
        number is None
        or (number[1] and unit != "money")
        or (number[3].lower() not in units and not (unit == "share" and not number[3]))
    ):
        raise RuleError(f"`{text}`: a limit like this is written as in `{_WRITTEN[unit]}`")
    amount = float(number[2])
    if unit == "share" and not number[3]:
        if amount > 1.0:
            raise RuleError(f"`{text}`: a share is written as in `{amount:g}%`")
        return amount
    return amount * units[number[3].lower()]


_SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604800.0),
}
_PERIODS = {"d": "day", "day": "day", "w": "week", "week": "week", "month": "month"}


def duration(text: str) -> float:
    """Seconds, from `30s`, `10m`, `1 hour`, `2d`, `day`. Raises RuleError."""
    match = re.fullmatch(r"(\d+\.?\d*|\.\d+)?\s*([a-z]*)", text.strip(), re.IGNORECASE)
    unit = _SECONDS.get((match[2] or "s").lower()) if match is not None else None
    if match is None or unit is None or not text.strip():
        raise RuleError(f"`{text}` is not a length of time, such as 30s, 10m, 1h or 2d")
    return float(match[1] or 1.0) * unit


def _looking_back(rule: Rule, text: str) -> Rule:
    """A rule over a stretch of time: `day` is this day, `1d` the last 24 hours."""
    period = _PERIODS.get(text.strip().lower())
    if period is not None:
        return structs.replace(rule, period=period, over=None)
    seconds = duration(text)
    if not 1.0 <= seconds <= MOST_OVER_S:
        raise RuleError(f"a rule looks back over at least 1s and at most 31d, not `{text}`")
    return structs.replace(rule, over=seconds, period=None)


def _per(rule: Rule, value: str) -> Rule:
    if value[:1].isdigit() or value.lower() in _SECONDS or value.lower() in _PERIODS:
        return _looking_back(rule, value)
    group = value.lower().removesuffix("_id")
    if group not in GROUPS:
        raise RuleError(f"a rule is per {', '.join(GROUPS[:-1])} or {GROUPS[-1]}, not per {value}")
    return structs.replace(rule, per=group)


def _where(rule: Rule, value: str) -> Rule:
    try:
        return structs.replace(rule, filter=parse_filter(value))
    except FilterError as error:
        raise RuleError(f"the filter `{value}`: {error.message}") from error


def _at_least(rule: Rule, value: str) -> Rule:
    if not value.isdigit():
        raise RuleError(f"the least number of calls is a number, not `{value}`")
    return structs.replace(rule, at_least=int(value))


_CLAUSES: Mapping[str, Callable[[Rule, str], Rule]] = {
    "over": _looking_back,
    "for": lambda rule, value: structs.replace(rule, hold=duration(value)),
    "per": _per,
    "min": _at_least,
    "where": _where,
}


def _checked(rule: Rule) -> Rule:
    """The rule itself, if it makes sense. Raises RuleError."""
    if rule.figure in OF_SOURCES and (rule.filter is not None or rule.per is not None):
        raise RuleError(f"{rule.figure} is a figure of the sources: no filter and no group applies")
    return rule
