"""Waiting in tests: for what will become true, however slow the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 40.0
"""How long a test waits (seconds) for something to become true before it fails."""


def wait_until(
    true: Callable[[], object],
    *,
    between: Callable[[], object] = lambda: None,
    told: Callable[[], object] = lambda: "it never came to that",
) -> None:
    """Look until a condition holds, with `between` after each look; fails with what is told."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, told()
        between()
        time.sleep(0.002)
