"""The latency sketch."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.live.sketch import bucket, lower_edge, quantiles, value

DURATIONS = st.floats(1e-6, 7 * 24 * 3600.0)


@given(DURATIONS)
def test_a_bucket_stands_for_its_durations_within_one_percent(seconds: float) -> None:
    number = bucket(seconds)
    assert abs(value(number) - seconds) <= seconds * 0.01
    assert lower_edge(number) <= seconds * (1 + 1e-9)
    assert seconds <= lower_edge(number + 1) * (1 + 1e-9)


@given(st.lists(DURATIONS, min_size=1, max_size=200), st.sampled_from([0.0, 0.5, 0.9, 0.99, 1.0]))
def test_quantiles_are_within_one_percent_of_numpys_linear_ones(
    durations: list[float], share: float
) -> None:
    ordered = sorted(durations)
    rank = share * (len(ordered) - 1)
    low, high = ordered[int(rank)], ordered[min(int(rank) + 1, len(ordered) - 1)]
    exact = low + (high - low) * (rank - int(rank))
    (found,) = quantiles(Counter(map(bucket, durations)), (share,))
    assert found == pytest.approx(exact, rel=0.0101)


def test_no_time_at_all_is_a_duration() -> None:
    assert value(bucket(0.0)) == 0.0
    assert quantiles({bucket(0.0): 3}, (0.5,)) == (0.0,)


def test_an_empty_sketch_has_no_quantiles() -> None:
    with pytest.raises(IndexError):
        quantiles({}, (0.5,))
