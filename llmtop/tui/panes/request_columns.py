"""The columns of the requests pane: what a call says in each of them, and in which colour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from llmtop.filter import status_of
from llmtop.live.view import SortKey
from llmtop.span import Flag, Span
from llmtop.tui import marked, numbers, span_words
from llmtop.tui.panes import column_numbers
from llmtop.tui.panes.columns import Column, Placed, place
from llmtop.tui.panes.model_name import model_name
from llmtop.tui.safe_text import cell

_FREED = frozenset({"ttft", "cost"})
"""The columns before the outcome: figures that a call which failed at once has none of."""
_ROOM_FOR_ERROR = 30
_BAD_CLOCK = int(Flag.BAD_CLOCK)
_LOWER_BOUND = int(Flag.LOWER_BOUND)
_ESTIMATED = int(Flag.ESTIMATED)
_LOCAL = int(Flag.LOCAL)
_COST_REPORTED = int(Flag.COST_REPORTED)

IN_WIDTH, OUT_WIDTH = 6, 6
TOKENS_WIDTH = IN_WIDTH + 2 + OUT_WIDTH
"""Room for the mark of cached input and for the arrow in between."""

Part = tuple[str, str]
"""Text and the name of its meaning; an empty name is ordinary text."""


class Look(NamedTuple):
    """What a row's text depends on beside its call."""

    now: float
    """Seconds since the epoch."""
    clock: float
    """What running clocks count to."""
    time_format: str
    slow: float
    """Calls that take as long as this (seconds) are slow."""
    is_marked: bool = False
    prompt: str | None = None
    """What the call was asked, where there is room to show it."""


COLUMNS: tuple[Column, ...] = (
    Column("time", "time", numbers.CLOCK_WIDTH, 3),
    Column("sign", "", 1, 0),
    Column("model", "model", 15, 1, likes=18, most=26),
    Column("operation", "op", span_words.OPERATION_WIDTH, 8),
    Column("provider", "provider", 10, 10),
    Column("tokens", "in→out", TOKENS_WIDTH, 5, right=True),
    Column("latency", "latency", column_numbers.SECONDS_WIDTH, 2, right=True),
    Column("ttft", "ttft", column_numbers.SECONDS_WIDTH, 7, right=True),
    Column("cost", "cost", column_numbers.DOLLARS_WIDTH, 4, right=True),
    Column("agent", "agent", 9, 13, most=16),
    Column("user", "user", 8, 12, most=14),
    Column("session", "session", 10, 11, most=16),
    Column("name", "name", 10, 15, most=18),
    Column("trace", "trace", 9, 14, most=12),
    Column("outcome", "status", 10, 6, wants=32, most=44),
)
_PROMPT = Column("prompt", "prompt", 24, 8, wants=40, most=100)
_WITH_PROMPT = (
    *(column for column in COLUMNS if column.name != "outcome"),
    Column("outcome", "status", 10, 6, most=14),
    _PROMPT,
)
"""Where there is room for it: the words of an error take the prompt's place."""
_ROOM_FOR_PROMPT = 110

SORTED: Mapping[SortKey, str] = {
    "time": "time",
    "latency": "latency",
    "cost": "cost",
    "tokens": "tokens",
    "ttft": "ttft",
    "model": "model",
    "status": "outcome",
}
"""The column that shows what rows are sorted by."""
ASCENDING = frozenset({"model", "status"})
"""Sort keys whose natural order is upwards; all others begin with the newest or largest."""


@lru_cache(maxsize=64)
def layout(width: int) -> tuple[Placed, ...]:
    """The columns for a row of `width` cells."""
    return place(COLUMNS if width < _ROOM_FOR_PROMPT else _WITH_PROMPT, width)


@lru_cache(maxsize=64)
def shows_prompts(width: int) -> bool:
    """Whether a row of `width` cells says what its call was asked."""
    return layout(width)[-1].column is _PROMPT


def arrow(sort: SortKey, reverse: bool) -> str:
    """Which way the rows are sorted."""
    return "▲" if (sort in ASCENDING) != reverse else "▼"


def head(placed: Sequence[Placed], sort: SortKey, reverse: bool) -> list[Part]:
    """The titles; that of the sorted column bears an arrow, in the gap where it is full."""
    parts: list[Part] = []
    for number, (column, width) in enumerate(placed):
        room = width + bool(number)
        if column.name == SORTED[sort]:
            parts.append((_marked(column, arrow(sort, reverse), room, bool(number)), "mark"))
        else:
            title = cell(column.title, width, "right" if column.right else "left")
            parts.append((" " * bool(number) + title, "head"))
    return parts


def _marked(column: Column, sign: str, room: int, gap: bool) -> str:
    if column.right:
        return cell(sign + column.title, room, "right")
    return " " * gap + cell(column.title + sign, room - gap)


def row(span: Span, placed: Sequence[Placed], look: Look) -> list[Part]:
    """A call's row: exactly as wide as the placed columns."""
    parts: list[Part] = []
    widened = 0
    for number, (column, width) in enumerate(placed):
        if number and not widened:
            beside_sign = look.is_marked and placed[number - 1].column.name == "sign"
            parts.append((marked.SIGN, "mark") if beside_sign else (" ", ""))
        if column.name in _FREED and _needs_room(span, placed):
            widened += width + 1
            continue
        if column.name == "outcome" and span.failed and placed[-1].column is _PROMPT:
            widened = width + 1
            continue
        name = "outcome" if widened and column is _PROMPT else column.name
        parts.extend(_CELLS[name](span, width + widened, look))
        widened = 0
    return parts


