"""`llmtop formats`: says how each log is understood, and what in it is not."""

from __future__ import annotations

import click

from llmtop.cli import options
from llmtop.cli.summary import progress

_SHOWN = 3


@click.command("formats", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--config", "config_", metavar="FILE", help="Another configuration file.")
def command(paths: tuple[str, ...], config_: str | None) -> None:
    """Say of each log its format, how much of it was read, and why the rest was not."""
    from llmtop.cli import assemble

    pump = assemble.pump(paths, options.settings(config_), follow=False)
    try:
        pump.drain(progress(pump))
        states = pump.source_states()
        rejects = list(pump.rejects)
    finally:
        pump.close()
    if not states:
        raise click.ClickException("there is nothing to read: no log, or only empty ones.")
    for number, state in enumerate(states):
        click.echo(state.label)
        click.echo(f"  format: {state.format or 'none that llmtop knows'}")
        click.echo(
            f"  lines: {state.lines:,}, records of calls and spans: {state.fragments:,}, "
            f"rejected: {state.rejected:,}"
        )
        if state.detail:
            click.echo(f"  {state.detail}")
        for reject in [each for each in rejects if each.source == number][-_SHOWN:]:
            start = "".join(each if each.isprintable() else "�" for each in reject.start[:70])
            click.echo(f"  rejected: {reject.reason}: {start}")
