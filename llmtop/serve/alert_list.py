"""`/v1/alerts`: how every rule stands, what fires first."""

from __future__ import annotations

from msgspec import Struct

from llmtop.decode.timestamps import iso
from llmtop.live.alerts import Alert
from llmtop.serve.monitor import Monitor

MOST = 1_000


class AlertLine(Struct, frozen=True):
    """One rule, or a group of one; shares are from 0 to 1, times seconds, costs US dollars."""

    alert: str
    state: str
    """`firing`, `pending` or `ok`."""
    since: str | None
    figure: str
    group: str | None
    value: float | None
    limit: float
    over: str
    calls: str
    """The filter for the calls behind it: the `q` of the other routes."""


class AlertList(Struct, frozen=True):
    """All alerts, and how many of them fire."""

    alerts: list[AlertLine]
    count: int
    firing: int


def alerts(monitor: Monitor) -> AlertList:
    """The alerts as they stand."""
    every: list[Alert] = monitor.look(
        lambda pump: [] if pump.alerts is None else pump.alerts.alerts()
    )
    firing = sum(alert.state == "firing" for alert in every)
    lines = [_line(alert) for alert in every[:MOST]]
    return AlertList(lines, len(lines), firing)


def _line(alert: Alert) -> AlertLine:
    rule = alert.rule
    return AlertLine(
        alert=rule.name,
        state=alert.state,
        since=None if alert.since is None else iso(alert.since),
        figure=rule.figure,
        group=alert.group,
        value=alert.value,
        limit=rule.limit,
        over=rule.stretch(),
        calls=rule.calls_behind(alert.group),
    )
