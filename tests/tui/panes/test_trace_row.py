from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from llmtop.live.view import TraceRow, TraceView
from llmtop.span import Fragment
from llmtop.tui.panes import trace_row
from llmtop.tui.panes.trace_row import Look, layout
from llmtop.tui.panes.waterfall import waterfall
from tests.live.fragments import NOON, live, span


def trace(*fragments: Fragment, now: float = NOON + 10) -> TraceView:
    found = live(*fragments, now=now).trace("trace", now)
    assert found is not None
    return found


def lines(found: TraceView, width: int, *, wide: bool = False, **look: Any) -> list[str]:
    fields = layout(width, wide)
    axis = waterfall(found, fields.bar)
    seen = Look(**{"now": NOON + 10, "axis": axis, "folded": False, "hidden": 0, **look})
    return ["".join(text for text, _ in trace_row.row(row, fields, seen)) for row in found.rows]


AGENT = trace(
    span("root", NOON, NOON + 8, name="plan", operation="invoke_agent"),
    span(
        "a",
        NOON,
        NOON + 2,
        parent_id="root",
        operation="chat",
        model="gpt-4o",
        input_tokens=1000,
        output_tokens=100,
    ),
    span("b", NOON + 2, NOON + 4, parent_id="root", operation="execute_tool", name="search"),
    span("c", NOON + 2, NOON + 3, parent_id="b", operation="chat", model="mystery", input_tokens=9),
    span(
        "d",
        NOON + 4,
        NOON + 5,
        parent_id="root",
        operation="chat",
        model="o3",
        error_type="timeout",
        error_message="no answer",
        status="error",
    ),
)


def test_a_row_has_guides_sign_name_bar_duration_and_cost() -> None:
    assert lines(AGENT, 70) == [
        "▾✓ plan                ━━━━━━━━━━━━━━━━━━━━━━━━━━━━   8.000s ≥$0.00140",
        "├──✓ gpt-4o            ███████          ┊             2.000s  $0.00140",
        "├─▾✓ search                   ▄▄▄▄▄▄▄   ┊             2.000s         –",
        "│ └──✓ mystery                ███▌      ┊             1.000s  unpriced",
        "└──✗ o3                              ███▌ timeout:…   1.000s         –",
    ]


def test_every_row_is_as_wide_as_the_layout() -> None:
    for width in (20, 40, 70, 120, 200):
        assert {cell_len(line) for line in lines(AGENT, width)} == {width}


def test_the_cost_of_a_branch_is_rolled_up_and_at_least_that_where_a_call_is_unpriced() -> None:
    root, call, tool, unknown, failed = lines(AGENT, 70)
    assert root.endswith("≥$0.00140")
    assert call.endswith(" $0.00140")
    assert tool.endswith("–")
    assert unknown.endswith("unpriced")
    assert failed.endswith("–")


def test_a_wide_row_tells_own_and_rolled_up_figures_apart() -> None:
    fields = layout(200, True)
    head = "".join(text for text, _ in trace_row.head(fields, waterfall(AGENT, fields.bar)))
    heads = re.findall(r"duration|Σ in→out|in→out|Σ cost|cost", head)
    assert heads == ["duration", "in→out", "Σ in→out", "cost", "Σ cost"]
    figures = [re.split(r"s +", line)[-1].split() for line in lines(AGENT, 200, wide=True)]
    assert figures[0] == ["–", "1009→", "100", "–", "≥$0.00140"]
    assert figures[1] == ["1000→", "100", "$0.00140"]
    assert lines(AGENT, 200, wide=True)[1].endswith("$0.00140" + " " * 10)


def test_figures_stand_under_their_heads() -> None:
    for width, wide in ((70, False), (120, False), (200, True)):
        fields = layout(width, wide)
        axis = waterfall(AGENT, fields.bar)
        head = "".join(text for text, _ in trace_row.head(fields, axis))
        assert cell_len(head) == width
        end = head.index("duration") + len("duration")
        assert all(
            line[end - 1] == "s" and line[end] == " " for line in lines(AGENT, width, wide=wide)
        )


