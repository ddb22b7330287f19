"""Alerts: judges rules by the figures of the moment, so that they fire once and never flap."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, structs

from llmtop.live.alert_rule import DEFAULT_OVER_S, OF_SOURCES, Rule
from llmtop.live.live import Live
from llmtop.live.rolling import Rolling
from llmtop.live.tally import PICO, Tally
from llmtop.live.view import Honest

CLEARS_AFTER_S = 30.0
"""A firing alert clears when its figure has been good for this long, or for the rule's `for`."""
REMEMBERED = 200
"""Changes that are remembered."""
_EVERYTHING = ""


class Alert(Struct):
    """How one rule stands, for all calls or for one group of them."""

    rule: Rule
    group: str | None = None
    state: str = "ok"
    """`ok`, `pending` (beyond the limit, not yet for long enough) or `firing`."""
    since: float | None = None
    """When the state began, in seconds since the epoch."""
    value: float | None = None
    """The figure now, in the limit's unit; `None` is unknown."""
    good_since: float | None = None
    """Since when a firing alert's figure has been good."""


class Change(Struct, frozen=True):
    """An alert began to fire, or cleared."""

    rule: Rule
    group: str | None
    fires: bool
    at: float
    """Seconds since the epoch."""
    since: float
    """When it began to fire."""
    value: float | None


class Alerts:
    """All rules; `evaluate` is wanted about once a second, on the thread that moves `live`."""

    def __init__(self, rules: Sequence[Rule], live: Live, *, whole: bool = False) -> None:
        """Watch `live`; with `whole`, rules that do not say otherwise look back over all of it."""
        self.rules = tuple(rules)
        self.changes: deque[Change] = deque(maxlen=REMEMBERED)
        self.fired = 0
        """How often an alert began to fire."""
        self._live = live
        self._whole = whole
        self._watched = [_rolling(rule, live, whole) for rule in rules]
        for rolling in self._watched:
            live.watch(rolling)
        self._states: list[dict[str, Alert]] = [{} for _ in rules]
        self._sources = [_Counter(_over(rule)) for rule in rules]
        self._began: float | None = None

    def evaluate(self, now: float, honest: Honest) -> list[Change]:
        """Judge every rule at `now` (seconds since the epoch); what has changed thereby."""
        live = self._live
        live.settle()
        end = now if live.follow or live.last_event is None else live.last_event + 1.0
        if self._began is None:
            self._began = now
        found: list[Change] = []
        for at, rule in enumerate(self.rules):
            states = self._states[at]
            values = dict(self._values(at, rule, end, honest))
            for group in [*values, *(group for group in states if group not in values)]:
                alert = states.get(group)
                if alert is None:
                    name = group if rule.per is not None else None
                    alert = states[group] = Alert(rule, name)
                alert.value = values.get(group)
                change = _judge(alert, now)
                if change is not None:
                    found.append(change)
                    self.fired += change.fires
                if alert.state == "ok" and group not in values:
                    del states[group]
        self.changes.extend(found)
        return found

    def _values(
        self, at: int, rule: Rule, end: float, honest: Honest
    ) -> Iterator[tuple[str, float | None]]:
        """The rule's figure for each group that there is."""
        if rule.figure in OF_SOURCES:
            total = getattr(honest, rule.figure)
            yield _EVERYTHING, float(total if self._whole else self._sources[at].since(end, total))
            return
        rolling = self._watched[at]
        rolling.look_at(end, None if rule.period is None else period_start(end, rule.period))
        running: dict[str, int] = {}
        for span in self._live.running.values():
            group = rolling.group(span)
            if group is not None and rolling.sees(span):
                running[group] = running.get(group, 0) + 1
        told = (group for group, tally in rolling.sums.items() if tally.calls)
        groups = dict.fromkeys((*told, *running))
        if rule.per is None:
            groups[_EVERYTHING] = None
        young = self._began is not None and end - self._began < _over(rule)
        for group in groups:
            value = _figure(rule, rolling.sums.get(group) or Tally(), running.get(group, 0))
            # Little is not too little before there was time for more.
            if young and rule.sign[0] == "<" and not self._whole and rule.unit == "count":
                value = None
            yield group, value

    def alerts(self) -> list[Alert]:
        """How everything stands: what fires first, the newest of it at the top."""
        rank = {"firing": 0, "pending": 1, "ok": 2}
        every = self.by_rule()
        every.sort(key=lambda alert: (rank[alert.state], -(alert.since or 0.0)))
        return every

    def by_rule(self) -> list[Alert]:
        """How everything stands, in the order of the rules."""
        return [structs.replace(alert) for states in self._states for alert in states.values()]

    def firing(self) -> list[Alert]:
        """The alerts that fire, the newest first."""
        return [alert for alert in self.alerts() if alert.state == "firing"]


