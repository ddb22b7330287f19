"""A row of a trace's tree: guides and name, its bar on the time axis, its figures."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

from llmtop.filter import status_of
from llmtop.live.view import DRAWN_DEPTH, TraceRow
from llmtop.span import Flag, Span
from llmtop.tui import marked, numbers, span_words
from llmtop.tui.panes import column_numbers
from llmtop.tui.panes.model_name import model_name
from llmtop.tui.panes.path_shares import Share
from llmtop.tui.panes.request_columns import cost_text
from llmtop.tui.panes.waterfall import Part, Waterfall
from llmtop.tui.safe_text import cell, safe

DURATION_WIDTH = 8
COST_WIDTH = column_numbers.DOLLARS_WIDTH
TOKENS_WIDTH = 6
_LEVEL = 2
"""Cells of one level of the tree."""
_UNTIMED = int(Flag.BAD_CLOCK)
_LOOP = int(Flag.LOOP)


class Layout(NamedTuple):
    """How many cells each part of a row has; a part with none is left out."""

    name: int
    bar: int
    duration: int = 0
    own_tokens: int = 0
    own_cost: int = 0
    tokens: int = 0
    cost: int = 0


class Figure(NamedTuple):
    """A column of figures: its head, its cells, and how much room a row must have for it."""

    part: str
    title: str
    width: int
    from_width: int
    right: bool = True


FIGURES = (
    Figure("duration", "duration", DURATION_WIDTH, 24),
    Figure("own_tokens", "in→out", 2 * TOKENS_WIDTH + 1, 170),
    Figure("tokens", "Σ in→out", 2 * TOKENS_WIDTH + 1, 100),
    Figure("own_cost", "cost", COST_WIDTH, 150),
    Figure("cost", "Σ cost", COST_WIDTH, 46),
)
"""Own figures stand beside those that add up all that is below, where there is room for both."""


@lru_cache(maxsize=64)
def layout(width: int, wide: bool) -> Layout:
    """The parts of a row of `width` cells; `wide` gives more of them to the bars."""
    figures = {each.part: each.width for each in FIGURES if width >= each.from_width}
    left = width - sum(figures.values()) - len(figures)
    if left < 30:
        return Layout(max(0, left), 0, **figures)
    name = max(20, min(int(left * (0.36 if wide else 0.44)), 46))
    return Layout(name, left - name - 1, **figures)


def head(fields: Layout, axis: Waterfall | None) -> list[Part]:
    """The titles of the columns, and the ticks of the time axis."""
    parts: list[Part] = [(cell("span", fields.name), "head")]
    if axis is not None and fields.bar:
        parts.append((" " + axis.ticks(), "dim"))
    parts.extend(
        (" " + cell(figure.title, width, "right"), "head")
        for figure in FIGURES
        if (width := getattr(fields, figure.part))
    )
    return parts


class Look(NamedTuple):
    """What a row's text depends on beside its span."""

    now: float
    """Seconds since the epoch; what running clocks count to."""
    axis: Waterfall
    folded: bool
    hidden: int
    """Spans that the fold hides."""
    is_marked: bool = False
    share: Share | None = None
    """What the span has of the critical path, while that is shown."""


def row(each: TraceRow, fields: Layout, look: Look) -> list[Part]:
    """A span's row, exactly as wide as the layout says."""
    span = each.span
    parts = _name(each, fields.name, look)
    if fields.bar:
        parts += [(" ", ""), *look.axis.bar(span, look.now, _words(span, look), look.share)]
    if fields.duration:
        parts += [(" ", ""), _duration(span, fields.duration, look.now)]
    both = bool(fields.own_cost)
    if fields.own_tokens:
        parts += [(" ", ""), *_tokens(span.input_tokens, span.output_tokens, fields.own_tokens)]
    if fields.tokens:
        if fields.own_tokens and not each.children:
            parts.append((" " * (fields.tokens + 1), ""))
        else:
            told = _tokens(each.input_tokens, each.output_tokens, fields.tokens)
            parts += [(" ", ""), *told]
    if fields.own_cost:
        parts += [(" ", ""), cost_text(span, fields.own_cost)]
    if fields.cost:
        parts += [(" ", ""), _rolled_up(each, fields.cost, both=both)]
    return parts


def version(each: TraceRow, look: Look) -> tuple[object, ...]:
    """Everything that a row shows: another text means another version."""
    span = each.span
    return (
        look.now if span.running else None,
        look.axis,
        look.folded,
        look.hidden,
        look.is_marked,
        look.share,
        span.flags,
        span.status,
        span.start,
        span.end,
        span.ttft,
        span.failure,
        span.name,
        span.series.number,
        span.input_tokens,
        span.output_tokens,
        span.cost,
        each.cost,
        each.at_least,
        each.input_tokens,
        each.output_tokens,
        each.errors,
        each.children > 0,
        each.last,
        each.depth,
        each.ancestors_last,
        each.orphan,
    )


