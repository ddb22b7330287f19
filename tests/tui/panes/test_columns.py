from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmtop.tui.panes.columns import Column, place

NAMES = Column("name", "name", 8, 0, most=12)
COST = Column("cost", "cost", 6, 1, right=True)
NOTE = Column("note", "note", 5, 2, wants=9, most=20)
EXTRA = Column("extra", "extra", 4, 3)


def widths(width: int) -> dict[str, int]:
    return {placed.column.name: placed.width for placed in place((NAMES, NOTE, COST, EXTRA), width)}


def test_what_is_worth_most_stays_when_there_is_not_room_for_all() -> None:
    assert widths(8) == {"name": 8}
    assert widths(15) == {"name": 8, "cost": 6}


def test_columns_stand_in_their_own_order_whatever_they_are_worth() -> None:
    assert list(widths(60)) == ["name", "note", "cost", "extra"]


def test_a_column_gets_what_it_wants_before_a_lesser_one_gets_any() -> None:
    assert "extra" not in widths(8 + 1 + 6 + 1 + 5 + 5)
    assert widths(8 + 1 + 6 + 1 + 9 + 5)["note"] == 9
    assert "extra" in widths(8 + 1 + 6 + 1 + 9 + 5)


def test_the_last_column_takes_what_nobody_can_use() -> None:
    assert widths(100)["name"] == 12
    assert widths(100)["extra"] == 100 - 12 - 20 - 6 - 3


@given(st.integers(1, 250))
def test_columns_and_gaps_fill_the_row_exactly(width: int) -> None:
    found = widths(width)
    assert sum(found.values()) + len(found) - 1 == width
