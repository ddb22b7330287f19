"""A table's lines fit under each other and cannot move the cursor."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from llmtop.history.rows_as_table import MEASURED, WIDEST, shown, width, write_table

FIELDS = ("model", "latency_ms", "estimated_cost")


def table(rows: list[dict[str, object]]) -> list[str]:
    out = io.BytesIO()
    assert write_table(rows, out, FIELDS) == len(rows)
    return out.getvalue().decode().splitlines()


@given(st.lists(st.text(max_size=80), min_size=1, max_size=8))
def test_each_row_is_one_line_whose_columns_begin_together(names: list[str]) -> None:
    lines = table([{"model": name, "latency_ms": 1.0, "estimated_cost": 2.5} for name in names])
    assert len(lines) == len(names) + 1
    assert all(line.isprintable() for line in lines)
    assert len({width(line) for line in lines}) == 1
    assert width(lines[0]) <= WIDEST + 2 + 10 + 2 + 14


def test_rows_behind_the_measured_ones_are_written_too() -> None:
    rows: list[dict[str, object]] = [
        {"model": "m" * (1 + n // 100), "latency_ms": float(n), "estimated_cost": None}
        for n in range(3 * MEASURED)
    ]
    lines = table(rows)
    assert len(lines) == 3 * MEASURED + 1
    assert lines[-1].split() == ["mmmm…", "599", "–"]


def test_figures_are_written_for_people() -> None:
    assert shown("estimated_cost", 0.000123456) == "$0.000123"
    assert shown("estimated_cost", 1234.5) == "$1,234.50"
    assert shown("latency_ms", 12345.6) == "12,346"
    assert shown("prompt_tokens", 1234567) == "1,234,567"
    assert shown("timestamp", "2025-11-24T12:00:00.123456+00:00") == "2025-11-24 12:00:00"
    assert shown("models", ["a", "b"]) == "a, b"
    assert shown("error", None) == "–"
