"""`llmtop prune`: lets go of stored days by age and size, and says what it did."""

from __future__ import annotations

import time
from pathlib import Path

import click

from llmtop.cli import options
from llmtop.history.prune import Deed, Policy, prune
from llmtop.written_figures import size


@click.command("prune")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--keep", type=options.AGE, help="Days older than this are deleted: 30d.")
@click.option("--max-size", type=options.SIZE, help="The oldest days leave beyond this: 5GB.")
@click.option("--compress", type=options.AGE, help="Days older than this are packed: 2d.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def command(
    folder: Path,
    keep: float | None,
    max_size: int | None,
    compress: float | None,
    dry_run: bool,
) -> None:
    """Let go of stored days: of llm_logs_YYYY-MM-DD.jsonl in DIR, and of nothing else."""
    if keep is None and max_size is None and compress is None:
        raise click.UsageError("Say what is kept: --keep 30d, --max-size 5GB or --compress 2d.")
    if not folder.is_dir():
        raise click.UsageError(f"There is no folder {folder}.")
    try:
        deeds = prune(folder, Policy(keep, max_size, compress), time.time(), dry_run=dry_run)
    except OSError as error:
        raise click.ClickException(f"{folder}: {error.strerror or error}.") from error
    for deed in deeds:
        click.echo(told(deed, dry_run=dry_run))
    if not deeds:
        click.echo("Nothing to do.")
    if any(deed.problem for deed in deeds):
        raise click.exceptions.Exit(1)


def told(deed: Deed, *, dry_run: bool = False) -> str:
    """A deed in a sentence."""
    if deed.problem is not None:
        return deed.problem
    if deed.kind == "delete":
        verb = "would be deleted" if dry_run else "deleted"
    else:
        verb = "would be compressed" if dry_run else "compressed"
    sizes = size(deed.size)
    if deed.kind == "compress" and deed.left is not None:
        sizes = f"{sizes} → {size(deed.left)}"
    return f"{deed.name} {verb} ({sizes}): {deed.reason}"
