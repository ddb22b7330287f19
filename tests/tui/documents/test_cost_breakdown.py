"""The table of usage and cost: parts, rates, sums, and where a cost comes from."""

from __future__ import annotations

from typing import Any

import pytest

from llmtop.pricing import FREE, Card, Override
from llmtop.span import Flag, Span
from llmtop.tui.documents.cost_breakdown import UsageTable
from tests.tui.spans import prices, span

TABLE = prices(Override(model="gpt-4o*", input=2.0, output=8.0, cache_read=0.5, cache_write=2.5))
CARD = TABLE.card(span().series)


def lines(span: Span, card: Card | None = CARD, width: int = 60, **more: bool) -> list[str]:
    table = UsageTable(span, card, **more)
    return ["".join(text for text, _ in row) for row in table.rows(width)]


def row(shown: list[str], label: str) -> list[str]:
    return next(line.removeprefix(label).split() for line in shown if line.startswith(label))


def test_each_part_is_told_with_its_rate_and_what_it_comes_to() -> None:
    call = span(
        TABLE,
        input_tokens=1000,
        cache_read_tokens=600,
        cache_write_tokens=100,
        output_tokens=50,
        reasoning_tokens=20,
    )
    shown = lines(call)
    assert row(shown, "input") == ["1,000"]
    assert row(shown, "  uncached") == ["300", "2", "0.000600"]
    assert row(shown, "  cache read") == ["600", "0.5", "0.000300"]
    assert row(shown, "  cache written") == ["100", "2.5", "0.000250"]
    assert row(shown, "output") == ["50", "8", "0.000400"]
    assert row(shown, "  reasoning") == ["20"]
    assert row(shown, "total") == ["1,050", "0.001550"]
    assert "your configuration" in " ".join(shown)


def test_a_part_too_small_for_the_decimals_is_not_nothing() -> None:
    tiny = span(TABLE, input_tokens=0, output_tokens=0)
    assert row(lines(tiny), "total") == ["0", "0.000000"]
    card = prices(Override(model="gpt-4o*", input=0.02, output=0.0))
    small = span(card, input_tokens=14, output_tokens=0)
    assert row(lines(small, card.card(small.series)), "input") == ["14", "0.02", "<0.000001"]
    assert row(lines(small, card.card(small.series)), "total") == ["14", "<0.000001"]


def test_a_call_served_on_this_machine_says_so() -> None:
    call = span(TABLE, model="llama3.2", input_tokens=5, flags=int(Flag.LOCAL | Flag.ENDED))
    shown = " ".join(lines(call, FREE))
    assert "Served on this machine" in shown


def test_what_was_written_for_an_hour_has_a_line_of_its_own() -> None:
    call = span(
        TABLE, input_tokens=100, cache_write_tokens=100, cache_write_1h_tokens=40, output_tokens=1
    )
    shown = lines(call)
    assert row(shown, "  cache written")[0] == "60"
    assert row(shown, "  written for 1h")[0] == "40"


def test_without_a_cache_the_input_is_one_line() -> None:
    shown = lines(span(TABLE, input_tokens=1000, output_tokens=50))
    assert row(shown, "input") == ["1,000", "2", "0.002000"]
    assert not any(line.startswith("  ") for line in shown)


def test_a_cost_that_the_record_told_is_not_explained_by_rates_that_did_not_make_it() -> None:
    told = int(Flag.OPENED | Flag.ENDED | Flag.COST_REPORTED)
    shown = lines(span(TABLE, input_tokens=1000, output_tokens=50, cost=0.5, flags=told))
    assert row(shown, "input") == ["1,000"]
    assert row(shown, "total") == ["1,050", "0.500000"]
    assert "The record told the cost" in shown[-1]


@pytest.mark.parametrize(
    ("told", "loaded", "said"),
    [
        ({"input_tokens": 5, "model": "our-own-1"}, True, "No price is known for our-own-1"),
        ({"input_tokens": 5, "model": "our-own-1"}, False, "being loaded"),
        ({"model": "our-own-1"}, True, "no token counts"),
        ({"end": None, "flags": int(Flag.OPENED)}, True, "when the call has ended"),
    ],
)
def test_a_cost_that_is_not_known_is_a_dash_and_the_reason_is_said(
    told: dict[str, Any], loaded: bool, said: str
) -> None:
    shown = lines(span(**told), None, 200, loaded=loaded)
    assert row(shown, "total")[-1] == "–"
    assert said in shown[-1]


def test_unknown_tokens_are_a_dash_and_never_zero() -> None:
    shown = lines(span())
    assert row(shown, "input") == ["–"]
    assert row(shown, "output") == ["–"]
    assert not any("0" in line for line in shown[1:4])


def test_the_least_there_can_be_is_marked() -> None:
    least = int(Flag.OPENED | Flag.ENDED | Flag.LOWER_BOUND)
    shown = lines(span(TABLE, input_tokens=10, output_tokens=50, flags=least))
    assert row(shown, "output")[0] == "≥50"
    assert row(shown, "total")[-1].startswith("≥")


@pytest.mark.parametrize("width", [44, 76, 120])
def test_columns_line_up(width: int) -> None:
    call = span(TABLE, input_tokens=1_234_567, cache_read_tokens=1_000_000, output_tokens=50)
    table = lines(call, width=width)[:6]
    assert {len(line) for line in table} == {len(table[0])}
    assert len(table[0]) <= width