def guides(each: TraceRow, levels: int) -> str:
    """The lines that lead to a row, at most `levels` of them drawn; above stands the depth."""
    depth = each.depth
    if depth == 0:
        return "╌" if each.orphan else ""
    drawn = min(depth, max(1, levels))
    text = ""
    if drawn < depth:
        text = f"⋯{depth - drawn} "
    for level in range(depth - drawn + 1, depth):
        known = level < len(each.ancestors_last) and level < DRAWN_DEPTH
        text += "│ " if known and not each.ancestors_last[level] else "  "
    return text + ("└─" if each.last else "├─")


def _name(each: TraceRow, width: int, look: Look) -> list[Part]:
    """Guides, fold mark, status sign and name, and what the row must not keep quiet."""
    span = each.span
    lead = guides(each, max(1, (width - 12) // _LEVEL))
    fold = ("▸" if look.folded else "▾") if each.children else ("─" if each.depth else " ")
    notes = _notes(each, look)
    used = cell_len(lead) + 3
    if used >= width:
        return [(cell(lead + fold + span_words.sign(span), width), "dim")]
    room = width - used
    note = " " + " ".join(text for text, _ in notes) if notes else ""
    # The bar tells the operation, which names by OpenTelemetry's rule begin with.
    title = safe(span_words.title(span)).removeprefix(f"{span.series.operation} ")
    shown = min(cell_len(title), max(room - cell_len(note), room // 2))
    parts: list[Part] = [
        (lead, "dim"),
        (fold, "dim"),
        (span_words.sign(span), span_words.meaning(span)),
        (marked.SIGN if look.is_marked else " ", "mark"),
        (
            model_name(title, shown) if span.is_call else cell(title, shown),
            _title_meaning(span, look),
        ),
    ]
    room -= shown
    for text, meaning in notes:
        piece = cell(" " + text, min(room, cell_len(text) + 1))
        parts.append((piece, meaning))
        room -= cell_len(piece)
    return [*parts, (" " * room, "")]


def _title_meaning(span: Span, look: Look) -> str:
    if span.failed:
        return "error"
    if look.share is not None and not look.share.is_on:
        return "dim"
    if not span.is_call:
        return ""
    return "accent" if span_words.is_counted(span) else "dim"


def _notes(each: TraceRow, look: Look) -> list[Part]:
    notes: list[Part] = []
    if look.folded:
        notes.append((f"+{look.hidden:,}", "dim"))
        below = each.errors - each.span.failed
        if below:
            notes.append((f"✗{below:,}", "error"))
    if each.orphan:
        notes.append(("orphan", "slow"))
    if each.span.flags & _LOOP:
        notes.append(("loop", "slow"))
    if each.span.is_call and not span_words.is_counted(each.span):
        notes.append(("not counted", "dim"))
    return notes


def _words(span: Span, look: Look) -> Part:
    """What stands beside the bar: why the span failed, or how long the trace waited for it."""
    if span.failed:
        return safe(span_words.outcome(span)), "error"
    return ("", "") if look.share is None else (look.share.words(), "strong")


def _duration(span: Span, width: int, now: float) -> Part:
    if span.running:
        passed = max(0.0, now - span.start)
        return cell(column_numbers.seconds(passed, width, 3), width, "right"), "running"
    if span.flags & _UNTIMED:
        return cell("clock?", width, "right"), "slow"
    if status_of(span) == "lost":
        return cell("lost", width, "right"), "dim"
    return cell(column_numbers.seconds(span.latency, width, 3), width, "right"), ""


def _tokens(told_in: int | None, told_out: int | None, width: int) -> list[Part]:
    if told_in is None and told_out is None:
        return [(cell(numbers.UNKNOWN, width, "right"), "dim")]
    half = (width - 1) // 2
    return [
        (cell(column_numbers.whole(told_in, half), width - 1 - half, "right"), ""),
        ("→", "dim"),
        (cell(column_numbers.whole(told_out, half), half, "right"), ""),
    ]


def _rolled_up(each: TraceRow, width: int, *, both: bool) -> Part:
    """The cost of all at and below a row; of a leaf only where its own has no column."""
    if not each.children:
        return (" " * width, "") if both else cost_text(each.span, width)
    text = column_numbers.dollars(each.cost, width, at_least=each.at_least)
    return cell(text, width, "right"), "dim" if each.cost is None else ""
