from __future__ import annotations

import pytest

from llmtop import written_figures


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        (None, "–"),
        (0.0, "$0.00"),
        (0.000_012_3, "$0.0000123"),
        (0.001_234_5, "$0.00123"),
        (0.5, "$0.5"),
        (0.9999, "$1"),
        (12.3, "$12.30"),
        (12_345.678, "$12,345.68"),
    ],
)
def test_what_costs_little_is_not_told_as_nothing(cost: float | None, told: str) -> None:
    assert written_figures.dollars(cost) == told


@pytest.mark.parametrize(
    ("length", "told"), [(None, "–"), (0.0, "0 ms"), (0.34, "340 ms"), (12.345, "12.35 s")]
)
def test_lengths_of_time_have_a_unit_that_suits_them(length: float | None, told: str) -> None:
    assert written_figures.seconds(length) == told


@pytest.mark.parametrize(
    ("number", "told"), [(999, "999 bytes"), (34_500, "34.5 kB"), (1_200_000_000, "1.2 GB")]
)
def test_sizes_have_a_unit_that_suits_them(number: int, told: str) -> None:
    assert written_figures.size(number) == told


def test_counts_are_told_in_full() -> None:
    assert written_figures.count(1_234_567) == "1,234,567"
    assert written_figures.count(None) == "–"
