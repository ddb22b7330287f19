"""`llmtop formats`: says how each log is understood, and what in it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from llmtop.cli import options, shared_options
from llmtop.cli.reading import NOTHING, read_all
from llmtop.decode.reject import UNKNOWN
from llmtop.plain_text import on_one_line, plain

if TYPE_CHECKING:
    from llmtop.decode.explanation import Explanation
    from llmtop.decode.reject import Reject
    from llmtop.live.view import SourceState

_REASONS = 5
_SAMPLES = 2
_SAMPLE_WIDTH = 90


@click.command("formats")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@shared_options.config_file
def command(paths: tuple[str, ...], config_: str | None) -> None:
    """Say of each log its format, what was taken for what in it, and what was not read, and why."""
    from llmtop.cli import assemble

    pump = assemble.pump(paths, options.settings(config_), follow=False)
    try:
        read_all(pump)
        states = pump.source_states()
        rejects = list(pump.rejects)
        explanations = [pump.explain(number) for number in range(len(states))]
    finally:
        pump.close()
    if not states:
        raise click.ClickException(NOTHING)
    for number, (state, explained) in enumerate(zip(states, explanations, strict=True)):
        own = [each for each in rejects if each.source == number]
        click.echo("\n".join(_said(state, explained, own)))


def _said(
    state: SourceState, explained: Sequence[Explanation], rejects: Sequence[Reject]
) -> Iterator[str]:
    yield plain(state.label)
    for each in explained:
        yield f"  format: {each.format} ({each.confidence})"
        for field, path in each.fields:
            yield f"    {field}: from {plain(path)}"
    if not explained:
        yield "  format: none that llmtop knows"
    yield (
        f"  lines: {state.lines:,}, records of calls and spans: {state.fragments:,}, "
        f"rejected: {state.rejected:,}"
    )
    if state.detail:
        yield f"  {state.detail}"
    yield from _rejected(rejects, state.rejected)
    unknown = any(each.reason == UNKNOWN for each in rejects)
    if unknown or any(each.fields for each in explained):
        yield '  [formats.generic] in the configuration names other fields: model = "path.to.it"'


def _rejected(rejects: Sequence[Reject], of: int) -> Iterator[str]:
    """The reasons for rejecting, the commonest first, each with the beginnings of some lines."""
    reasons = Counter(each.reason for each in rejects)
    if len(rejects) < of:
        yield f"  the last {len(rejects):,} of the rejected:"
    for reason, times in reasons.most_common(_REASONS):
        yield f"  rejected {times:,}: {reason}"
        samples = [each for each in rejects if each.reason == reason][-_SAMPLES:]
        for sample in samples:
            yield f"    {on_one_line(sample.start)[:_SAMPLE_WIDTH]}"
