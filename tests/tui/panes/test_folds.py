from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmtop.live.view import TraceRow
from llmtop.tui.panes.folds import Folds, ancestors
from tests.live.fragments import NOON, live, span


def rows(*parents: tuple[str, str | None]) -> tuple[TraceRow, ...]:
    """The rows of a trace of spans and their parents."""
    spans = [
        span(name, NOON + number, NOON + 99, parent_id=parent)
        for number, (name, parent) in enumerate(parents)
    ]
    found = live(*spans).trace("trace", NOON + 100)
    assert found is not None
    return found.rows


def names(shown: object) -> str:
    assert isinstance(shown, tuple | list)
    return "".join(row.span.span_id.rpartition("/")[2] for row in shown)


TREE = rows(("a", None), ("b", "a"), ("c", "b"), ("d", "b"), ("e", "a"), ("f", None), ("g", "f"))


def key(name: str) -> str:
    return next(row.span.span_id for row in TREE if names([row]) == name)


def test_nothing_is_folded_at_first() -> None:
    assert Folds().visible(TREE) == (TREE, {})


def test_a_fold_hides_all_that_is_below_and_counts_it() -> None:
    folds = Folds()
    folds.toggle(key("b"))
    shown, hidden = folds.visible(TREE)
    assert names(shown) == "abefg"
    assert hidden == {key("b"): 2}


def test_a_fold_inside_a_fold_stays_for_later() -> None:
    folds = Folds()
    folds.toggle(key("b"))
    folds.toggle(key("a"))
    assert names(folds.visible(TREE)[0]) == "afg"
    folds.toggle(key("a"))
    assert names(folds.visible(TREE)[0]) == "abefg"


def test_all_branches_fold_and_unfold_at_once() -> None:
    folds = Folds()
    folds.fold_all(TREE)
    shown, hidden = folds.visible(TREE)
    assert names(shown) == "af"
    assert hidden == {key("a"): 4, key("f"): 1}
    folds.unfold_all(TREE)
    assert names(folds.visible(TREE)[0]) == "abcdefg"


def test_a_row_is_revealed_by_unfolding_what_stands_above_it_and_nothing_else() -> None:
    folds = Folds()
    folds.fold_all(TREE)
    assert folds.reveal(TREE, names(TREE).index("d"))
    assert names(folds.visible(TREE)[0]) == "abcdef"
    assert not folds.reveal(TREE, names(TREE).index("d"))


def test_ancestors_are_told_from_the_parent_up() -> None:
    assert [names([TREE[at]]) for at in ancestors(TREE, names(TREE).index("d"))] == ["b", "a"]
    assert ancestors(TREE, 0) == []


@given(st.lists(st.integers(0, 12), min_size=1, max_size=13), st.sets(st.integers(0, 12)))
def test_hidden_and_shown_rows_add_up(parents: list[int], folded: set[int]) -> None:
    tree = rows(
        *(
            (f"{number:02}", f"{parent:02}" if parent < number else None)
            for number, parent in enumerate(parents)
        )
    )
    folds = Folds()
    for row in tree:
        if int(names([row])) in folded:
            folds.toggle(row.span.span_id)
    shown, hidden = folds.visible(tree)
    assert len(shown) + sum(hidden.values()) == len(tree)
