"""Rows are sorted whatever their number, and hold no more memory than is allowed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmtop.history.sorted_rows import key_of, sorted_rows

FIGURES = st.lists(st.none() | st.floats(allow_nan=False), max_size=60)


@given(FIGURES, st.integers(min_value=1, max_value=5000))
def test_the_largest_come_first_and_the_unknown_last(
    figures: list[float | None], most_bytes: int
) -> None:
    rows = [(key_of(figure), str(at).encode()) for at, figure in enumerate(figures)]
    found = [figures[int(row)] for row in sorted_rows(rows, most_bytes=most_bytes)]
    known = [figure for figure in figures if figure is not None]
    assert found == [*sorted(known, reverse=True), *[None] * (len(figures) - len(known))]


def test_rows_of_one_key_stay_in_their_order() -> None:
    rows = [((True, at % 3), str(at).encode()) for at in range(1000)]
    for most_bytes in (10**9, 2000):
        found = [int(row) for row in sorted_rows(rows, descending=False, most_bytes=most_bytes)]
        assert found == sorted(range(1000), key=lambda at: at % 3)
