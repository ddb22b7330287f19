"""The spans that this process has begun and not ended; what is left of them ends with it."""

from __future__ import annotations

import os
from typing import Protocol

from llmtop.emit.emitter import before_exit

MOST = 10_000
"""Spans that are remembered: a program may begin spans and never end them."""


class Abandoned(Protocol):
    """What is asked of a span that its program did not end."""

    def abandon(self) -> None:
        """End with the process."""


_open: dict[int, Abandoned] = {}
_generation = 0
"""How often this process was forked from another: spans of the parent are not the child's."""


def note(span: Abandoned) -> int:
    """Remember a span that begins; returns what `forget` asks for."""
    if len(_open) >= MOST:
        _open.pop(next(iter(_open)), None)
    _open[id(span)] = span
    return _generation


def forget(span: Abandoned, generation: int) -> bool:
    """Forget a span that ends; whether it was begun by a process that this one was forked from."""
    if generation != _generation:
        return True
    _open.pop(id(span), None)
    return False


def _end_all() -> None:
    for span in list(_open.values()):
        span.abandon()


def _begin_in_child() -> None:
    global _generation
    _generation += 1
    _open.clear()


before_exit(_end_all)
os.register_at_fork(after_in_child=_begin_in_child)
