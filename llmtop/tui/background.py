"""Asks the terminal whether it is light or dark, before the app takes it over."""

from __future__ import annotations

import os
import re
import select
import termios
import time
import tty
from collections.abc import Mapping

PATIENCE_S = 0.5
"""How long an answer is waited for; terminals that know the question answer within a few ms."""
_QUESTION = b"\x1b]11;?\x1b\\\x1b[c"
"""What is the background's colour? Then what every terminal answers, so that silence has an end."""
_COLOUR = re.compile(rb"\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})")
_DONE = re.compile(rb"\x1b\[\?[\d;]*c")
_BRIGHT = 0.5


def is_light(environment: Mapping[str, str], terminal: int = 0) -> bool | None:
    """Whether dark text will be read on the terminal's background; `None` if it does not say."""
    answer = _asked(terminal)
    told = light_colour(answer)
    return light_by_name(environment.get("COLORFGBG", "")) if told is None else told


def light_colour(answer: bytes) -> bool | None:
    """Whether the colour in a terminal's answer is a light one."""
    found = _COLOUR.search(answer)
    if found is None:
        return None
    red, green, blue = (int(part, 16) / int(b"f" * len(part), 16) for part in found.groups())
    return 0.299 * red + 0.587 * green + 0.114 * blue > _BRIGHT


def light_by_name(colours: str) -> bool | None:
    """Whether `COLORFGBG` (`15;0`, `0;default;15`) names a light background."""
    background = colours.rpartition(";")[2]
    return int(background) in {7, *range(9, 16)} if background.isdecimal() else None


def _asked(terminal: int) -> bytes:
    """What the terminal answers, or nothing if it is none or keeps silent."""
    try:
        before = termios.tcgetattr(terminal)
    except (termios.error, OSError):
        return b""
    answer = b""
    deadline = time.monotonic() + PATIENCE_S
    try:
        tty.setcbreak(terminal)
        os.write(1, _QUESTION)
        while not _DONE.search(answer) and (left := deadline - time.monotonic()) > 0:
            if select.select([terminal], [], [], left)[0]:
                answer += os.read(terminal, 1024)
    except OSError:
        return b""
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)
    return answer
