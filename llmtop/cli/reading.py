"""How far a command has read, on a terminal; and what could not be read, in sentences."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from llmtop.history.scan import Scan
    from llmtop.live.view import SourceState
    from llmtop.pump import Pump

NOTHING = "there is nothing to read: no log, or only empty ones."

_AFTER_S = 0.5
_EVERY_S = 0.1
_WIDTH = 30


class Bar:
    """A bar on a terminal's standard error, once reading takes long; nothing in a pipe."""

    def __init__(self) -> None:
        self._shown_at = time.monotonic() + _AFTER_S - _EVERY_S
        self._is_shown = False
        self._wanted = sys.stderr.isatty()

    def __call__(self, read: int, total: int) -> None:
        """Say how many bytes were read, of how many."""
        if not self._wanted or not total:
            return
        now = time.monotonic()
        if now - self._shown_at < _EVERY_S:
            return
        self._shown_at = now
        self._is_shown = True
        share = min(read / total, 1.0)
        bar = "█" * int(_WIDTH * share) + "░" * (_WIDTH - int(_WIDTH * share))
        click.echo(f"\r{bar} {share:4.0%}", err=True, nl=False)

    def clear(self) -> None:
        """Take the bar away, so that something else can stand there."""
        if self._is_shown:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._is_shown = False


def read_all(pump: Pump) -> None:
    """Read all there is, and show how far that has come."""
    bar = Bar()
    try:
        pump.drain(lambda: bar(*pump.progress()))
    finally:
        bar.clear()


def refuse_unread(sources: Sequence[SourceState]) -> None:
    """Fail with a sentence when no source gave anything that could be understood."""
    if any(source.fragments for source in sources):
        return
    failed = [source for source in sources if source.state == "failed"]
    lines = sum(source.lines for source in sources)
    if failed and not lines:
        raise click.ClickException(f"{failed[0].label}: {failed[0].detail}")
    if lines and any(source.format is not None for source in sources):
        return
    raise click.ClickException(_none_of(lines) if lines else NOTHING)


def refuse_no_logs(scan: Scan) -> None:
    """Fail with a sentence when there is no log to read."""
    if not scan.files:
        others = f" {scan.left_out} files are of other days." if scan.left_out else ""
        raise click.ClickException(f"{NOTHING}{others}")


def tell_problems(scan: Scan) -> None:
    """Say on standard error what could not be read."""
    if scan.lines and scan.rejected == scan.lines:
        raise click.ClickException(_none_of(scan.lines))
    for problem in scan.problems:
        click.echo(f"llmtop: {problem}", err=True)
    if scan.rejected:
        click.echo(
            f"llmtop: {scan.rejected:,} of {scan.lines:,} lines could not be read; "
            "`llmtop formats PATH` says why.",
            err=True,
        )


def _none_of(lines: int) -> str:
    return f"none of {lines} lines could be read; `llmtop formats PATH` says why."
