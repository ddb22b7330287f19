"""`llmtop export`: calls of stored logs as files for other programs, traces as OTLP or Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import click

from llmtop.cli import options, stored_logs
from llmtop.cli.query import target, write
from llmtop.cli.reading import Bar, refuse_no_logs, tell_problems
from llmtop.filter import Filter
from llmtop.history import masked
from llmtop.history.otlp_spans import Origin
from llmtop.history.query import Question
from llmtop.history.scan import Scan
from llmtop.history.whole_traces import WholeTraces
from llmtop.payload import Payload
from llmtop.pricing import Prices
from llmtop.sources.packages import are_installed
from llmtop.span import Span

FORMATS = ("json", "jsonl", "csv", "parquet", "otlp", "markdown")
_SUFFIXES = {
    ".otlp.json": "otlp",
    ".otlp.jsonl": "otlp",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
    ".md": "markdown",
}


class Wanted(NamedTuple):
    """What is exported."""

    paths: tuple[Path, ...]
    matches: Filter | None
    since: float | None
    until: float | None
    mask: bool
    config: str | None


@click.command("export", cls=stored_logs.Filtered)
@stored_logs.ranged
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    help="Default: by the output's name; otlp is OpenTelemetry's JSON, whole traces.",
)
@click.option("--spans", is_flag=True, help="All spans, not only calls.")
@click.option("--fields", metavar="A,B,...", help="Which fields, in which order.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new file; standard output without it.",
)
@click.option("--force", is_flag=True, help="Replace the file, if there is one.")
def command(
    arguments: tuple[str, ...],
    since: float | None,
    until: float | None,
    mask: bool,
    config_: str | None,
    format_: str | None,
    spans: bool,
    fields: str | None,
    output: Path | None,
    force: bool,
) -> None:
    """Write calls of stored logs to a file: JSON, CSV, Parquet, OpenTelemetry or Markdown.

    The logs are files and folders, or - for standard input.

    FILTER is as in `llmtop query`. Markdown is one trace as a document: name it, as in
    `trace:4bf92f`.
    """
    format_ = format_ or _format_of(output)
    paths, matches = stored_logs.paths_and_filter(arguments)
    wanted = Wanted(paths, matches, since, until, mask, config_)
    if format_ in {"otlp", "markdown"}:
        if fields or spans:
            raise click.UsageError(
                f"{format_} is of whole traces: --fields and --spans say nothing."
            )
        if format_ == "otlp":
            _otlp(wanted, output, force=force)
        else:
            _markdown(wanted, output, force=force)
        return
    question = Question(
        paths=paths,
        matches=matches,
        since=since,
        until=until,
        subject="spans" if spans else "calls",
        fields=tuple(field.strip() for field in fields.split(",")) if fields else (),
        payloads=True,
        mask=mask,
    )
    count = write(question, _writer(format_, output), output, force=force, config_=config_)
    _say(output, f"{count:,} {'spans' if spans else 'calls'}")


def _format_of(output: Path | None) -> str:
    if output is None:
        return "jsonl"
    for suffix, format_ in _SUFFIXES.items():
        if output.name.lower().endswith(suffix):
            return format_
    raise click.UsageError(f"Say with --format what {output} is to be: {', '.join(FORMATS)}.")


def _writer(format_: str, output: Path | None) -> Any:
    from llmtop.history import rows_as_parquet, rows_as_text

    if format_ == "parquet":
        if output is None:
            raise click.UsageError("Parquet needs an --output to be written to.")
        if not are_installed(("pyarrow",)):
            raise click.UsageError(rows_as_parquet.MISSING)
        return rows_as_parquet.write_parquet
    return {
        "json": rows_as_text.write_json,
        "jsonl": rows_as_text.write_jsonl,
        "csv": rows_as_text.write_csv,
    }[format_]


def _traces(wanted: Wanted, bar: Bar) -> WholeTraces:
    prices = Prices(options.settings(wanted.config).overrides())
    prices.load()
    return WholeTraces(
        wanted.paths,
        matches=wanted.matches,
        since=wanted.since,
        until=wanted.until,
        progress=bar,
        prices=prices,
    )


def _otlp(wanted: Wanted, output: Path | None, *, force: bool) -> None:
    from llmtop.history.spans_as_otlp import write_otlp

    bar = Bar()
    scan = _traces(wanted, bar).scan()
    refuse_no_logs(scan)
    with target(output, force=force) as out:
        count = write_otlp(_told(scan, mask=wanted.mask), out)
    bar.clear()
    tell_problems(scan)
    _say(output, f"{count:,} spans")


def _told(scan: Scan, *, mask: bool) -> Iterator[tuple[Span, Payload, Origin]]:
    for span in scan:
        payload, origin = scan.payload(span), scan.origin(span)
        if mask:
            yield masked.masked_span(span), masked.masked_payload(payload), origin
        else:
            yield span, payload, origin


def _markdown(wanted: Wanted, output: Path | None, *, force: bool) -> None:
    from llmtop.history.trace_as_markdown import write_markdown

    bar = Bar()
    traces = _traces(wanted, bar)
    found = _few(traces.traces())
    if not found:
        bar.clear()
        raise click.ClickException("no trace matches.")
    if len(found) > 1:
        bar.clear()
        some = ", ".join(found[:3])
        raise click.UsageError(
            f"More than one trace matches ({some}, …); name one, as in trace:{found[0]}."
        )
    traces.wanted = set(found)
    scan = traces.scan()
    spans = list(scan)

    def payload(span: Span) -> Payload:
        told = scan.payload(span)
        return masked.masked_payload(told) if wanted.mask else told

    if wanted.mask:
        spans = [masked.masked_span(span) for span in spans]
    bar.clear()
    with target(output, force=force) as out:
        write_markdown(spans, payload, out)
    tell_problems(scan)
    _say(output, f"{len(spans):,} spans")


def _few(traces: Iterable[str]) -> list[str]:
    return list(islice(traces, 4))


def _say(output: Path | None, what: str) -> None:
    if output is not None:
        click.echo(f"{what} written to {output}.", err=True)
