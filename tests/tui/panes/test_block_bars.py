from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.tui.panes.block_bars import LINE, LOW, SHADE, SOLID, Brush, across, stroke, upright

BRUSHES = st.sampled_from([SOLID, LINE, LOW, SHADE])


def test_a_share_is_drawn_to_an_eighth_of_a_cell() -> None:
    assert across(0.5, 4) == "██  "
    assert across(0.53125, 4) == "██▏ "
    assert across(1.0, 4) == "████"


def test_a_share_of_nearly_nothing_is_still_seen() -> None:
    assert across(0.0001, 4) == "▏   "
    assert across(0.0, 4) == "    "


def test_an_upright_bar_grows_from_the_foot() -> None:
    assert upright(12, 3) == " ▄█"
    assert upright(0, 2) == "  "
    assert upright(99, 2) == "██"


@pytest.mark.parametrize(
    ("begin", "end", "drawn"),
    [
        (0.0, 3.0, (0, "███")),
        (0.0, 2.5, (0, "██▌")),
        (1.5, 3.0, (1, "▐█")),
        (1.9, 3.0, (2, "█")),
        (2.0, 2.1, (2, "▏")),
        (2.6, 2.9, (2, "▐")),
        (5.0, 5.0, (4, "▐")),
    ],
)
def test_bars_begin_at_half_cells_and_end_at_eighths(
    begin: float, end: float, drawn: tuple[int, str]
) -> None:
    assert stroke(begin, end, 5, SOLID) == drawn


@given(st.integers(1, 200), st.floats(-10, 400), st.floats(-10, 400), BRUSHES)
def test_a_bar_is_seen_and_stays_on_its_line(
    width: int, one: float, other: float, brush: Brush
) -> None:
    first, text = stroke(min(one, other), max(one, other), width, brush)
    assert text.strip()
    assert first >= 0
    assert first + len(text) <= width
