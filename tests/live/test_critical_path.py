"""The critical path: what a trace's duration is made of."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.live.critical_path import CriticalPath, critical_path
from llmtop.live.view import TraceView
from llmtop.span import Fragment
from tests.live.fragments import NOON, live, span


def tree(*fragments: Fragment, now: float = NOON + 10.0) -> TraceView:
    found = live(*fragments, now=now).trace("trace", now)
    assert found is not None
    return found


def told(view: TraceView, path: CriticalPath) -> list[tuple[str, float, float]]:
    """The sections by the span's id, in seconds from the trace's start."""
    return [
        (
            view.rows[section.row].span.span_id if section.row >= 0 else "",
            round(section.start - view.start, 3),
            round(section.end - view.start, 3),
        )
        for section in path.sections
    ]


def found(*fragments: Fragment, now: float = NOON + 10.0) -> list[tuple[str, float, float]]:
    view = tree(*fragments, now=now)
    return told(view, critical_path(view))


def step(name: str, start: float, end: float | None, parent: str | None = "root") -> Fragment:
    return span(name, NOON + start, None if end is None else NOON + end, parent_id=parent)


def test_a_lone_span_is_the_whole_path() -> None:
    assert found(step("only", 0, 3, None)) == [("only", 0, 3)]


def test_steps_one_after_the_other_are_all_on_it_and_their_parent_has_what_is_between() -> None:
    steps = found(step("root", 0, 10, None), step("search", 1, 3), step("answer", 4, 9))
    assert steps == [
        ("root", 0, 1),
        ("search", 1, 3),
        ("root", 3, 4),
        ("answer", 4, 9),
        ("root", 9, 10),
    ]


def test_of_steps_side_by_side_only_the_last_to_end_is_on_it() -> None:
    steps = found(step("root", 0, 5, None), step("quick", 1, 2), step("slow", 1, 5))
    assert steps == [("root", 0, 1), ("slow", 1, 5)]


def test_what_went_on_when_the_next_step_began_was_not_waited_for() -> None:
    steps = found(step("root", 0, 8, None), step("aside", 0, 6), step("last", 5, 8))
    assert steps == [("root", 0, 5), ("last", 5, 8)]


def test_times_of_whole_milliseconds_do_not_hide_a_step() -> None:
    steps = found(step("root", 0, 4, None), step("first", 0, 2.001), step("second", 2, 4))
    assert steps == [("first", 0, 2), ("second", 2, 4)]


def test_it_leads_down_to_the_leaf_that_was_waited_for() -> None:
    steps = found(
        step("root", 0, 6, None),
        step("agent", 1, 6),
        step("think", 1, 2, "agent"),
        step("tool", 2, 5, "agent"),
    )
    assert steps == [
        ("root", 0, 1),
        ("think", 1, 2),
        ("tool", 2, 5),
        ("agent", 5, 6),
    ]


def test_a_span_that_only_passes_time_on_is_on_it_with_no_time_of_its_own() -> None:
    view = tree(step("root", 0, 4, None), step("all of it", 0, 4))
    path = critical_path(view)
    assert dict(path.self_times) == {0: 0.0, 1: pytest.approx(4.0)}


def test_a_child_that_outlives_its_parent_holds_up_the_trace() -> None:
    steps = found(step("root", 0, 2, None), step("background", 1, 5))
    assert steps == [("root", 0, 1), ("background", 1, 5)]


def test_a_child_whose_clock_is_early_begins_the_path() -> None:
    steps = found(step("root", 0, 3, None), step("early", -1, 1))
    assert steps == [("early", 0, 2), ("root", 2, 4)]


def test_time_in_which_nothing_went_on_is_nobodys() -> None:
    view = tree(step("root", 0, 2, None), step("queued", 5, 6))
    path = critical_path(view)
    assert told(view, path) == [("root", 0, 2), ("", 2, 5), ("queued", 5, 6)]
    assert path.unknown == pytest.approx(3.0)


def test_roots_that_follow_each_other_are_one_path() -> None:
    steps = found(step("one", 0, 2, None), step("other", 3, 5, None))
    assert steps == [("one", 0, 2), ("", 2, 3), ("other", 3, 5)]


def test_what_still_runs_holds_up_the_trace_until_now() -> None:
    steps = found(
        step("root", 0, None, None), step("done", 1, 2), step("going", 2, None), now=NOON + 7
    )
    assert steps == [("root", 0, 1), ("done", 1, 2), ("going", 2, 7)]


def test_parents_that_lead_back_to_themselves_end_the_walk_all_the_same() -> None:
    steps = found(step("a", 0, 3, "b"), step("b", 1, 2, "a"))
    assert steps == [("a", 0, 1), ("b", 1, 2), ("a", 2, 3)]


def test_a_span_that_ended_before_it_began_takes_no_time() -> None:
    steps = found(step("root", 0, 3, None), step("wrong", 2, 1))
    assert steps == [("root", 0, 3)]


spans = st.lists(
    st.tuples(st.integers(-20, 60), st.one_of(st.none(), st.integers(-5, 40)), st.integers(-1, 24)),
    min_size=1,
    max_size=25,
)


@given(spans)
def test_it_covers_the_trace_once_whatever_the_tree(
    drawn: list[tuple[int, int | None, int]],
) -> None:
    view = tree(
        *(
            span(
                f"s{number}",
                NOON + start / 8,
                None if length is None else NOON + (start + length) / 8,
                parent_id=f"s{parent}" if parent >= 0 else None,
            )
            for number, (start, length, parent) in enumerate(drawn)
        ),
        now=NOON + 20,
    )
    path = critical_path(view)
    if view.end == view.start:
        assert not path.sections
        return
    assert path.sections[0].start == view.start
    assert path.sections[-1].end == view.end
    assert all(one.end == other.start for one, other in pairwise(path.sections))
    assert all(section.start < section.end for section in path.sections)
    for section in path.sections:
        if section.row >= 0:
            each = view.rows[section.row].span
            assert each.start <= section.start
            assert each.running or section.end <= (each.end or each.start) + 1e-6
    total = sum(path.self_times.values()) + path.unknown
    assert total == pytest.approx(view.end - view.start)


@given(spans)
def test_whoever_is_on_it_hangs_on_one_that_is(drawn: list[tuple[int, int | None, int]]) -> None:
    view = tree(
        *(
            span(f"s{at}", NOON + start, NOON + start + abs(length or 0), parent_id=f"s{parent}")
            for at, (start, length, parent) in enumerate(drawn)
        )
    )
    on_it = set(critical_path(view).self_times)
    above: list[int] = []
    for number, row in enumerate(view.rows):
        del above[row.depth :]
        if number in on_it and above:
            assert above[-1] in on_it
        above.append(number)


def test_a_very_deep_trace_is_walked_without_recursion() -> None:
    depth = 20_000
    chain = [step(f"s{at}", at / depth, 9, f"s{at - 1}" if at else None) for at in range(depth)]
    view = tree(*chain)
    path = critical_path(view)
    assert len(path.self_times) == depth
    assert path.sections[-1].row == depth - 1


def test_a_wide_trace_is_walked_step_by_step() -> None:
    wide = [step(f"s{at}", at / 500, (at + 1) / 500) for at in range(4_000)]
    view = tree(*wide, step("root", 0, 8, None))
    path = critical_path(view)
    assert len(path.sections) == 4_000
    assert path.self_times[0] == 0.0
