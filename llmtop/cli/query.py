"""`llmtop query`: calls, traces or sessions of stored logs, as a table or as data."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from llmtop.cli import options, stored_logs
from llmtop.cli.reading import Bar, refuse_no_logs, tell_problems
from llmtop.history.query import SORTS, Answer, Question, UnknownFieldError, columns
from llmtop.history.totals import BY
from llmtop.pricing import Prices

FORMATS = ("table", "json", "jsonl", "csv")


@click.command("query", cls=stored_logs.Filtered)
@stored_logs.ranged
@click.option("--spans", "subject", flag_value="spans", help="All spans, not only calls.")
@click.option("--traces", "subject", flag_value="traces", help="Traces, told whole.")
@click.option("--sessions", "subject", flag_value="sessions", help="Sessions.")
@click.option("--by", type=click.Choice(list(BY)), help="Sums of the calls, one row each.")
@click.option("--sort", type=click.Choice(list(SORTS)), help="Newest, slowest or dearest first.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="No more than so many.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="table")
@click.option("--fields", metavar="A,B,...", help="Which fields, in which order.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A new file.")
@click.option("--force", is_flag=True, help="Replace the file, if there is one.")
def command(
    arguments: tuple[str, ...],
    since: float | None,
    until: float | None,
    mask: bool,
    config_: str | None,
    subject: str | None,
    by: str | None,
    sort: str | None,
    limit: int | None,
    format_: str,
    fields: str | None,
    output: Path | None,
    force: bool,
) -> None:
    """Find calls in stored logs: files and folders of any known format, also compressed, or - for
    standard input.

    FILTER is as in the screen: `model:gpt-4o status:error latency:>2s`. Without --sort, the oldest
    come first.
    """
    paths, matches = stored_logs.paths_and_filter(arguments)
    question = Question(
        paths=paths,
        matches=matches,
        since=since,
        until=until,
        subject=subject or "calls",  # type: ignore[arg-type]  # click knows these values alone
        by=by,
        sort=sort,
        limit=limit,
        fields=tuple(field.strip() for field in fields.split(",")) if fields else (),
        payloads=format_ != "table",
        mask=mask,
    )
    if format_ == "table":
        question = _with_columns(question)
    write(question, _writer(format_), output, force=force, config_=config_)


def _with_columns(question: Question) -> Question:
    from msgspec import structs

    try:
        return structs.replace(question, fields=tuple(columns(question)))
    except UnknownFieldError as error:
        raise click.UsageError(f"{error}.") from error


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


Writer = Callable[[Iterable[dict[str, Any]], IO[bytes], tuple[str, ...]], int]


def _writer(format_: str) -> Writer:
    from llmtop.history import rows_as_table, rows_as_text

    writers: dict[str, Writer] = {
        "table": rows_as_table.write_table,
        "json": rows_as_text.write_json,
        "jsonl": rows_as_text.write_jsonl,
        "csv": rows_as_text.write_csv,
    }
    return writers[format_]


def write(
    question: Question, writer: Writer, output: Path | None, *, force: bool, config_: str | None
) -> int:
    """Answer a question to a new file or standard output; returns how many rows there were."""
    bar = Bar()
    prices = Prices(options.settings(config_).overrides())
    prices.load()
    try:
        answer = Answer(question, prices=prices, progress=bar, workers=processors())
    except UnknownFieldError as error:
        raise click.UsageError(f"{error}.") from error
    refuse_no_logs(answer.scan)
    with target(output, force=force) as out:
        count = writer(cleared(answer, bar) if output is None else answer, out, answer.fields)
    bar.clear()
    tell_problems(answer.scan)
    if not count:
        click.echo("Nothing matches.", err=True)
    return count


def cleared(rows: Iterable[Any], bar: Bar) -> Iterator[Any]:
    """The rows, before each of which the bar leaves its line."""
    for row in rows:
        bar.clear()
        yield row


@contextmanager
def target(output: Path | None, *, force: bool) -> Iterator[IO[bytes]]:
    """Standard output, or a file that is there only when all is written."""
    if output is None or str(output) == "-":
        out = sys.stdout.buffer
        yield out
        out.flush()
        return
    from llmtop.history.new_file import new_file

    try:
        with new_file(output, force=force) as file:
            yield file
    except FileExistsError as error:
        raise click.UsageError(f"{output} is there already; --force replaces it.") from error
    except OSError as error:
        raise click.ClickException(
            f"{output} cannot be written: {error.strerror or error}."
        ) from error
