"""The emitter of this process: where records go, what of them may, and what became of them."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TextIO

from llmtop.emit.privacy import Mask, Privacy
from llmtop.emit.sink import DEFAULT, NoSink, Sink, SinkStats, open_sink

_NO = frozenset({"0", "off", "false", "no"})


class Stats(NamedTuple):
    """What became of the records of this process so far."""

    records: int
    """Records handed to the emitter."""
    sent: int
    """Records that left the process, over all sinks."""
    bytes: int
    """Bytes of them."""
    dropped: dict[str, int]
    """Records that did not leave, by reason."""
    errors: dict[str, int]
    """Faults within llmtop, by kind; each was kept from the program."""
    sinks: dict[str, SinkStats]
    """The same for each sink, by its address."""


class Emitter:
    """Sends records to a sink; one is made at first use, from the environment."""

    def __init__(
        self,
        sink: Sink,
        privacy: Privacy,
        *,
        off: bool = False,
        strict: bool = False,
        include_usage: bool | None = None,
    ) -> None:
        self.sink = sink
        self.off = off
        self.strict = strict
        self.include_usage = include_usage
        self.privacy = privacy
        self.checked = not privacy.changes_nothing
        self.records = 0
        self.errors: dict[str, int] = {}

    def stats(self) -> Stats:
        """The figures now."""
        sinks = self.sink.stats()
        dropped: dict[str, int] = {}
        for each in sinks.values():
            for reason, count in each.dropped.items():
                dropped[reason] = dropped.get(reason, 0) + count
        return Stats(
            self.records,
            sum(each.sent for each in sinks.values()),
            sum(each.bytes for each in sinks.values()),
            dropped,
            dict(self.errors),
            sinks,
        )


_emitter: Emitter | None = None
_at_exit: list[Callable[[], None]] = []
_leaving = False
"""Whether the process is ending, and goodbye was said."""


def _begin_in_child() -> None:
    """A forked child has sent nothing yet."""
    if _emitter is not None:
        _emitter.records = 0
        _emitter.errors = {}


os.register_at_fork(after_in_child=_begin_in_child)


def is_off() -> bool:
    """Whether `LLMTOP=0` says that nothing at all is to be done."""
    return os.environ.get("LLMTOP", "").strip().lower() in _NO


def current() -> Emitter:
    """The emitter of this process, made at first use."""
    return _emitter if _emitter is not None else configure()


def configure(
    sink: str | None = None,
    *,
    mask: Mask | None = None,
    log_prompts: bool | None = None,
    log_responses: bool | None = None,
    include_usage: bool | None = None,
) -> Emitter:
    """Say where records go and what of them may; what is not said comes from the environment.

    `sink` (`LLMTOP_SINK`): `udp://HOST:PORT`, `file:FOLDER`, `none`, or several with commas.
    `mask` (`LLMTOP_MASK`): `"pii"`, `"pii+ip"`, or a function from text to text. `log_prompts` and
    `log_responses` (`LLMTOP_LOG_PROMPTS`, `LLMTOP_LOG_RESPONSES`): whether they may be told.
    `include_usage` (`LLMTOP_INCLUDE_USAGE`): whether streams of OpenAI-compatible servers are
    asked for their usage; by default where the server is known to take that.
    """
    global _emitter
    off = is_off()
    strict = _said("LLMTOP_STRICT") is True
    told_mask: Any = mask if mask is not None else _mask_from_environment()
    privacy = Privacy(
        log_prompts=_either(log_prompts, _said("LLMTOP_LOG_PROMPTS")),
        log_responses=_either(log_responses, _said("LLMTOP_LOG_RESPONSES")),
        mask=told_mask,
    )
    made = Emitter(
        NoSink() if off else _opened(sink or os.environ.get("LLMTOP_SINK") or DEFAULT, strict),
        privacy,
        off=off,
        strict=strict,
        include_usage=include_usage if include_usage is not None else _said("LLMTOP_INCLUDE_USAGE"),
    )
    before, _emitter = _emitter, made
    if before is None:
        atexit.register(close)
    else:
        before.sink.close()
    return made


def _opened(address: str, strict: bool) -> Sink:
    try:
        return open_sink(address)
    except ValueError as error:
        if strict:
            raise
        _say(f"llmtop: nothing is sent: {error}.")
        return NoSink()


def _say(sentence: str) -> None:
    """Tell the person at the terminal, if there is one."""
    stream: TextIO | None = sys.stderr
    if stream is not None:
        try:
            stream.write(sentence + "\n")
        except (OSError, ValueError):
            pass  # nobody reads standard error: nobody to tell


def _mask_from_environment() -> str | None:
    told = os.environ.get("LLMTOP_MASK", "").strip().lower()
    # An unknown word must not mean that nothing is masked.
    if not told or told in _NO or told == "none":
        return None
    return "pii+ip" if told == "pii+ip" else "pii"


def _said(name: str) -> bool | None:
    told = os.environ.get(name, "").strip().lower()
    return None if not told else told not in _NO


def _either(first: bool | None, second: bool | None) -> bool:
    if first is not None:
        return first
    return True if second is None else second


def emit(record: Mapping[str, Any], privacy: Privacy | None = None) -> None:
    """Send one record on; whatever happens stays here (see `failed`)."""
    emitter = _emitter if _emitter is not None else current()
    if emitter.off:
        return
    emitter.records += 1
    try:
        if privacy is not None:
            record = privacy.apply(record)
        if emitter.checked:
            record = emitter.privacy.apply(record)
        emitter.sink.send(record)
        if _leaving:
            # Told by an exit handler that runs after ours: nobody else would say goodbye.
            emitter.sink.close()
    except Exception as error:
        failed(error)


def failed(error: Exception) -> None:
    """Count a fault of llmtop's own, which the program must not see; `LLMTOP_STRICT=1` raises."""
    emitter = current()
    kind = type(error).__name__
    emitter.errors[kind] = emitter.errors.get(kind, 0) + 1
    if emitter.strict:
        raise error


def stats() -> Stats:
    """What became of the records of this process so far."""
    return current().stats()


def flush() -> Stats:
    """Return when everything sent so far has left the process, and say what became of it."""
    current().sink.flush()
    return current().stats()


def before_exit(action: Callable[[], None]) -> None:
    """Have something done before the sinks are closed at exit."""
    _at_exit.append(action)


def close() -> None:
    """End what is open and say goodbye, so that a monitor knows that nothing more comes."""
    global _leaving
    for action in _at_exit:
        action()
    _leaving = True
    if _emitter is not None:
        _emitter.sink.close()