def _needs_room(span: Span, placed: Sequence[Placed]) -> bool:
    """Whether an error's words take the place of figures that a failed call does not have."""
    if not span.failed or span.cost is not None or span.ttft is not None:
        return False
    if len(placed) < 2 or placed[-2].column.name not in _FREED:
        return False
    return placed[-1].column.name == "outcome" and placed[-1].width < _ROOM_FOR_ERROR


def version(span: Span, look: Look) -> tuple[object, ...]:
    """Everything of a call that its row shows: another row text means another version."""
    running = span.running
    latency = span.latency
    return (
        numbers.clock(span_words.began(span), look.time_format, look.now),
        column_numbers.seconds(look.clock - span.start) if running else None,
        (look.clock - span.start if running else latency or 0.0) >= look.slow,
        look.is_marked,
        look.prompt,
        span.flags,
        span.status,
        latency,
        span.series.number,
        span.input_tokens,
        span.output_tokens,
        span.cache,
        span.cost,
        span.ttft,
        span.failure,
        span.finish_reason,
        span.name,
        span.agent,
        span.user_id,
        span.session_id,
        span.trace_id,
    )


def _time(span: Span, width: int, look: Look) -> list[Part]:
    told = numbers.clock(span_words.began(span), look.time_format, look.now)
    return [(cell(told, width, "right" if look.time_format == "relative" else "left"), "dim")]


def _sign(span: Span, width: int, look: Look) -> list[Part]:
    del look
    return [(cell(span_words.sign(span), width), span_words.meaning(span))]


def _model(span: Span, width: int, look: Look) -> list[Part]:
    del look
    return [(model_name(span_words.title(span), width), "error" if span.failed else "")]


def _operation(span: Span, width: int, look: Look) -> list[Part]:
    del look
    return [(cell(span_words.operation(span), width), "dim")]


def _tokens(span: Span, width: int, look: Look) -> list[Part]:
    del look
    if span.input_tokens is None and span.output_tokens is None:
        return [(cell(None, width, "right"), "dim")]
    cached = span.cache is not None and bool(span.cache.read)
    told = column_numbers.whole(span.input_tokens, IN_WIDTH)
    mark = "" if span.output_tokens is None else _bound(span)
    out = mark + column_numbers.whole(span.output_tokens, OUT_WIDTH - len(mark))
    return [
        (cell(told, width - OUT_WIDTH - 2, "right"), "cached" if cached else ""),
        ("◦" if cached else " ", "cached"),
        ("→", "dim"),
        (cell(out, OUT_WIDTH, "right"), ""),
    ]


def _bound(span: Span) -> str:
    if span.flags & _LOWER_BOUND:
        return column_numbers.AT_LEAST
    return "~" if span.flags & _ESTIMATED else ""


def _latency(span: Span, width: int, look: Look) -> list[Part]:
    if span.running:
        passed = max(0.0, look.clock - span.start)
        meaning = "slow" if passed >= look.slow else "running"
        return [(cell(column_numbers.seconds(passed, width), width, "right"), meaning)]
    if span.flags & _BAD_CLOCK:
        return [(cell("clock?", width, "right"), "slow")]
    latency = span.latency
    meaning = "slow" if latency is not None and latency >= look.slow else ""
    return [(cell(column_numbers.seconds(latency, width), width, "right"), meaning)]


def _ttft(span: Span, width: int, look: Look) -> list[Part]:
    del look
    return [(cell(column_numbers.seconds(span.ttft, width), width, "right"), "")]


def cost_text(span: Span, width: int) -> Part:
    """What a call cost, in a column; `unpriced` and `local` are words, so that they are no sum."""
    if span.cost is None:
        told = span_words.cost(span)
        return cell(told, width, "right"), "dim" if told == numbers.UNKNOWN else "slow"
    if not span.cost:
        free = span.flags & _LOCAL and not span.flags & _COST_REPORTED
        return cell("local" if free else "$0", width, "right"), "dim"
    at_least = bool(span.flags & _LOWER_BOUND)
    return cell(column_numbers.dollars(span.cost, width, at_least=at_least), width, "right"), ""


def _cost(span: Span, width: int, look: Look) -> list[Part]:
    del look
    return [cost_text(span, width)]


def _outcome(span: Span, width: int, look: Look) -> list[Part]:
    del look
    failed = status_of(span) == "error"
    return [(cell(span_words.outcome(span), width), "error" if failed else "dim")]


def _prompt(span: Span, width: int, look: Look) -> list[Part]:
    del span
    if look.prompt is None:
        return [(cell("…", width), "dim")]
    return [(cell(look.prompt or None, width), "" if look.prompt else "dim")]


def _text(tell: Callable[[Span], str | None]) -> Callable[[Span, int, Look], list[Part]]:
    def text(span: Span, width: int, look: Look) -> list[Part]:
        del look
        return [(cell(tell(span) or None, width), "dim")]

    return text


_CELLS: Mapping[str, Callable[[Span, int, Look], list[Part]]] = {
    "time": _time,
    "sign": _sign,
    "model": _model,
    "operation": _operation,
    "provider": _text(lambda span: span.series.provider),
    "tokens": _tokens,
    "latency": _latency,
    "ttft": _ttft,
    "cost": _cost,
    "name": _text(lambda span: span.name),
    "agent": _text(lambda span: span.agent),
    "user": _text(lambda span: span.user_id),
    "session": _text(lambda span: span.session_id),
    "trace": _text(lambda span: span.trace_id),
    "outcome": _outcome,
    "prompt": _prompt,
}
