"""The alerts screen: every rule, what fires since when, and a way to the calls behind it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip

from llmtop.live.alerts import Alert
from llmtop.live.view import View
from llmtop.tui import messages, numbers
from llmtop.tui.actions import bindings
from llmtop.tui.panes.columns import Column, Placed, place
from llmtop.tui.panes.emptiness import said
from llmtop.tui.row_list import RowList
from llmtop.tui.safe_text import cell, safe
from llmtop.tui.screens.base import ViewScreen

COLUMNS = (
    Column("state", "", 9, 0),
    Column("since", "since", numbers.CLOCK_WIDTH, 4),
    Column("rule", "rule", 16, 1, wants=30, most=60),
    Column("group", "of", 8, 5, wants=16, most=30),
    Column("value", "now", 10, 2, right=True),
    Column("limit", "limit", 10, 3, right=True),
    Column("over", "over", 10, 6),
)
_EXAMPLE = "llmtop --alert 'p95 > 10s' --alert 'error_rate > 5% over 10m' --budget 5/h"
STATES = {"firing": ("▲ FIRING", "error"), "pending": ("… pending", "slow"), "ok": ("  ok", "ok")}
"""How an alert's state is written, and its colour."""


class AlertsPane(RowList[Alert]):
    """One row a rule, or a group of one; what fires stands at the top."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("alerts")
    FOLLOWS = False
    TITLE = "Alerts"

    def show(self, view: View) -> None:
        """Show how the rules stand; the first ones that were judged can be opened."""
        none_before = not self.rows
        super().show(view)
        if none_before and self.rows:
            self.refresh_bindings()

    def rows_of(self, view: View) -> Sequence[Alert]:
        """Every alert, and how many of them fire in the title."""
        del view
        alerts = self.llmtop.alerts
        firing = sum(alert.state == "firing" for alert in alerts)
        self.retitle(f"· {firing} of {len(alerts)} fire" if alerts else "")
        return alerts

    def key_of(self, row: Alert) -> Hashable:
        """A rule and the group it is judged for."""
        return (row.rule, row.group)

    def version_of(self, row: Alert) -> Hashable:
        """All that a row tells."""
        relative = self.llmtop.time_format == "relative"
        now = int(self.llmtop.now) if relative else 0
        return (row.state, row.since, row.value, self.llmtop.time_format, now)

    def head(self, width: int) -> Strip:
        """The names of the columns."""
        parts: list[tuple[str, str]] = []
        for column, cells in place(COLUMNS, width):
            align = "right" if column.right else "left"
            parts += [(cell(column.title, cells, align), "head"), (" ", "head")]
        return self.line(*parts[:-1], width=width)

    def format_row(self, row: Alert, width: int) -> Strip:
        """State, rule, value and limit."""
        parts: list[tuple[str, str]] = []
        for placed in place(COLUMNS, width):
            parts += [self._cell(row, placed), (" ", "")]
        return self.line(*((text, meaning or "dim") for text, meaning in parts[:-1]), width=width)

    def _cell(self, row: Alert, placed: Placed) -> tuple[str, str]:
        rule, (column, cells) = row.rule, placed
        state, colour = STATES[row.state]
        app = self.llmtop
        text, meaning = {
            "state": (state, colour),
            "since": (numbers.clock(row.since, app.time_format, app.now), "dim"),
            "rule": (rule.name, "strong"),
            "group": ("" if row.group is None else row.group, "dim"),
            "value": (rule.written(row.value), colour if row.state != "ok" else "strong"),
            "limit": (f"{rule.sign} {rule.written(rule.limit)}", "dim"),
            "over": (rule.stretch(), "dim"),
        }[column.name]
        return cell(text, cells, "right" if column.right else "left"), meaning

    def empty_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """How an alert comes to be, or why the rules that are set tell nothing yet."""
        del view
        alerts = self.llmtop.pump.alerts
        if alerts is None:
            sentences = [
                ("No alerts are set.", "strong"),
                (_EXAMPLE, "dim"),
                ("or [[alert]] in the config file; `llmtop check` judges the same rules.", "dim"),
            ]
        elif self.llmtop.loading:
            sentences = [("Alerts are judged once the log has been read.", "strong")]
        else:
            sentences = [("There is nothing to judge yet by", "strong")]
        if alerts is not None:
            sentences += [(safe(rule.name), "dim") for rule in alerts.rules]
        return said(self, sentences, width, height)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done now: there are no calls behind no alert."""
        del parameters
        return action != "open" or bool(self.rows)

    def open_row(self, row: Alert) -> None:
        """Go to the calls behind an alert."""
        self.post_message(messages.AlertOpened(row.rule.calls_behind(row.group)))


class AlertsScreen(ViewScreen):
    """Every alert."""

    def compose_body(self) -> ComposeResult:
        """One list."""
        yield AlertsPane()

    def on_mount(self) -> None:
        """Begin in the list."""
        self.set_focus(self.query_one(AlertsPane))
