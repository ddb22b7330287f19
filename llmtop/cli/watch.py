"""`llmtop watch`, the default: the live screen on files, a pipe and the UDP port."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from llmtop import config, setting_values
from llmtop.cli import options, shared_options
from llmtop.filter import Filter
from llmtop.live.alert_rule import Rule


@click.command("watch")
@shared_options.sources
@click.option(
    "--otlp",
    type=options.ADDRESS,
    is_flag=False,
    flag_value=config.DEFAULT_OTLP,
    help="Take OpenTelemetry spans here, by OTLP over HTTP. Default: 127.0.0.1:4318.",
)
@click.option("--no-follow", is_flag=True, help="Read what is there, and stay.")
@click.option("--tail", type=click.IntRange(0), metavar="N", help="Only the last N lines of files.")
@shared_options.since
@shared_options.window
@click.option("--filter", "filter_", type=options.FILTER, help="As in `model:gpt-4o latency:>2s`.")
@shared_options.theme
@shared_options.limits
@click.option(
    "--record",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Also write what comes by UDP, OTLP and pipe to daily files in this folder.",
)
@shared_options.alert_rules
@shared_options.config_file
def command(
    paths: tuple[str, ...],
    follow: tuple[str, ...],
    udp: tuple[str, int] | None,
    no_udp: bool,
    otlp: tuple[str, int] | None,
    no_follow: bool,
    tail: int | None,
    since: float | None,
    window: str | None,
    filter_: Filter | None,
    theme: str | None,
    max_calls: int | None,
    max_memory: int | None,
    lost_after: float | None,
    poll: bool,
    record: Path | None,
    alerts: tuple[Rule, ...],
    budgets: tuple[Rule, ...],
    config_: str | None,
) -> None:
    """Watch an LLM application live: requests, traces, latency and cost.

    With no PATH, ./logs is followed if there is one. The UDP port that llmtop's emitter sends to
    is open as well.
    """
    settings = options.settings(config_)
    specs = [*paths, *follow] or list(settings.sources.follow) or _default_specs()
    listen = None if no_udp else udp or setting_values.address(settings.sources.udp)
    if not sys.stdout.isatty():
        raise click.UsageError(
            "The screen needs a terminal; `llmtop summary PATH` prints figures without one."
        )
    if no_follow and udp is None:
        listen = None
    if no_follow and otlp is not None:
        raise click.UsageError("--otlp waits for what will come; leave --no-follow out.")
    if no_follow and not specs:
        raise click.UsageError("--no-follow needs a PATH to read.")

    from llmtop.cli import assemble, screen

    pump = assemble.pump(
        specs,
        settings,
        follow=not no_follow,
        udp=listen,
        udp_required=udp is not None,
        otlp=otlp or (None if no_follow else setting_values.address(settings.sources.otlp)),
        otlp_required=otlp is not None,
        tail=tail,
        since=since,
        poll=poll,
        record=record,
        max_calls=max_calls,
        max_memory=max_memory,
        lost_after=lost_after,
    )
    screen.show(
        pump,
        settings,
        window=window,
        filter_text=filter_.text if filter_ else None,
        theme=theme,
        rules=(*alerts, *budgets),
    )


def _default_specs() -> list[str]:
    return ["logs"] if Path("logs").is_dir() else []
