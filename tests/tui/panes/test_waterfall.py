from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from llmtop.span import Flag, Fragment, Span
from llmtop.tui.panes.waterfall import Waterfall, waterfall
from tests.live.fragments import ENDED, NOON, OPENED, live, span

AXIS = Waterfall(start=NOON, length=10.0, width=20, grid=())


def one(start: float, end: float | None, operation: str = "chat", **told: Any) -> Span:
    """A span that lasted from second to second after noon."""
    last = None if end is None else NOON + end
    found = live(span("s", NOON + start, last, operation=operation, model="m", **told))
    return found.index.traces["trace"].spans()[0]


def bar(found: Span, axis: Waterfall = AXIS, now: float = 10.0, words: str = "") -> str:
    return "".join(text for text, _ in axis.bar(found, NOON + now, (words, "error")))


def colours(found: Span) -> set[str]:
    return {meaning for text, meaning in AXIS.bar(found, NOON + 10, ("", "")) if text.strip()}


def test_a_bar_lies_where_its_span_lies_in_time() -> None:
    assert bar(one(0, 10)) == "█" * 20
    assert bar(one(2.5, 5)) == "     █████          "


def test_calls_tools_and_chains_look_different_without_colour() -> None:
    assert bar(one(0, 2)).strip() == "████"
    assert bar(one(0, 2, "execute_tool")).strip() == "▄▄▄▄"
    assert bar(one(0, 2, "chain")).strip() == "━━━━"
    assert bar(one(0, 2, "invoke_agent")).strip() == "━━━━"
    assert len({bar(one(0, 2, operation)) for operation in ("chat", "retrieval", "turn")}) == 3


def test_the_wait_for_the_first_token_is_shaded() -> None:
    assert bar(one(0, 5, ttft=2.0)).strip() == "▒▒▒▒██████"


def test_what_runs_has_an_open_end_that_moves() -> None:
    assert bar(one(0, None), now=5) == "██████████▶         "
    assert bar(one(0, None), now=8) == "████████████████▶   "


def test_a_failed_span_is_coloured_as_such() -> None:
    assert colours(one(0, 5, status="error", error_type="boom")) == {"bar-error"}
    assert colours(one(0, 5)) == {"bar"}


def test_a_lost_span_has_no_end() -> None:
    found = one(5, None)
    found.flags |= Flag.LOST
    assert bar(found) == "          ╌╌╌╌╌╌╌╌╌?"


def test_a_span_without_times_is_a_point() -> None:
    found = live(Fragment(span_id="s", start=NOON + 5, flags=OPENED | ENDED, trace_id="trace"))
    assert bar(found.index.traces["trace"].spans()[0]) == "          ·         "


def test_words_stand_beside_the_bar_where_there_is_room() -> None:
    assert bar(one(0, 1), words="boom") == "██ boom             "
    assert bar(one(9, 10), words="boom") == "             boom ██"
    assert bar(one(0, 5), words="rate_limit_error") == "██████████ rate_lim…"
    assert bar(one(0, 10), words="boom") == "█" * 20


def test_a_label_without_room_at_the_right_stands_at_the_left_of_its_tick() -> None:
    found = Waterfall(NOON, 0.605, 27, ())
    assert found.ticks() == "╷0               500ms╷    "


def test_ticks_are_drawn_through_the_empty_cells() -> None:
    assert bar(one(0, 2), AXIS._replace(grid=(2, 10))) == "████      ┊         "


def trace_of(*fragments: Fragment, now: float = 10.0) -> Waterfall:
    found = live(*fragments, now=NOON + now).trace("trace", NOON + now)
    assert found is not None
    return waterfall(found, 40)


def test_the_axis_of_a_finished_trace_ends_with_it() -> None:
    axis = trace_of(span("a", NOON, NOON + 4))
    assert (axis.start, axis.length) == (NOON, 4.0)
    assert axis.ticks() == "╷0        ╷1s       ╷2s       ╷3s       "


def test_the_axis_of_a_running_trace_moves_on_in_steps() -> None:
    at = [trace_of(span("a", NOON), now=now) for now in (4.2, 4.5, 4.9)]
    assert at[0] == at[1] == at[2]
    assert at[0].length > 4.9
    assert trace_of(span("a", NOON), now=9.0).length > 9.0


def test_a_trace_of_no_length_has_an_axis_all_the_same() -> None:
    axis = trace_of(span("a", NOON, NOON))
    assert axis.length > 0
    assert len(axis.ticks()) == 40


@pytest.mark.parametrize("operation", ["chat", "execute_tool", "chain"])
@given(
    width=st.integers(1, 250),
    start=st.floats(-20, 20),
    length=st.one_of(st.none(), st.floats(0, 40)),
    ttft=st.one_of(st.none(), st.floats(0, 40)),
    now=st.floats(-5, 40),
    words=st.text(max_size=30),
    grid=st.sets(st.integers(0, 250)),
)
def test_any_bar_takes_exactly_its_line_and_is_seen(
    operation: str,
    width: int,
    start: float,
    length: float | None,
    ttft: float | None,
    now: float,
    words: str,
    grid: set[int],
) -> None:
    found = one(start, None if length is None else start + length, operation, ttft=ttft)
    axis = AXIS._replace(width=width, grid=tuple(grid))
    shown = bar(found, axis, now, words)
    assert cell_len(shown) == width
    assert set(shown) & set("█▏▎▍▌▋▊▉▐▒━╸╺▄▖▗▶·")
