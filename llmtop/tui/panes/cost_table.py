"""The table of the cost pane: what each model was used for, and its share of the cost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from llmtop.live.view import Figures, Group, View
from llmtop.tui import numbers
from llmtop.tui.panes import column_numbers
from llmtop.tui.panes.block_bars import across
from llmtop.tui.panes.columns import Column, Placed, place
from llmtop.tui.panes.model_name import model_name
from llmtop.tui.safe_text import cell

UNPRICED = "unpriced"
_TOKENS = 8
_COST = 9

Part = tuple[str, str]


class Row(NamedTuple):
    """A line of the table: a model, or what else calls are summed up by."""

    name: str | None
    provider: str | None
    """Of a model."""
    figures: Figures


def rows_of(view: View) -> Sequence[Row]:
    """What the view's costs are summed up by, dearest first."""
    if view.query.group == "model":
        return [Row(each.model, each.provider, each.figures) for each in view.models]
    return [Row(each.name, None, each.figures) for each in view.groups]


_PROVIDER = Column("provider", "provider", 10, 9)
COLUMNS: tuple[Column, ...] = (
    Column("name", "model", 12, 0, wants=16, most=28),
    _PROVIDER,
    Column("calls", "calls", 6, 2, right=True),
    Column("errors", "failed", 6, 8, right=True),
    Column("input", "in", _TOKENS, 4, right=True),
    Column("cached", "cached", 6, 6, right=True),
    Column("output", "out", _TOKENS, 5, right=True),
    Column("each", "per call", _COST, 10, right=True),
    Column("cost", "cost", _COST, 1, right=True),
    Column("percent", "share", 6, 7, right=True),
    Column("share", "", 6, 3, most=40),
)


@lru_cache(maxsize=64)
def layout(width: int, group: Group = "model") -> tuple[Placed, ...]:
    """The columns for a row of `width` cells."""
    if group == "model":
        return place(COLUMNS, width)
    name = COLUMNS[0]._replace(title=group, most=48)
    return place((name, *(each for each in COLUMNS[1:] if each is not _PROVIDER)), width)


def head(placed: Sequence[Placed]) -> list[Part]:
    """The titles of the columns."""
    return [
        (
            " " * bool(number) + cell(column.title, width, "right" if column.right else "left"),
            "head",
        )
        for number, (column, width) in enumerate(placed)
    ]


def row(
    each: Row, total: float | None, placed: Sequence[Placed], *, ambiguous: bool = False
) -> list[Part]:
    """A line of the table; `total` is what all of them cost (US dollars).

    An ambiguous model is served by several providers: it names its own, if no column does.
    """
    figures = each.figures
    share = figures.cost / total if figures.cost and total else 0.0
    names = {column.name for column, _ in placed}
    parts: list[Part] = []
    for number, (column, width) in enumerate(placed):
        if number:
            parts.append((" ", ""))
        if column.name == "share":
            parts.append((across(share, width), "bar"))
            continue
        text, meaning = _text(column.name, each, total, width)
        if column.name == "name" and column.title == "model":
            if ambiguous and each.provider and "provider" not in names:
                text = f"{text} {each.provider}"
            text = model_name(text, width)
        elif column.name == "name" and not each.name:
            text, meaning = f"no {column.title}", "dim"
        parts.append((cell(text, width, "right" if column.right else "left"), meaning))
    return parts


def _text(name: str, each: Row, total: float | None, width: int) -> Part:
    figures = each.figures
    match name:
        case "name":
            return each.name or "unknown model", ""
        case "provider":
            return each.provider or numbers.UNKNOWN, "dim"
        case "calls":
            return column_numbers.whole(figures.calls, width), ""
        case "errors":
            told = column_numbers.whole(figures.errors, width)
            return (told, "error") if figures.errors else ("0", "dim")
        case "input":
            return column_numbers.whole(figures.input_tokens, width), ""
        case "output":
            return _at_least(figures) + column_numbers.whole(figures.output_tokens, width - 1), ""
        case "cached":
            cached, told_in = figures.cache_read_tokens, figures.input_tokens
            text = numbers.UNKNOWN if cached is None else numbers.percent(cached, told_in or 0)
            return text, "cached" if cached else "dim"
        case "each":
            each_call = figures.cost / figures.priced_calls if figures.cost else figures.cost
            return column_numbers.dollars(each_call, width), "dim"
        case "percent":
            if figures.cost is None or not total:
                return numbers.UNKNOWN, "dim"
            return numbers.percent(figures.cost, total), "dim"
    return cost(figures, width)


def cost(figures: Figures, width: int = _COST) -> Part:
    """What calls cost: `≥` where some are not priced, `unpriced` where none is."""
    if figures.cost is None:
        return (UNPRICED, "slow") if figures.unpriced_calls else (numbers.UNKNOWN, "dim")
    at_least = is_lower_bound(figures)
    if figures.cost == 0 and not at_least:
        return "$0", ""
    return column_numbers.dollars(figures.cost, width, 4, at_least=at_least), ""


def total_cost(figures: Figures) -> str:
    """What calls cost in all, to the cent; `≥` where some are not priced."""
    if figures.cost is None:
        return UNPRICED if figures.unpriced_calls else numbers.UNKNOWN
    sign = column_numbers.AT_LEAST if is_lower_bound(figures) else ""
    return sign + numbers.money(figures.cost)


def is_lower_bound(figures: Figures) -> bool:
    """Whether the cost is at least what is said, and may be more."""
    return figures.lower_bound or figures.unpriced_calls > 0


def _at_least(figures: Figures) -> str:
    told = figures.lower_bound and figures.output_tokens is not None
    return column_numbers.AT_LEAST if told else ""
