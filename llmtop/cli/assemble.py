"""Puts sources, decoder, prices and live together into a pump."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import click

from llmtop import config, setting_values
from llmtop.decode.decoder import Decoder
from llmtop.decode.registry import formats
from llmtop.history.store import StoreError, StoreWriter
from llmtop.live.live import Live
from llmtop.pricing import Prices
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from llmtop.sources.status import SourceError


def pump(
    specs: Sequence[str],
    settings: config.Settings,
    *,
    follow: bool = True,
    udp: tuple[str, int] | None = None,
    udp_required: bool = False,
    otlp: tuple[str, int] | None = None,
    otlp_required: bool = False,
    otlp_mounted: bool = False,
    tail: int | None = None,
    since: float | None = None,
    poll: bool = False,
    record: Path | None = None,
    max_calls: int | None = None,
    max_memory: int | None = None,
    lost_after: float | None = None,
    wait_for_prices: bool = False,
) -> Pump:
    """Open everything; what is wrong with a source is a mistake in the use of the command."""
    prices = Prices(settings.overrides())
    if wait_for_prices:
        prices.load()
    else:
        prices.load_in_background()
    told_memory = settings.limits.max_memory
    live = Live(
        prices,
        max_calls=max_calls or settings.limits.max_calls,
        max_memory=max_memory or (setting_values.size(told_memory) if told_memory else None),
        lost_after=lost_after or setting_values.seconds(settings.limits.lost_after),
        follow=follow,
        since=since,
    )
    try:
        sources = Sources(
            specs,
            follow=follow,
            udp=udp,
            udp_required=udp_required,
            otlp=otlp,
            otlp_required=otlp_required,
            otlp_mounted=otlp_mounted,
            tail=tail,
            since=since,
            poll=poll or settings.sources.poll,
            recorder=StoreWriter(record) if record is not None else None,
        )
    except (SourceError, StoreError) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{error.filename or 'A source'}: {error.strerror}.") from error
    decoder = Decoder(formats(settings.formats.mapped()))
    return Pump(sources, decoder, live, clock=time.time)
