"""Two spans' figures side by side, each with the difference that the second one makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from llmtop.payload import Payload
from llmtop.span import Cache, Span
from llmtop.tui import numbers, span_words
from llmtop.tui.documents.document import Parts
from llmtop.tui.documents.json_text import value_text
from llmtop.tui.safe_text import cell

SAME, OTHER = "=", "≠"
LABEL_WIDTH = 13
VALUE_WIDTH, DIFFERENCE_WIDTH = 30, 20
_LEAST = LABEL_WIDTH + 3 + 2 * 12 + DIFFERENCE_WIDTH
"""Cells of a line from which the values stand side by side."""
_NO_CACHE = Cache()


class Compared(NamedTuple):
    """One figure of both, and what the second one has more or less."""

    label: str
    left: str
    right: str
    difference: str


class Side(NamedTuple):
    """One of the two, with what its records say."""

    span: Span
    payload: Payload


def compared(left: Side, right: Side, form: str, now: float) -> list[Compared]:
    """Everything that is worth comparing of two spans; clocks count to `now`."""
    return [
        *_standing(left.span, right.span, form, now),
        *_figures(left.span, right.span, now),
        *_parameters(left.payload.parameters, right.payload.parameters),
    ]


def _standing(left: Span, right: Span, form: str, now: float) -> Iterator[Compared]:
    def words(label: str, tell: Callable[[Span], str | None]) -> Iterator[Compared]:
        one, other = tell(left), tell(right)
        if one or other:
            difference = SAME if one == other else OTHER
            yield Compared(label, one or numbers.UNKNOWN, other or numbers.UNKNOWN, difference)

    yield from words("status", lambda span: f"{span_words.sign(span)} {span_words.outcome(span)}")
    began = [span_words.began(span) for span in (left, right)]
    apart = numbers.UNKNOWN
    if began[0] is not None and began[1] is not None:
        apart = _signed(began[1] - began[0], numbers.duration)
    one, other = (numbers.clock(at, form, now) for at in began)
    yield Compared("started", one, other, apart)
    yield from words("asked for", lambda span: span.series.requested)
    yield from words("answered by", lambda span: span.series.answered)
    yield from words("provider", lambda span: span.series.provider)
    yield from words("operation", lambda span: span.series.operation)
    yield from words("name", lambda span: span.name)
    yield from words("finish", lambda span: span.finish_reason)


def _figures(left: Span, right: Span, now: float) -> Iterator[Compared]:
    def figure(
        label: str, tell: Callable[[Span], float | None], write: Callable[[float | None], str]
    ) -> Iterator[Compared]:
        one, other = tell(left), tell(right)
        if one is not None or other is not None:
            yield Compared(label, write(one), write(other), difference(one, other, write))

    one, other = (span_words.latency(span, now) for span in (left, right))
    yield Compared("latency", one, other, difference(left.latency, right.latency, numbers.duration))
    yield from figure("first token", lambda span: span.ttft, numbers.duration)
    yield from figure("speed", _tokens_per_second, _rate)
    yield from figure("input", lambda span: span.input_tokens, _whole)
    yield from figure("  cache read", lambda span: (span.cache or _NO_CACHE).read, _whole)
    yield from figure("  cache write", lambda span: (span.cache or _NO_CACHE).write, _whole)
    yield from figure("output", lambda span: span.output_tokens, _whole)
    yield from figure("  reasoning", lambda span: (span.cache or _NO_CACHE).reasoning, _whole)
    yield from figure("cost", lambda span: span.cost, numbers.money)


def _rate(per_second: float | None) -> str:
    return numbers.UNKNOWN if per_second is None else f"{numbers.rate(per_second)} tok/s"


def _tokens_per_second(span: Span) -> float | None:
    """After the first token, where that is known."""
    if span.latency is None or span.output_tokens is None:
        return None
    writing = span.latency - (span.ttft or 0.0)
    return span.output_tokens / writing if writing > 0 else None


def _whole(number: float | None) -> str:
    return numbers.UNKNOWN if number is None else f"{number:,.0f}"


def difference(
    left: float | None, right: float | None, write: Callable[[float | None], str]
) -> str:
    """What the second figure is more or less than the first, and by which share of it."""
    if left is None or right is None:
        return numbers.UNKNOWN
    if left == right:
        return SAME
    told = _signed(right - left, write)
    if left <= 0:
        return told
    share = 100 * (right - left) / left
    return f"{told} {share:+,.0f}%" if abs(share) < 10_000 else f"{told} x{right / left:,.0f}"


def _signed(by: float, write: Callable[[float | None], str]) -> str:
    if by == 0:
        return SAME
    return f"{'-' if by < 0 else '+'}{write(abs(by))}"


def _parameters(left: dict[str, Any], right: dict[str, Any]) -> Iterator[Compared]:
    for name in dict.fromkeys((*left, *right)):
        told = [_one_line(side[name]) if name in side else None for side in (left, right)]
        if told[0] is None or told[1] is None:
            said = "only B" if told[0] is None else "only A"
        else:
            said = SAME if left[name] == right[name] else OTHER
        yield Compared(name, told[0] or numbers.UNKNOWN, told[1] or numbers.UNKNOWN, said)


def _one_line(value: Any) -> str:
    return " ".join(value_text(value)[:400].split())


class ComparedFigures:
    """The figures as a block: in columns, or one below the other where there is little room."""

    def __init__(self, left: str, right: str, figures: Sequence[Compared]) -> None:
        self._names = (left, right)
        self._figures = figures
        self.size = sum(len(each.left) + len(each.right) for each in figures)

    def rows(self, width: int) -> Sequence[Parts]:
        """A head, and a line (or three) a figure."""
        if width >= _LEAST:
            return list(self._columns(width))
        return list(self._stacked(width))

    def _columns(self, width: int) -> Iterator[Parts]:
        value = min(VALUE_WIDTH, (width - LABEL_WIDTH - DIFFERENCE_WIDTH - 3) // 2)
        left, right = (f"{letter} {name}" for letter, name in zip("AB", self._names, strict=True))
        yield (
            (" " * (LABEL_WIDTH + 1), ""),
            (cell(left, value) + " ", "head"),
            (cell(right, value) + " ", "head"),
            (cell("B against A", DIFFERENCE_WIDTH), "head"),
        )
        for each in self._figures:
            same = each.difference == SAME
            yield (
                (cell(each.label, LABEL_WIDTH) + " ", "dim"),
                (cell(each.left, value) + " ", "dim" if same else ""),
                (cell(each.right, value) + " ", "dim" if same else "strong"),
                (cell(each.difference, DIFFERENCE_WIDTH), "dim" if same else "accent"),
            )

    def _stacked(self, width: int) -> Iterator[Parts]:
        for letter, name in zip("AB", self._names, strict=True):
            yield ((cell(f"{letter} {name}", width), "head"),)
        for each in self._figures:
            same = each.difference == SAME
            meaning = "dim" if same else "accent"
            yield ((cell(f"{each.label.strip()} {each.difference}", width), meaning),)
            if same:
                yield ((cell(f"  {each.left}", width), "dim"),)
                continue
            yield ((cell(f"  A {each.left}", width), ""),)
            yield ((cell(f"  B {each.right}", width), "strong"),)
