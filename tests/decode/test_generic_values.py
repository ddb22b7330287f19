"""The spellings that values of hand-made logs have."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.generic_names import NAMES
from llmtop.decode.generic_values import kind_of, written_seconds
from tests.decode.reading import read


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1.5s", 1.5), ("350ms", 0.35), ("350 ms", 0.35), ("2 seconds", 2.0), ("900µs", 0.0009),
        ("1.2e3ms", 1.2), ("0:00:01.5", 1.5), ("00:02", 2.0), ("1:00:00", 3600.0),
        ("1m2.5s", 62.5), ("2m", 120.0), ("1h0m3s", 3603.0), ("PT1.5S", 1.5), ("PT2M", 120.0),
        ("5", None), ("", None), ("fast", None), ("PT", None), ("ms", None),
    ],
)  # fmt: skip
def test_durations_that_tell_their_unit(written: str, seconds: float | None) -> None:
    assert written_seconds(written) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("told", "dollars"),
    [
        ({"cost": 0.25}, 0.25), ({"cost": "0.25"}, 0.25), ({"cost": "$0.25"}, 0.25),
        ({"cost": "0.25 USD"}, 0.25), ({"cost": "$1,000.50"}, 1000.5), ({"cost_cents": 25}, 0.25),
        ({"cost": {"input": 0.1, "output": 0.15, "total": 0.25}}, 0.25),
        ({"cost": 2.5e-5}, 2.5e-5),
        ({"cost": "2.5e-05"}, 2.5e-5), ({"cost": "€0.25"}, None), ({"cost": -1}, None),
        ({"cost": "free"}, None), ({"cost": True}, None),
    ],
    ids=str,
)  # fmt: skip
def test_costs_are_dollars_or_unknown(told: dict[str, Any], dollars: float | None) -> None:
    call = read({"model": "some-model", "prompt": "Hi", **told}).call
    assert call.cost == (None if dollars is None else pytest.approx(dollars))


def test_counts_with_separators_are_counts() -> None:
    assert read({"model": "gpt-4o", "input_tokens": "1,234"}).call.input_tokens == 1234


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from([*NAMES, "duration", "ttft", "duration_untold"]), anything)
def test_no_value_is_too_odd(field: str, value: Any) -> None:
    for unit in (0.0, 1e-3):
        kind_of(field)(value, unit)
