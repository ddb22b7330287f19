"""Exceptions of the program, as spans tell them."""

from __future__ import annotations

from typing import Any

LONGEST_ERROR = 10_000
"""Characters of an error's message that are told."""
_LONGEST_TRACEBACK = 8_000


def status_of(error: BaseException) -> str:
    """How a span ends that an exception leaves: `error`, `cancelled`, or `ok` for a plain exit."""
    if isinstance(error, SystemExit):
        return "ok" if error.code in (None, 0) else "error"
    if isinstance(error, Exception) and type(error).__name__ != "CancelledError":
        return "error"
    # CancelledError of asyncio, GeneratorExit, KeyboardInterrupt and their like.
    return "cancelled"


def message_of(error: BaseException) -> str:
    """What an exception says, or its name if it says nothing."""
    try:
        return str(error)[:LONGEST_ERROR] or type(error).__name__
    except Exception:  # an exception class of the host's
        return type(error).__name__


def described(error: BaseException) -> dict[str, Any]:
    """An exception as the attributes of an event, with where it came from."""
    told = {"exception.type": type(error).__name__, "exception.message": message_of(error)}
    try:
        import traceback

        said = "".join(traceback.format_exception(error, limit=-20))
        told["exception.stacktrace"] = said[-_LONGEST_TRACEBACK:]
    except Exception:  # an exception class of the host's
        pass
    return told
