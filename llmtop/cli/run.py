"""`llmtop run`: a program with its model calls seen, and with no change to it."""

from __future__ import annotations

import os
import sys

import click

from llmtop import run


@click.command(
    "run",
    context_settings={
        "ignore_unknown_options": True,
        "allow_interspersed_args": False,
    },
)
@click.option("--sink", metavar="SINK", help="udp://HOST:PORT, file:FOLDER, none, or several.")
@click.option(
    "--mask", type=click.Choice(["pii", "pii+ip"]), help="Mask personal data and secrets."
)
@click.option("--no-prompts", is_flag=True, help="Tell how long prompts are, and not what is said.")
@click.option("--no-responses", is_flag=True, help="The same for answers.")
@click.argument("command_", metavar="COMMAND…", nargs=-1, type=click.UNPROCESSED, required=True)
def command(
    sink: str | None,
    mask: str | None,
    no_prompts: bool,
    no_responses: bool,
    command_: tuple[str, ...],
) -> None:
    """Run a Python program with its model calls seen: `llmtop run -- python app.py`.

    Calls made with the libraries of OpenAI and Anthropic, and of others of the same make, go to
    the monitor at UDP port 8127, or where --sink says. The program needs no change, and neither
    its environment: `uvicorn app:app` or `pytest` will do as well. A file that ends in .py is run
    by the Python that runs llmtop.
    """
    words = list(command_)
    if words[0].endswith(".py") and not os.access(words[0], os.X_OK):
        words.insert(0, sys.executable)
    try:
        told = run.environment(
            os.environ, sink=sink, mask=mask, prompts=not no_prompts, responses=not no_responses
        )
        run.become(words, told)
    except run.RunError as error:
        click.echo(f"llmtop: {error}", err=True)
        raise click.exceptions.Exit(error.code) from error
