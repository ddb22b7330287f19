"""The critical path in the trace pane: what the trace waited for stands out, without colour too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from llmtop.tui.panes.path_shares import thinned
from llmtop.tui.panes.trace_tree import TraceTreePane
from tests.live.fragments import NOON, request, response, span
from tests.tui.panes.one_pane import OnePane, title

TRACE = (
    span("root", NOON, NOON + 10, name="plan"),
    span("quick", NOON + 1, NOON + 2, parent_id="root", name="quick"),
    span("slow", NOON + 1, NOON + 9, parent_id="root", name="slow"),
    request("call", NOON + 9, span_id="call", trace_id="trace", parent_id="root"),
    response("call", NOON + 9.5),
)


def line(app: OnePane, name: str) -> str:
    return next(text for text in app.lines if f" {name} " in text)


async def test_what_was_waited_for_stays_and_the_rest_is_thin() -> None:
    pane = TraceTreePane(in_screen=True)
    app = OnePane(pane, *TRACE)
    async with app.run_test(size=(110, 12)) as pilot:
        pane.show_trace(app.trace("trace"))
        before = app.lines
        await pilot.press("c")
        assert "critical path" in title(pane)
        assert "─" in line(app, "quick").partition("quick")[2]
        assert "━" not in line(app, "quick")
        assert "8.00s 80.0%" in line(app, "slow")
        assert "1.50s 15.0%" in line(app, "plan")
        plan = line(app, "plan").partition("plan")[2]
        assert "━" in plan
        assert "─" in plan
        assert "what the trace waited for" in app.lines[-1]
        await pilot.press("c")
        assert app.lines == before
        assert "critical" not in title(pane)


async def test_it_follows_what_runs() -> None:
    pane = TraceTreePane(in_screen=True)
    app = OnePane(pane, span("root", NOON, None, name="plan"), now=NOON + 2)
    async with app.run_test(size=(110, 12)) as pilot:
        pane.show_trace(app.trace("trace"))
        await pilot.press("c")
        assert "2.00s 100%" in line(app, "plan")
        app.renew(span("child", NOON + 2, None, parent_id="root", name="step"), now=NOON + 4)
        pane.show_trace(app.trace("trace"))
        assert "2.00s 50.0%" in line(app, "plan")
        assert "2.00s 50.0%" in line(app, "step")


@pytest.mark.parametrize("width", [20, 34, 46, 80, 150, 220])
async def test_rows_keep_their_width(width: int) -> None:
    pane = TraceTreePane(in_screen=True)
    app = OnePane(pane, *TRACE)
    async with app.run_test(size=(width, 12)) as pilot:
        app.critical = True
        pane.show_trace(app.trace("trace"))
        await pilot.pause()
        assert all(cell_len(text) == width for text in app.lines)


@given(
    st.lists(st.text("█▒▄━", min_size=1, max_size=6), max_size=3),
    st.lists(st.tuples(st.floats(0, 20), st.floats(0, 20)), max_size=4),
)
def test_a_thinned_bar_is_as_long_and_begins_where_it_did(
    drawn: list[str], covered: list[tuple[float, float]]
) -> None:
    pieces, first = [], 3
    for text in drawn:
        pieces.append((first, text, "bar"))
        first += len(text)
    found = thinned(pieces, covered)
    assert "".join(text for _, text, _ in found).__len__() == first - 3
    assert [at for at, _, _ in found][:1] == [at for at, _, _ in pieces][:1]
