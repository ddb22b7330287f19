from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from llmtop.span import Flag, Fragment, Span
from llmtop.tui.panes import request_columns
from llmtop.tui.panes.request_columns import Look, layout
from tests.live.fragments import ENDED, NOON, OPENED, live, request, response

LOOK = Look(now=NOON + 10, clock=NOON + 10, time_format="utc", slow=5.0)
EVIL = "[]/\\\x1b\x07\n\r\t\u202e\u2066e\u0301\u65e5\u672c\U0001f469\u200d\U0001f680\ud800\ufffcab"
HOSTILE = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.text(alphabet=EVIL, max_size=40),
)


def only(*fragments: Fragment) -> Span:
    """The span that some fragments add up to."""
    found = live(*fragments)
    (span,) = list(found.index)
    return span


def call(**told: Any) -> Span:
    return only(request("r1"), response("r1", **told))


def text(span: Span, width: int, look: Look = LOOK) -> str:
    return "".join(part for part, _ in request_columns.row(span, layout(width), look))


def meanings(span: Span, width: int, look: Look = LOOK) -> dict[str, str]:
    return {
        part.strip(): meaning for part, meaning in request_columns.row(span, layout(width), look)
    }


def test_a_call_in_a_narrow_row_says_what_matters_most() -> None:
    span = call(input_tokens=1200, output_tokens=345, finish_reason="stop")
    assert text(span, 70) == (
        "15:06:40 ✓ gpt-4o            1200 →   345   2.00s  $0.00258 stop      "
    )


def test_a_wide_row_says_who_asked_and_where_it_belongs() -> None:
    span = only(
        request("r1", user_id="ada", session_id="s-12", trace_id="t-9", agent="planner"),
        response("r1", ttft=0.3, provider="openai"),
    )
    shown = text(span, 200)
    for told in ("openai", "0.30s", "ada", "s-12", "t-9", "planner"):
        assert told in shown


def test_what_is_not_told_is_a_dash_and_never_zero() -> None:
    shown = text(call(), 120)
    assert "0 " not in shown.replace("15:06:40", "").replace("2.00s", "")
    assert shown.count("–") >= 3


def test_an_unknown_price_is_a_word() -> None:
    span = only(request("r1", model="mystery"), response("r1", input_tokens=10))
    assert " unpriced " in text(span, 120)
    assert "$" not in text(span, 120)


def test_what_costs_nothing_says_why() -> None:
    usage = {"input_tokens": 10, "output_tokens": 2}
    local = call(**usage)
    local.flags |= Flag.LOCAL
    local.cost = 0.0
    assert " local " in text(local, 120)
    told = only(request("r1"), response("r1", cost=0.0, **usage))
    assert " $0 " in text(told, 120)
    assert "local" not in text(told, 120)


def test_cached_input_is_marked_and_a_lower_bound_says_at_least() -> None:
    told = {"input_tokens": 1200, "output_tokens": 345, "cache_read_tokens": 1000}
    span = only(request("r1"), response("r1", **told))
    span.flags |= Flag.LOWER_BOUND
    shown = text(span, 120)
    assert "1200◦→  ≥345" in shown
    assert "≥$0.00258" in shown


def test_the_clock_of_a_running_call_runs() -> None:
    span = only(request("r1"))
    assert "  10.00s " in text(span, 70)
    assert "  12.50s " in text(span, 70, LOOK._replace(clock=NOON + 12.5))
    later = LOOK._replace(clock=NOON + 12.5)
    assert request_columns.version(span, LOOK) != request_columns.version(span, later)


def test_an_ended_call_does_not_change_with_the_clock() -> None:
    span = call()
    later = LOOK._replace(now=NOON + 30, clock=NOON + 30)
    assert request_columns.version(span, LOOK) == request_columns.version(span, later)


def test_slow_calls_are_coloured_whether_they_have_ended_or_not() -> None:
    assert meanings(call(), 70)["2.00s"] == ""
    assert meanings(call(), 70, LOOK._replace(slow=2.0))["2.00s"] == "slow"
    assert meanings(only(request("r1")), 70)["10.00s"] == "slow"
    assert meanings(only(request("r1")), 70, LOOK._replace(slow=20.0))["10.00s"] == "running"


