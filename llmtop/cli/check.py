"""`llmtop check`: judges alert rules on logs once, for scripts and CI."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import click
from msgspec import structs

from llmtop.cli import options, shared_options
from llmtop.cli.reading import read_all, refuse_unread
from llmtop.live.alert_rule import FIGURES, Rule
from llmtop.live.alerts import Alert, Alerts
from llmtop.plain_text import plain
from llmtop.report import laid_out


class UnreadableError(click.ClickException):
    """There was nothing to judge: told from an alert that fires by its exit code."""

    exit_code = 2


@click.command(
    "check",
    epilog=f"Figures: {', '.join(FIGURES)}.",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--alert",
    "-a",
    "alerts",
    type=options.RULE,
    multiple=True,
    metavar="RULE",
    help="As in `p95 > 10s`, `error_rate > 5% over 1h per model where provider:openai`.",
)
@click.option(
    "--budget",
    "budgets",
    type=options.BUDGET,
    multiple=True,
    metavar="SUM",
    help="As in `$20/day`.",
)
@shared_options.since
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
@shared_options.config_file
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    alerts: tuple[Rule, ...],
    budgets: tuple[Rule, ...],
    since: float | None,
    as_json: bool,
    config_: str | None,
) -> None:
    """Judge alert rules on logs once: exit code 0 if all is well, 1 if one fires, 2 for a mistake.

    A rule that does not say over which time looks at all of the log, others at the end of it; how
    long a figure was beyond its limit (`for`) does not count. Without --alert and --budget, the
    rules of the configuration file are judged.
    """
    from llmtop.cli import assemble

    settings = options.settings(config_)
    rules = (*alerts, *budgets) or settings.rules()
    if not rules:
        raise click.UsageError("There is no rule to judge: give --alert RULE, as in 'p95 > 10s'.")
    pump = assemble.pump(paths, settings, follow=False, since=since, wait_for_prices=True)
    try:
        found = Alerts([_at_once(rule) for rule in rules], pump.live, whole=True)
        read_all(pump)
        pump.tick()
        found.evaluate(time.time(), pump.honest())
        sources = pump.source_states()
    finally:
        pump.close()
    try:
        refuse_unread(sources)
    except click.ClickException as error:
        raise UnreadableError(error.message) from error
    judged = found.by_rule()
    click.echo(laid_out(document(judged)) if as_json else table(judged))
    context.exit(1 if any(alert.state == "firing" for alert in judged) else 0)


def _at_once(rule: Rule) -> Rule:
    return structs.replace(rule, hold=0.0)


def document(judged: Sequence[Alert]) -> dict[str, Any]:
    """The outcome as the JSON object that scripts read; an unknown value is `None`."""
    return {
        "firing": sum(alert.state == "firing" for alert in judged),
        "alerts": [
            {
                "alert": alert.rule.name,
                "firing": alert.state == "firing",
                "figure": alert.rule.figure,
                "group": alert.group,
                "value": alert.value,
                "limit": alert.rule.limit,
                "over": alert.rule.stretch(_WHOLE),
                "calls": alert.rule.calls_behind(alert.group),
            }
            for alert in judged
        ],
    }


def table(judged: Sequence[Alert]) -> str:
    """The outcome for people: one line a rule, or a group of one."""
    head = ("", "rule", "group", "value", "limit", "over")
    rows = [
        (
            _STATES.get(alert.state, "ok") if alert.value is not None else "–",
            plain(alert.rule.name),
            plain(alert.group) if alert.rule.per else "",
            alert.rule.written(alert.value),
            f"{alert.rule.sign} {alert.rule.written(alert.rule.limit)}",
            alert.rule.stretch(_WHOLE),
        )
        for alert in judged
    ]
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    lines = []
    for row in (head, *rows):
        cells = [
            cell.rjust(width) if name in {"value", "limit"} else cell.ljust(width)
            for cell, width, name in zip(row, widths, head, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    firing = sum(alert.state == "firing" for alert in judged)
    lines.append(f"{firing} of {len(judged)} fire." if firing else "All is well.")
    return "\n".join(lines)


_WHOLE = "whole log"
_STATES = {"firing": "FIRES"}
