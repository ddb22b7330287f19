"""Runs a Python program with its model calls seen, and with no change to it.

The program replaces this process: its arguments, its exit code and its signals are its own. The
interpreter finds `startup/sitecustomize.py` first, which instruments before the program begins;
processes that the program starts are instrumented as well.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

STARTUP = Path(__file__).parent / "startup"
NOT_FOUND = 127
"""The exit code of a command that there is none of, as shells have it."""
CANNOT_RUN = 126


class RunError(Exception):
    """A program that cannot be run, said in a sentence."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


def environment(
    before: Mapping[str, str],
    *,
    sink: str | None = None,
    mask: str | None = None,
    prompts: bool = True,
    responses: bool = True,
) -> dict[str, str]:
    """The environment in which Python programs are instrumented."""
    told = dict(before)
    others = told.get("PYTHONPATH", "")
    parts = [part for part in others.split(os.pathsep) if part and Path(part) != STARTUP]
    told["PYTHONPATH"] = os.pathsep.join([str(STARTUP), *parts])
    if sink is not None:
        from llmtop.emit.sink import open_sink

        try:
            open_sink(sink)
        except ValueError as error:
            raise RunError(f"{error}.", 2) from error
        told["LLMTOP_SINK"] = sink
    if mask is not None:
        told["LLMTOP_MASK"] = mask
    if not prompts:
        told["LLMTOP_LOG_PROMPTS"] = "0"
    if not responses:
        told["LLMTOP_LOG_RESPONSES"] = "0"
    return told


def become(command: Sequence[str], told: Mapping[str, str]) -> NoReturn:
    """Go on as another program. Raises RunError where there is none of that name."""
    path = shutil.which(command[0], path=told.get("PATH"))
    if path is None:
        raise RunError(f"there is no program {command[0]}.", NOT_FOUND)
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execve(path, list(command), dict(told))  # noqa: S606 - what the user asks to be run
    except OSError as error:
        raise RunError(f"{command[0]} cannot be run: {error.strerror}.", CANNOT_RUN) from error


def python_command(arguments: Sequence[str]) -> list[str]:
    """The command that runs a script or `-m module` as this interpreter does, with its options."""
    from subprocess import _args_from_interpreter_flags as options  # type: ignore[attr-defined]  # no public name

    return [sys.executable, *options(), *arguments]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m llmtop.run",
        usage="python -m llmtop.run [options] app.py [args…] | -m module [args…]",
        description="Run a Python program with its model calls seen by llmtop.",
    )
    parser.add_argument("--sink", help="where records go: udp://HOST:PORT, file:FOLDER, …")
    parser.add_argument("--mask", choices=["pii", "pii+ip"], help="mask personal data and secrets")
    parser.add_argument("--no-prompts", action="store_true", help="tell prompts' lengths only")
    parser.add_argument("--no-responses", action="store_true", help="tell answers' lengths only")
    return parser


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own options, and the program with all of its own, which may be named like ours."""
    own: list[str] = []
    rest = list(arguments)
    while rest and rest[0].startswith("-") and rest[0] not in {"-m", "--"}:
        own.append(rest.pop(0))
        if own[-1] in {"--sink", "--mask"} and rest:
            own.append(rest.pop(0))
    if rest and rest[0] == "--":
        rest.pop(0)
    return own, rest


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program that the command line names."""
    own, program = _split(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    options = parser.parse_args(own)
    if not program or program == ["-m"]:
        parser.error("name a program: app.py, or -m and a module")
    if program[0] != "-m" and not Path(program[0]).exists():
        parser.exit(2, f"llmtop: there is no file {program[0]}.\n")
    if sys.flags.ignore_environment:
        parser.exit(2, "llmtop: an interpreter started with -E or -I cannot be instrumented.\n")
    try:
        told = environment(
            os.environ,
            sink=options.sink,
            mask=options.mask,
            prompts=not options.no_prompts,
            responses=not options.no_responses,
        )
        become(python_command(program), told)
    except RunError as error:
        parser.exit(error.code, f"llmtop: {error}\n")


if __name__ == "__main__":
    main()
