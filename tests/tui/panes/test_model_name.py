from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from llmtop.tui.panes.model_name import model_name


def test_a_name_that_fits_is_left_alone() -> None:
    assert model_name("gpt-4o", 10) == "gpt-4o    "


def test_both_ends_stay_so_that_a_family_can_be_told_apart() -> None:
    assert model_name("text-embedding-3-small", 15) == "text-embe…small"
    assert model_name("text-embedding-3-large", 15) == "text-embe…large"


def test_in_very_little_room_the_beginning_stays() -> None:
    assert model_name("text-embedding-3-small", 6) == "text-…"


@given(st.text(), st.integers(1, 40))
def test_any_name_takes_exactly_its_room(name: str, width: int) -> None:
    assert cell_len(model_name(name, width)) == width