def _over(rule: Rule) -> float:
    return DEFAULT_OVER_S if rule.over is None else rule.over


def _rolling(rule: Rule, live: Live, whole: bool) -> Rolling:
    everything = whole and rule.over is None and rule.period is None
    return Rolling(
        None if everything else _over(rule),
        matches=rule.filter,
        per=rule.per,
        lost_after=live.lost_after,
        calendar=rule.period is not None,
    )


def _judge(alert: Alert, now: float) -> Change | None:
    rule, value = alert.rule, alert.value
    if alert.state == "firing":
        if not rule.cleared(value):
            alert.good_since = None
            return None
        if alert.good_since is None:
            alert.good_since = now
        if now - alert.good_since < max(rule.hold, CLEARS_AFTER_S):
            return None
        began = alert.since if alert.since is not None else now
        alert.state, alert.since, alert.good_since = "ok", now, None
        return Change(rule, alert.group, False, now, began, value)
    if not rule.beyond(value):
        if alert.state == "pending":
            alert.state, alert.since = "ok", now
        return None
    if alert.state == "ok" or alert.since is None:
        alert.state, alert.since = "pending", now
    if now - alert.since < rule.hold:
        return None
    alert.state, alert.since = "firing", now
    return Change(rule, alert.group, True, now, now, value)


def _figure(rule: Rule, tally: Tally, in_flight: int) -> float | None:
    """What a rule is about, of the calls of a stretch; `None` while nothing is known of it."""
    name = rule.figure
    if name == "in_flight":
        return float(in_flight)
    if tally.calls < rule.at_least:
        return None
    if name in _COUNTS:
        return float(getattr(tally, name))
    if name == "calls":
        return float(tally.calls + in_flight)
    if name == "calls_per_minute":
        return tally.calls * 60.0 / _over(rule)
    if name == "error_rate":
        return tally.errors / tally.calls if tally.calls else None
    if name == "cost":
        return tally.picodollars / PICO if tally.priced else None
    if name == "tokens":
        told = tally.input_told or tally.output_told
        return float(tally.input_tokens + tally.output_tokens) if told else None
    if name == "input_tokens":
        return float(tally.input_tokens) if tally.input_told else None
    if name == "output_tokens":
        return float(tally.output_tokens) if tally.output_told else None
    figures = tally.figures()
    quantiles = figures.ttft if name.startswith("ttft_") else figures.latency
    return None if quantiles is None else float(getattr(quantiles, name.removeprefix("ttft_")))


_COUNTS = frozenset({"errors", "lost", "unpriced"})


def period_start(moment: float, period: str) -> float:
    """When the day, week or month of a moment began in local time (seconds since the epoch)."""
    day = datetime.fromtimestamp(moment).astimezone().replace(tzinfo=None)
    day = day.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "week":
        day -= timedelta(days=day.weekday())
    elif period == "month":
        day = day.replace(day=1)
    return day.timestamp()


class _Counter:
    """How much a total that only grows has grown over the last stretch of time."""

    def __init__(self, length: float) -> None:
        self._length = length
        self._seen: deque[tuple[float, int]] = deque()

    def since(self, now: float, total: int) -> int:
        if not self._seen:
            self._seen.append((now - self._length, 0))
        if total != self._seen[-1][1]:
            self._seen.append((now, total))
        while len(self._seen) > 1 and self._seen[1][0] <= now - self._length:
            self._seen.popleft()
        return total - self._seen[0][1]
