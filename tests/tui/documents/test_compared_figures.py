"""Two calls' figures: the differences are right, and lines fit whatever the width."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from llmtop.payload import Payload
from llmtop.tui import numbers
from llmtop.tui.documents.compared_figures import (
    Compared,
    ComparedFigures,
    Side,
    compared,
    difference,
)
from tests.tui.spans import BEGAN, span


def figures(
    left: Mapping[str, Any],
    right: Mapping[str, Any],
    *parameters: dict[str, Any],
) -> dict[str, Compared]:
    one, other = parameters or ({}, {})
    sides = (
        Side(span(**left), Payload(parameters=one)),
        Side(span(**right), Payload(parameters=other)),
    )
    return {each.label: each for each in compared(*sides, "utc", BEGAN + 60)}


def test_each_figure_tells_what_the_second_has_more_or_less() -> None:
    found = figures(
        {"input_tokens": 1000, "output_tokens": 10, "ttft": 0.5, "cost": 0.02},
        {"input_tokens": 1500, "output_tokens": 10, "ttft": 0.25, "cost": 0.01, "end": BEGAN + 4},
    )
    assert found["input"] == Compared("input", "1,000", "1,500", "+500 +50%")
    assert found["output"].difference == "="
    assert found["first token"] == Compared("first token", "500ms", "250ms", "-250ms -50%")
    assert found["latency"].difference == "+2.00s +100%"
    assert found["cost"].difference == "-$0.010 -50%"


def test_what_one_of_them_does_not_tell_is_no_difference() -> None:
    found = figures({"input_tokens": 10}, {"end": None, "flags": 1})
    assert found["input"] == Compared("input", "10", "–", "–")
    assert found["latency"].difference == "–"
    assert "output" not in found


def test_parameters_are_compared_by_name() -> None:
    found = figures(
        {}, {}, {"temperature": 0.2, "top_p": 1, "seed": 7}, {"temperature": 0.9, "top_p": 1}
    )
    assert found["temperature"] == Compared("temperature", "0.2", "0.9", "≠")
    assert found["top_p"].difference == "="
    assert found["seed"] == Compared("seed", "7", "–", "only A")


def test_a_difference_of_thousands_of_times_stays_readable() -> None:
    assert difference(1.0, 2_000_000.0, numbers.tokens) == "+2.0M x2,000,000"
    assert difference(0.0, 5.0, numbers.tokens) == "+5"


told = st.builds(Compared, *[st.text("ab漢[\x1b\n ", max_size=50)] * 3, st.sampled_from("=≠–"))


@pytest.mark.parametrize("width", [5, 30, 59, 60, 80, 140])
@given(st.lists(told, max_size=5), st.text("m漢[", max_size=60))
def test_every_line_fits(width: int, rows: list[Compared], name: str) -> None:
    for line in ComparedFigures(name, name, rows).rows(width):
        assert cell_len("".join(text for text, _ in line)) <= width