def test_a_broken_clock_is_a_word_and_no_latency() -> None:
    span = only(
        Fragment(request_id="r1", model="m", start=NOON, end=NOON - 5, flags=OPENED | ENDED)
    )
    assert " clock? " in text(span, 70)


def test_the_words_of_an_error_take_the_place_of_figures_it_has_not() -> None:
    span = call(error_type="rate_limit_error", error_message="429 Too Many Requests")
    assert text(span, 70).endswith("2.00s rate_limit_error: 4…")
    assert "rate_limit_error: 429 Too Many Requests" in text(span, 200)


def test_an_error_that_cost_something_keeps_its_cost() -> None:
    span = call(error_type="timeout", input_tokens=1000, output_tokens=1)
    assert "$0.00100" in text(span, 70)


def test_numbers_end_in_the_same_cell_in_every_row() -> None:
    rows = [
        call(input_tokens=1, output_tokens=2),
        call(input_tokens=123_456, output_tokens=65_432, cache_read_tokens=9),
        only(request("r1")),
        call(error_type="timeout", input_tokens=7),
    ]
    for width in (70, 120, 200):
        ends = 0
        edges = set()
        for column, size in layout(width):
            ends += size
            if column.right:
                edges.add(ends)
            ends += 1
        for span in rows:
            line = text(span, width)
            # What stands at the right has a gap behind it and no blank before the gap.
            assert all(line[edge - 1] != " " for edge in edges), line


def test_heads_stand_over_their_columns_and_the_sorted_one_is_marked() -> None:
    def head(width: int, **order: Any) -> str:
        parts = request_columns.head(layout(width), order["sort"], order["reverse"])
        return "".join(part for part, _ in parts)

    assert head(70, sort="time", reverse=False) == (
        "time▼      model                   in→out latency      cost status    "
    )
    assert "▲latency" in head(70, sort="latency", reverse=True)
    assert "model▲" in head(70, sort="model", reverse=False)
    assert "status▼" in head(70, sort="status", reverse=True)


def test_relative_times_are_counted_from_now() -> None:
    assert text(call(), 70, LOOK._replace(time_format="relative")).startswith(" 10s ago")


@pytest.mark.parametrize("width", [40, 70, 120, 200])
def test_log_text_is_shown_and_not_obeyed(width: int) -> None:
    evil = "\x1b[31m[/foo][bold]\u202etxt\n日本"
    span = only(
        request("r1", model=evil, session_id=evil, user_id=evil, name=evil),
        response("r1", error_type="evil", error_message=evil),
    )
    shown = text(span, width)
    assert cell_len(shown) == width
    assert not set(shown) & {"\x1b", "\n", "\u202e"}


def test_wider_rows_never_lose_a_column_of_the_narrow_ones() -> None:
    names = [{placed.column.name for placed in layout(width)} for width in range(20, 251)]
    assert all(before <= after for before, after in pairwise(names))
    assert {"sign", "model", "latency", "cost", "outcome"} <= names[70 - 20]
    assert {"provider", "session", "user", "agent", "name", "trace"} <= names[196 - 20]


@given(
    width=st.integers(1, 250),
    texts=st.tuples(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
    tokens=st.tuples(*[st.one_of(st.none(), st.integers(0, 10**12))] * 3),
    cost=st.one_of(st.none(), st.floats(0, 1e12)),
    ended=st.booleans(),
    failed=st.booleans(),
    latency=st.floats(-10, 1e6),
    time_format=st.sampled_from(["relative", "local", "utc"]),
    now=st.floats(0, 2e9),
)
def test_any_call_takes_exactly_its_row(
    width: int,
    texts: tuple[str | None, ...],
    tokens: tuple[int | None, ...],
    cost: float | None,
    ended: bool,
    failed: bool,
    latency: float,
    time_format: str,
    now: float,
) -> None:
    model, session, name, message = texts
    fragment = Fragment(
        request_id="r",
        model=model,
        session_id=session,
        name=name,
        start=NOON,
        end=NOON + latency if ended else None,
        flags=OPENED | (ENDED if ended else 0),
        status="error" if failed else "ok",
        error_message=message,
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        cache_read_tokens=tokens[2],
        cost=cost,
    )
    shown = text(only(fragment), width, Look(now, now, time_format, 5.0))
    assert cell_len(shown) == width
