"""The tree of a trace."""

from __future__ import annotations

import pytest

from llmtop.live.view import DRAWN_DEPTH, TraceView
from llmtop.span import Flag, Fragment
from tests.live.fragments import NOON, live, span


def tree(*fragments: Fragment, now: float = NOON + 10.0) -> TraceView:
    found = live(*fragments, now=now).trace("trace", now)
    assert found is not None
    return found


def shape(view: TraceView) -> list[tuple[str, int]]:
    return [(row.span.span_id, row.depth) for row in view.rows]


def test_children_stand_below_their_parent_in_the_order_of_their_starts() -> None:
    view = tree(
        span("late", NOON + 2, NOON + 3, parent_id="root"),
        span("root", NOON, NOON + 4),
        span("early", NOON + 1, NOON + 2, parent_id="root"),
        span("leaf", NOON + 1, NOON + 2, parent_id="early"),
    )
    assert shape(view) == [("root", 0), ("early", 1), ("leaf", 2), ("late", 1)]
    assert [row.last for row in view.rows] == [True, False, True, True]
    assert view.rows[2].ancestors_last == (True, False)
    assert view.rows[0].children == 2


def test_a_child_is_an_orphan_until_its_parent_comes() -> None:
    state = live(span("child", parent_id="root"))
    before = state.trace("trace", NOON)
    assert before is not None
    assert before.rows[0].orphan
    state.apply([span("root", NOON - 1, NOON + 1)], NOON)
    after = state.trace("trace", NOON)
    assert after is not None
    assert shape(after) == [("root", 0), ("child", 1)]
    assert not after.rows[1].orphan


def test_an_empty_parent_is_none() -> None:
    for fragments in ([span("a", parent_id="")], [span("a"), span("a", parent_id="")]):
        view = tree(*fragments)
        assert not view.rows[0].orphan


def test_parents_that_lead_back_to_themselves_are_broken_at_the_earliest() -> None:
    view = tree(
        span("tail", NOON + 3, NOON + 4, parent_id="b"),
        span("a", NOON + 1, NOON + 2, parent_id="c"),
        span("b", NOON, NOON + 2, parent_id="a"),
        span("c", NOON + 2, NOON + 3, parent_id="b"),
        span("self", NOON + 5, NOON + 6, parent_id="self"),
    )
    assert shape(view) == [("self", 0), ("b", 0), ("c", 1), ("a", 2), ("tail", 1)]
    assert view.rows[1].span.flags & Flag.LOOP


def test_costs_and_tokens_roll_up_over_counted_calls_only() -> None:
    view = tree(
        span("agent", NOON, NOON + 9, operation="invoke_agent", input_tokens=999),
        span(
            "one", NOON, NOON + 1, parent_id="agent", operation="chat", model="m",
            input_tokens=10, output_tokens=1, status="ok",
        ),
        span(
            "two", NOON, NOON + 1, parent_id="agent", operation="chat", model="mystery",
            input_tokens=20, status="error", error_type="Timeout",
        ),
    )  # fmt: skip
    root = view.rows[0]
    assert (root.input_tokens, root.output_tokens, root.errors) == (30, 1, 1)
    assert root.cost == pytest.approx(14e-6)
    assert (view.calls, view.errors, view.spans) == (2, 1, 3)
    assert view.rows[2].cost is None


def test_the_axis_reaches_to_now_while_something_runs() -> None:
    ended = tree(span("a", NOON, NOON + 2))
    running = tree(span("a", NOON, NOON + 2), span("b", NOON + 1, parent_id="a"))
    assert (ended.start, ended.end, ended.running) == (NOON, NOON + 2, 0)
    assert (running.end, running.running) == (NOON + 10, 1)


def test_a_very_deep_trace_is_built_without_recursion() -> None:
    depth = 15_000
    state = live()
    state.apply(
        [
            span(f"s{n}", NOON + n * 1e-3, NOON + 99, parent_id=f"s{n - 1}" if n else None)
            for n in range(depth)
        ],
        NOON,
    )
    view = state.trace("trace", NOON)
    assert view is not None
    assert view.rows[-1].depth == depth - 1
    assert len(view.rows[-1].ancestors_last) == DRAWN_DEPTH


def test_a_trace_keeps_so_many_spans_and_says_how_many_it_left_out() -> None:
    state = live()
    state.apply([span(f"s{n}", NOON + n * 1e-3, NOON + n * 1e-3) for n in range(23_000)], NOON)
    view = state.trace("trace", NOON + 30)
    assert view is not None
    assert view.spans + view.omitted == 23_000
    assert view.omitted > 0
    assert view.rows[0].span.span_id == "s0"


def test_the_same_span_id_in_two_traces_is_two_spans() -> None:
    state = live(
        span("root", NOON, NOON + 1, trace_id="a"),
        span("leaf", NOON, NOON + 1, trace_id="a", parent_id="root"),
        span("root", NOON, NOON + 1, trace_id="b"),
        span("leaf", NOON, NOON + 1, trace_id="b", parent_id="root"),
    )
    for trace_id in ("a", "b"):
        view = state.trace(trace_id, NOON)
        assert view is not None
        assert [row.depth for row in view.rows] == [0, 1]


def test_a_picture_once_taken_is_taken_again_when_a_span_ends() -> None:
    state = live(span("a", NOON))
    assert state.trace("trace", NOON + 1).running == 1  # type: ignore[union-attr]  # it is kept
    state.apply([span("a", NOON, NOON + 3)], NOON + 3)
    view = state.trace("trace", NOON + 60)
    assert view is not None
    assert (view.running, view.end) == (0, NOON + 3)
