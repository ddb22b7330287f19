"""Programs of their own that the emitter runs in, whatever it is told in this one."""

from __future__ import annotations

import os
import subprocess
import sys


def environment(**told: str) -> dict[str, str]:
    """This process's environment, with nothing about llmtop but what is told."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("LLMTOP")}
    return {**others, **told}


def run(program: str, **told: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a fresh interpreter, without strictness unless it is asked for."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment(**told),
    )
