"""Options that several commands have, each named and explained alike everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from llmtop.cli import options
from llmtop.live.view import WINDOWS

_Command = TypeVar("_Command", bound=Callable[..., Any])


def together(*added: Callable[[_Command], _Command]) -> Callable[[_Command], _Command]:
    """One decorator of several, which a command's help lists in their order."""

    def add(command: _Command) -> _Command:
        for option in reversed(added):
            command = option(command)
        return command

    return add


config_file = click.option(
    "--config", "config_", metavar="FILE", help="Another configuration file."
)
since = click.option("--since", type=options.MOMENT, help="Only what is newer: 1h, 2d, 2026-05-01.")
window = click.option(
    "--window", type=click.Choice(list(WINDOWS)), help="What figures cover at first."
)
theme = click.option("--theme", metavar="NAME", help="A theme, such as textual-light or nord.")

sources = together(
    click.argument("paths", nargs=-1),
    click.option(
        "--follow",
        "-f",
        "follow",
        multiple=True,
        metavar="PATH",
        help="A file, a folder (recursively), or - for standard input; as often as wanted.",
    ),
    click.option("--udp", type=options.ADDRESS, help="Listen here. Default: 127.0.0.1:8127."),
    click.option("--no-udp", is_flag=True, help="Do not listen."),
)
"""What a monitor reads: `paths`, `follow`, `udp`, `no_udp`."""

limits = together(
    click.option(
        "--max-calls", type=click.IntRange(1), help="Spans kept in detail. Default: 200000."
    ),
    click.option("--max-memory", type=options.SIZE, help="About as much for spans: 500MB."),
    click.option("--lost-after", type=options.DURATION, help="When a call is lost. Default: 10m."),
    click.option("--poll", is_flag=True, help="Look for changes by polling: for network mounts."),
)
"""What a monitor keeps, and how it looks: `max_calls`, `max_memory`, `lost_after`, `poll`."""

alert_rules = together(
    click.option(
        "--alert",
        "alerts",
        type=options.RULE,
        multiple=True,
        metavar="RULE",
        help="An alert: `p95 > 10s`, `error_rate > 5% over 10m for 1m per model`.",
    ),
    click.option(
        "--budget",
        "budgets",
        type=options.BUDGET,
        multiple=True,
        metavar="SUM",
        help="An alert when calls cost more: `$20 per day`, `5/h`.",
    ),
)
"""Rules of alerts beside those of the configuration: `alerts`, `budgets`."""
