"""Durations whose names tell no unit."""

from __future__ import annotations

import pytest

from llmtop.decode.generic_units import Units
from tests.decode.reading import read


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (0.85, 0.85), (3.25, 3.25), (45.5, 45.5), (12, 12), (850, 0.85), (523.41, 0.52341),
        (1500.25, 1.50025), (1_500_000_000, 1.5),
    ],
)  # fmt: skip
def test_the_size_of_a_number_tells_its_unit(told: float, seconds: float) -> None:
    assert Units().seconds("latency", told) == pytest.approx(seconds)


def test_a_log_that_was_seen_to_count_milliseconds_counts_small_ones_too() -> None:
    units = Units()
    units.seconds("latency", 1800)
    assert units.seconds("latency", 85) == pytest.approx(0.085)
    assert units.said("latency") == "milliseconds by the size"
    assert units.seconds("other", 85) == 85.0


def test_small_numbers_of_a_log_go_with_its_larger_ones() -> None:
    units = Units()
    units.seconds("duration", 812.5)
    assert units.seconds("duration", 85.2) == pytest.approx(0.0852)
    assert units.seconds("duration", 3.25) == 3.25, "no call takes so few milliseconds"
    assert units.seconds("duration", 240.5) == 240.5


def test_a_log_that_was_seen_to_count_seconds_counts_long_calls_too() -> None:
    units = Units()
    units.seconds("elapsed", 1.25)
    assert units.seconds("elapsed", 240.5) == 240.5
    assert units.said("elapsed") == "seconds by the size"


def test_each_log_has_units_of_its_own() -> None:
    slow = read({"model": "gpt-4o", "duration": 2.5}, {"model": "gpt-4o", "duration": 300.5})
    assert [call.latency for call in slow.calls] == [pytest.approx(2.5), pytest.approx(300.5)]
    quick = read({"model": "gpt-4o", "duration": 2500}, {"model": "gpt-4o", "duration": 90})
    assert [call.latency for call in quick.calls] == [pytest.approx(2.5), pytest.approx(0.09)]


def test_it_is_said_by_what_the_unit_was_told() -> None:
    (explained,) = read({"model": "gpt-4o", "latency": 2500}).decoder.explain(0)
    assert dict(explained.fields)["duration"] == "latency, milliseconds by the size"