def test_the_words_of_an_error_stand_beside_its_bar() -> None:
    assert "██ timeout: no answer " in lines(AGENT, 200)[4]


def test_a_folded_branch_says_what_it_hides_and_that_something_failed_in_it() -> None:
    root = lines(AGENT, 90, folded=True, hidden=4)[0]
    assert root.startswith("▸✓ plan +4 ✗1 ")


def test_a_running_span_counts_on_and_has_an_open_bar() -> None:
    found = trace(span("a", NOON, name="work", operation="chain"))
    first = lines(found, 70)[0]
    assert "▶" in first
    assert " 10.000s " in first
    assert " 11.500s " in lines(found, 70, now=NOON + 11.5)[0]


def test_an_orphan_and_a_loop_are_marked() -> None:
    orphan = trace(span("a", NOON, NOON + 1, parent_id="never-seen", name="lonely"))
    assert lines(orphan, 70)[0].startswith("╌ ✓ lonely orphan ")
    loop = trace(
        span("a", NOON, NOON + 2, parent_id="b", name="one"),
        span("b", NOON, NOON + 1, parent_id="a", name="two"),
    )
    assert " loop " in lines(loop, 70)[0]


def test_deep_rows_keep_room_for_their_names_and_tell_their_depth() -> None:
    found = trace(
        *(
            span(f"s{level}", NOON, NOON + 1, parent_id=f"s{level - 1}" if level else None)
            for level in range(100)
        )
    )
    last = lines(found, 70)[-1]
    assert last.startswith("⋯")
    assert "span" in last
    assert cell_len(last) == 70


def test_what_is_not_kept_in_a_row_makes_another_version() -> None:
    row = AGENT.rows[0]
    axis = waterfall(AGENT, 30)
    look = Look(NOON + 10, axis, folded=False, hidden=0)
    assert trace_row.version(row, look) == trace_row.version(row, look._replace(now=NOON + 11))
    assert trace_row.version(row, look) != trace_row.version(row, look._replace(folded=True))
    assert trace_row.version(row, look) != trace_row.version(AGENT.rows[1], look)


TEXT = st.one_of(st.none(), st.text(max_size=40), st.just("[/x]\x1b[2J\u202e\u65e5\u672c\n"))


@given(
    width=st.integers(1, 250),
    wide=st.booleans(),
    depth=st.integers(0, 80),
    last=st.booleans(),
    name=TEXT,
    model=TEXT,
    message=TEXT,
    operation=st.sampled_from(["chat", "chain", "execute_tool"]),
    ended=st.booleans(),
    failed=st.booleans(),
    folded=st.booleans(),
    cost=st.one_of(st.none(), st.floats(0, 1e9)),
    tokens=st.one_of(st.none(), st.integers(0, 10**10)),
    length=st.floats(-1, 1e6),
)
def test_any_span_takes_exactly_its_row(
    width: int,
    wide: bool,
    depth: int,
    last: bool,
    name: str | None,
    model: str | None,
    message: str | None,
    operation: str,
    ended: bool,
    failed: bool,
    folded: bool,
    cost: float | None,
    tokens: int | None,
    length: float,
) -> None:
    found = trace(
        span(
            "s",
            NOON,
            NOON + length if ended else None,
            name=name,
            model=model,
            operation=operation,
            status="error" if failed else None,
            error_message=message,
            input_tokens=tokens,
            cost=cost,
        )
    )
    row = TraceRow(
        found.rows[0].span, depth, 3 * folded, last, (last,) * min(depth, 64),
        depth == 0, cost, tokens, tokens, 2, failed,
    )  # fmt: skip
    fields = layout(width, wide)
    look = Look(NOON + 10, waterfall(found, fields.bar), folded, 12)
    shown = "".join(text for text, _ in trace_row.row(row, fields, look))
    assert cell_len(shown) == width
    assert not set(shown) & {"\x1b", "\n", "\u202e"}
