"""For programs that log calls with `logging`: a handler that sends, a formatter that writes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from llmtop.emit.emitter import emit, failed, is_off
from llmtop.emit.encode import encode
from llmtop.emit.privacy import Mask, Privacy

_TYPES = {"LLM_REQUEST": "request", "LLM_RESPONSE": "response", "LLM_SPAN": "span"}
_TAKEN = "_llmtop_sent"


def record_of(entry: logging.LogRecord) -> dict[str, Any] | None:
    """The record of a log entry such as `logger.info("LLM_REQUEST", extra={"llm_log": {…}})`.

    Type and time come from the entry where the record does not tell them.
    """
    told = getattr(entry, "llm_log", None)
    if not isinstance(told, Mapping):
        return None
    record = dict(told)
    kind = _TYPES.get(str(entry.msg))
    if kind is not None:
        record.setdefault("type", kind)
    record.setdefault("timestamp", entry.created)
    return record


class LogHandler(logging.Handler):
    """Sends entries with `llm_log` where all records go, and leaves the others alone."""

    def emit(self, record: logging.LogRecord) -> None:
        """Send one entry, once, whatever handlers it passes."""
        send(record)


def send(entry: logging.LogRecord) -> None:
    """Send the record of an entry, if it has one that was not sent before."""
    try:
        if not hasattr(entry, "llm_log") or hasattr(entry, _TAKEN):
            return
        record = record_of(entry)
        if record is not None:
            setattr(entry, _TAKEN, True)
            emit(record)
    except Exception as error:
        failed(error)


class LogFormatter(logging.Formatter):
    """Writes each entry as one line of JSON: those with `llm_log` as records, others as they are.

    For a file that both people and llmtop follow. `mask` is `"pii"` or a function on text.
    """

    def __init__(self, *, mask: Mask | None = None) -> None:
        super().__init__()
        self._privacy = Privacy(mask=mask)

    def format(self, record: logging.LogRecord) -> str:
        """One line, without its end."""
        told = record_of(record)
        if told is None:
            told = {
                "timestamp": record.created,
                "level": record.levelname,
                "logger": record.name,
                "message": record.getMessage(),
            }
            if record.exc_info:
                told["exception"] = self.formatException(record.exc_info)
        if not self._privacy.changes_nothing:
            told = self._privacy.apply(told)
        return encode(told).decode()


_original: Any = None


def watch_loggers() -> None:
    """Have every entry with `llm_log` sent, without a handler: those are the program's to add."""
    global _original
    if _original is not None or is_off():
        return
    handle = _original = logging.Logger.handle

    def handle_and_send(self: logging.Logger, record: logging.LogRecord) -> None:
        handle(self, record)
        if "llm_log" in record.__dict__:
            send(record)

    logging.Logger.handle = handle_and_send  # type: ignore[method-assign]  # undone by unwatch


def unwatch_loggers() -> None:
    """Undo `watch_loggers`."""
    global _original
    if _original is not None:
        logging.Logger.handle = _original  # type: ignore[method-assign]  # as it was
        _original = None
