"""The command `llmtop`: its subcommands, each loaded only when it runs."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import click

from llmtop.version import __version__

COMMANDS = {
    "watch": ("llmtop.cli.watch", "Watch logs and the UDP port live (the default)."),
    "demo": ("llmtop.cli.demo", "Show llmtop on synthetic traffic."),
    "summary": ("llmtop.cli.summary", "Print the figures of logs, without a screen."),
    "query": ("llmtop.cli.query", "Find calls, traces and sessions in stored logs."),
    "export": ("llmtop.cli.export", "Write stored calls and traces for other programs."),
    "prune": ("llmtop.cli.prune", "Let go of stored days by age and size."),
    "replay": ("llmtop.cli.replay", "Replay recorded traffic at its own pace."),
    "check": ("llmtop.cli.check", "Judge alert rules on logs, for CI."),
    "serve": ("llmtop.cli.serve", "Serve calls, traces, figures by HTTP, without a screen."),
    "formats": ("llmtop.cli.formats", "Say how logs are understood, and what is not."),
    "run": ("llmtop.cli.run", "Run a Python program with its model calls instrumented."),
}
"""The subcommands: where each is, and its line of help."""


class Commands(click.Group):
    """A group that imports a command when it is wanted, and takes none of them as `watch`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order in which they are of use."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), "command", None)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing one of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; what is neither a command nor like one is a path to watch."""
        name = args[0]
        if name in COMMANDS:
            return super().resolve_command(ctx, args)
        if not name.startswith("-") and not os.path.exists(name):  # noqa: PTH110 - cheap at the start
            nearest = get_close_matches(name, COMMANDS, n=1)
            if nearest and os.sep not in name:
                ctx.fail(f"There is no command {name}. Did you mean {nearest[0]}?")
        return "watch", self.get_command(ctx, "watch"), args

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Everything that is not a command goes to `watch`."""
        if not args or (args[0] not in COMMANDS and args[0] not in _OWN_OPTIONS):
            args = ["watch", *args] if not args or args[0].startswith("-") else args
        return super().parse_args(ctx, args)


_OWN_OPTIONS = {"--help", "-h", "--version", "-V"}


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`llmtop PATH…` is short for `llmtop watch PATH…`; see `llmtop watch --help`.",
)
@click.version_option(__version__, "-V", "--version", message="llmtop %(version)s")
def group() -> None:
    """The htop for LLM applications: requests, traces, latency and cost, live in the terminal."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a mistake is one sentence on standard error, and exit code 2."""
    try:
        code: Any = group.main(
            args=None if arguments is None else list(arguments),
            prog_name="llmtop",
            standalone_mode=False,
        )
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except click.Abort:
        code = 130
    except click.ClickException as error:
        click.echo(f"llmtop: {error.format_message()}", err=True)
        code = error.exit_code
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # The reader left: what is still buffered must not be complained about at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
