"""`llmtop replay`: recorded traffic at its own pace, into the screen or out to another llmtop."""

from __future__ import annotations

import re
import sys
import time
from urllib.parse import urlsplit

import click

from llmtop import config, setting_values
from llmtop.cli import options, shared_options, stored_logs
from llmtop.cli.reading import Bar
from llmtop.history.recorded_lines import RecordedLines
from llmtop.history.replay import ReplayClock, ReplaySource, told
from llmtop.pricing import Prices

MOST_AT_ONCE = 100
"""Datagrams in a row, after which the receiver is given a moment."""
_SPEED = re.compile(r"(\d+(?:\.\d+)?|\.\d+)x?\Z")


@click.command("replay")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--speed", default="1x", show_default=True, help="As 10x, 0.5x or max.")
@click.option("--from", "begin", type=options.MOMENT, help="Begin there: 2026-05-01T12:00, 2h.")
@click.option("--to", metavar="udp://HOST:PORT", help="Send it there instead of showing it.")
@click.option("--mask", is_flag=True, help="Mask personal data and secrets.")
@shared_options.window
@shared_options.theme
@shared_options.config_file
def command(
    paths: tuple[str, ...],
    speed: str,
    begin: float | None,
    to: str | None,
    mask: bool,
    window: str | None,
    theme: str | None,
    config_: str | None,
) -> None:
    """Replay recorded logs as if it happened now: figures, windows and clocks are those of then."""
    factor = _factor(speed)
    target = _target(to) if to is not None else None
    if target is None and not sys.stdout.isatty():
        raise click.UsageError("The screen needs a terminal; --to udp://HOST:PORT sends instead.")
    found = stored_logs.existing(paths)
    lines = RecordedLines(found, begin)
    if not lines.files and begin is None:
        raise click.ClickException("there is nothing to replay: no log, or only empty ones.")
    clock = ReplayClock(lines, factor)
    if clock.is_over:
        raise click.ClickException(
            "no record with a time lies there"
            + (" at or after that moment." if begin is not None else ".")
        )
    if target is not None:
        _send(lines, clock, target, mask=mask)
        return
    settings = options.settings(config_)
    _show(ReplaySource(lines, clock, mask=mask), clock, settings, window, theme)


def _factor(speed: str) -> float | None:
    if speed.strip().lower() == "max":
        return None
    match = _SPEED.match(speed.strip().lower())
    if match is None or float(match[1]) <= 0:
        raise click.UsageError(f"{speed!r} is not a speed, such as 1x, 10x, 0.5x or max.")
    return float(match[1])


def _target(to: str) -> tuple[str, int]:
    try:
        parts = urlsplit(to)
        if parts.scheme == "udp" and parts.hostname and parts.port:
            return parts.hostname, parts.port
    except ValueError:
        pass  # said below
    raise click.UsageError(f"{to!r} is not where to send; write it as in udp://127.0.0.1:8127.")


def _show(
    source: ReplaySource,
    clock: ReplayClock,
    settings: config.Settings,
    window: str | None,
    theme: str | None,
) -> None:
    from llmtop.cli import screen
    from llmtop.decode.decoder import Decoder
    from llmtop.live.live import Live
    from llmtop.pump import Pump

    prices = Prices(settings.overrides())
    prices.load_in_background()
    live = Live(
        prices,
        max_calls=settings.limits.max_calls,
        lost_after=setting_values.seconds(settings.limits.lost_after),
    )
    pump = Pump(source, Decoder(), live, clock=clock)
    screen.show(pump, settings, window=window, theme=theme, label="replay")


def _send(lines: RecordedLines, clock: ReplayClock, target: tuple[str, int], *, mask: bool) -> None:
    from msgspec import DecodeError, json

    from llmtop.emit.udp import UdpSink
    from llmtop.history.native_lines import native

    sink = UdpSink(*target)
    bar = Bar()
    began = time.monotonic()
    count = in_a_row = 0
    try:
        while not clock.is_over:
            line = clock.take()
            if line is None or in_a_row >= MOST_AT_ONCE:
                in_a_row = 0
                time.sleep(min(max(clock.wait(), 0.002), 0.5))
            if line is None:
                bar(lines.bytes_read, lines.bytes_total)
                continue
            for record in native(told(line, mask=mask)).splitlines():
                try:
                    sink.send(json.decode(record))
                except (DecodeError, UnicodeDecodeError, RecursionError):
                    continue
                count += 1
                in_a_row += 1
    finally:
        sink.close()
        bar.clear()
        took = time.monotonic() - began
        dropped = min(sum(sink.dropped.values()), count)  # the sink's own goodbye is no record
        lost = f", {dropped:,} not taken by the system or by anybody" if dropped else ""
        click.echo(f"{count:,} records sent in {took:.1f} s{lost}.", err=True)
