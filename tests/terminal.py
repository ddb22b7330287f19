"""A pseudo-terminal with the installed command in it, as a person at a keyboard has it."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte
import pytest

from tests.waiting import PATIENCE_S

PLAIN = {
    name: value
    for name, value in os.environ.items()
    if name not in ("COLORTERM", "COLORFGBG", "NO_COLOR")
}
"""The environment without what says of colours."""


class Terminal:
    """A pseudo-terminal with a program in it and an emulated screen before it."""

    def __init__(self, command: list[str], columns: int, rows: int, **environment: str) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.received = bytearray()
        self.child = pexpect.spawn(
            command[0],
            command[1:],
            dimensions=(rows, columns),
            env={**PLAIN, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **environment},
            timeout=PATIENCE_S,
        )

    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self.screen.display)

    def wait(self, shows: Callable[[str], object], what: str) -> str:
        """Read until the screen shows what is awaited; fails with the screen otherwise."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            self._read()
            if shows(self.text()):
                return self.text()
        raise AssertionError(f"never saw {what}; the screen:\n{self.text()}")

    def wait_for(self, pattern: str) -> str:
        """Read until the screen holds a regular expression."""
        return self.wait(lambda text: re.search(pattern, text), pattern)

    def leave(self) -> int | None:
        """Read to the end of the program; its exit code."""
        deadline = time.monotonic() + PATIENCE_S
        while self._read() and time.monotonic() < deadline:
            pass
        self.child.close()
        return self.child.exitstatus

    def _read(self) -> bool:
        try:
            data = self.child.read_nonblocking(65536, timeout=0.2)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.received += data
        # pyte takes the private report of a keyboard protocol for text.
        self._stream.feed(re.sub(rb"\x1b\[[<>=?][0-9;]*u|\x1b\[[<>=][0-9;]*[a-z]", b"", data))
        return True


def installed() -> str:
    """The command as it is installed; without one the test is skipped."""
    beside = Path(sys.executable).with_name("llmtop")
    found = str(beside) if beside.exists() else shutil.which("llmtop")
    if not found:
        pytest.skip("the llmtop command is not installed")
    return found
