"""`llmtop demo`: the whole real path on synthetic traffic, from another process by UDP."""

from __future__ import annotations

import atexit
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import click

from llmtop.cli import options, shared_options
from llmtop.live.alert_rule import Rule
from llmtop.sources.listening import written

_SCENARIOS = ("all", "chatbot", "rag", "agent", "storm", "slow")


@click.command("demo")
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 5000),
    default=5.0,
    show_default=True,
    help="Calls a second.",
)
@click.option("--seed", type=int, default=None, help="The same traffic again for the same number.")
@click.option("--scenario", type=click.Choice(_SCENARIOS), default="all", show_default=True)
@click.option(
    "--write",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write an hour of traffic as JSONL files instead, for trying --follow.",
)
@click.option(
    "--udp",
    type=options.ADDRESS,
    help="The address that the traffic goes through. Default: a free port of 127.0.0.1.",
)
@shared_options.window
@shared_options.theme
@shared_options.alert_rules
@shared_options.config_file
def command(
    rate: float,
    seed: int | None,
    scenario: str,
    write: Path | None,
    udp: tuple[str, int] | None,
    window: str | None,
    theme: str | None,
    alerts: tuple[Rule, ...],
    budgets: tuple[Rule, ...],
    config_: str | None,
) -> None:
    """Show llmtop on synthetic traffic: chatbots, RAG chains, agents, errors and slow patches."""
    settings = options.settings(config_)
    told = ["--rate", str(rate), "--scenario", scenario]
    if seed is not None:
        told += ["--seed", str(seed)]
    if write is not None:
        _write(write, told)
        return
    if not sys.stdout.isatty():
        raise click.UsageError(
            "The demo needs a terminal; --write DIR writes its traffic to files."
        )

    from llmtop.cli import assemble, screen

    pump = assemble.pump((), settings, udp=udp or ("127.0.0.1", 0), udp_required=True)
    assert pump.udp_port is not None  # noqa: S101 - it was required above
    address = written(udp[0] if udp else "127.0.0.1", pump.udp_port)
    with tempfile.TemporaryFile() as complaints:
        traffic = _start(["--to", f"udp://{address}", *told], complaints)
        try:
            rules = (*alerts, *budgets)
            screen.show(pump, settings, window=window, theme=theme, label="demo", rules=rules)
        finally:
            _end(traffic)
        _complain(traffic, complaints)


def _command(told: list[str]) -> list[str]:
    return [sys.executable, "-m", "llmtop.demo.traffic", *told]


def _start(told: list[str], complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    traffic = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
        _command(told),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=complaints,
    )
    atexit.register(_end, traffic)
    return traffic


def _end(traffic: subprocess.Popen[bytes]) -> None:
    if traffic.poll() is None:
        traffic.terminate()
        try:
            traffic.wait(2.0)
        except subprocess.TimeoutExpired:
            traffic.kill()
            traffic.wait()
    if traffic.stdin is not None:
        traffic.stdin.close()


def _complain(traffic: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
    """Say why the traffic ended by itself, if it did."""
    if traffic.returncode not in (0, -15):
        complaints.seek(0)
        said = complaints.read().decode("utf-8", "replace").strip().splitlines()
        if said:
            click.echo(f"llmtop: the demo's traffic ended: {said[-1]}", err=True)


def _write(folder: Path, told: list[str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own module, by our own interpreter
        _command(["--write", str(folder), *told]), check=False, stderr=subprocess.PIPE
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise click.ClickException(said[-1] if said else "the traffic could not be written.")
    click.echo(f"Now try: llmtop --follow {folder}")
