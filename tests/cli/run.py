"""Runs the command line inside the test's own process, as the installed command would run."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from llmtop.cli.main import main


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Ran:
    """Run `llmtop` with arguments; every way to end is an exit code."""
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    code = left.value.code
    assert isinstance(code, int)
    return Ran(code, printed.out, printed.err)
