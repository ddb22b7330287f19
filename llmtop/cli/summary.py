"""`llmtop summary`: the figures of logs as a table or as one JSON object, without a screen."""

from __future__ import annotations

import time
from typing import Any

import click

from llmtop.cli import options, shared_options
from llmtop.cli.reading import read_all, refuse_unread
from llmtop.filter import Filter, parse
from llmtop.live.view import WINDOWS, Figures, Query, SourceState, View
from llmtop.plain_text import plain
from llmtop.report import document, laid_out
from llmtop.written_figures import count, dollars, seconds


@click.command("summary")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@shared_options.since
@click.option("--filter", "filter_", type=options.FILTER, help="As in `status:error latency:>2s`.")
@click.option(
    "--window",
    type=click.Choice(list(WINDOWS)),
    default="all",
    show_default=True,
    help="Only the last stretch of the log.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@shared_options.config_file
def command(
    paths: tuple[str, ...],
    since: float | None,
    filter_: Filter | None,
    window: str,
    as_json: bool,
    config_: str | None,
) -> None:
    """Print the figures of logs: files, folders, or - for standard input, of any known format."""
    from llmtop.cli import assemble

    pump = assemble.pump(
        paths,
        options.settings(config_),
        follow=False,
        since=since,
        # A filter's figures are made of calls that are kept.
        max_calls=10_000_000 if filter_ is not None else None,
        wait_for_prices=True,
    )
    try:
        read_all(pump)
        pump.tick()
        if filter_ is not None:
            filter_ = parse(filter_.text, pump.contents)
            pump.look_through(filter_)
        view = pump.live.view(Query(window=window, filter=filter_), time.time(), pump.honest())
        sources = pump.source_states()
    finally:
        pump.close()
    refuse_unread(sources)
    click.echo(laid_out(document(view, sources)) if as_json else table(view, sources))


def table(view: View, sources: tuple[SourceState, ...]) -> str:
    """The figures for people: totals, models, errors, and what could not be read."""
    from io import StringIO

    from rich.console import Console

    console = Console(file=StringIO(), width=_width(), no_color=True, highlight=False)
    for part in (_totals(view.figures, view), _models(view), _errors(view.figures)):
        if part is not None:
            console.print(part)
    read, rejected = sum(s.lines for s in sources), sum(s.rejected for s in sources)
    console.print(f"{read:,} lines of {len(sources)} sources read, {rejected:,} rejected.")
    if rejected:
        console.print("`llmtop formats PATH` says what was rejected, and why.", markup=False)
    text = console.file.getvalue() if isinstance(console.file, StringIO) else ""
    return "\n".join(line.rstrip() for line in text.splitlines())


def _width() -> int:
    import shutil

    return max(80, min(shutil.get_terminal_size((100, 24)).columns, 160))


def _totals(figures: Figures, view: View) -> Any:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    for _ in range(6):
        grid.add_column(justify="right")
    cells = [
        ("calls", count(figures.calls)),
        ("errors", count(figures.errors)),
        ("in flight", count(figures.in_flight + figures.lost)),
        ("input", count(figures.input_tokens)),
        ("cached", count(figures.cache_read_tokens)),
        ("output", count(figures.output_tokens)),
        ("p50", seconds(figures.latency.p50 if figures.latency else None)),
        ("p95", seconds(figures.latency.p95 if figures.latency else None)),
        ("max", seconds(figures.latency.max if figures.latency else None)),
        ("TTFT p50", seconds(figures.ttft.p50 if figures.ttft else None)),
        ("cost", dollars(figures.cost)),
        ("unpriced", count(figures.unpriced_calls)),
        ("spans", count(view.spans)),
        ("traces", count(view.traces)),
        ("cancelled", count(figures.cancelled)),
    ]
    for start in range(0, len(cells), 3):
        grid.add_row(*(text for cell in cells[start : start + 3] for text in cell))
    return grid


def _models(view: View) -> Any:
    from rich.table import Table
    from rich.text import Text

    if not view.models:
        return None
    rows = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    for name in ("model", "provider"):
        rows.add_column(name)
    for name in ("calls", "errors", "input", "output", "p50", "p95", "cost"):
        rows.add_column(name, justify="right")
    for row in view.models:
        figures = row.figures
        rows.add_row(
            Text(plain(row.model)),
            Text(plain(row.provider)),
            count(figures.calls),
            count(figures.errors),
            count(figures.input_tokens),
            count(figures.output_tokens),
            seconds(figures.latency.p50 if figures.latency else None),
            seconds(figures.latency.p95 if figures.latency else None),
            dollars(figures.cost),
        )
    return rows


def _errors(figures: Figures) -> Any:
    from rich.text import Text

    if not figures.errors_by_type:
        return None
    kinds = sorted(figures.errors_by_type.items(), key=lambda item: -item[1])[:10]
    return Text("errors: " + ", ".join(f"{plain(kind)} {times}" for kind, times in kinds))
