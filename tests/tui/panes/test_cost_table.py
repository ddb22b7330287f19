from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from llmtop.live.view import Figures
from llmtop.tui.panes import cost_table
from llmtop.tui.panes.cost_table import Row, layout


def text(model: Row, width: int, total: float | None = 4.0, *, shared: bool = False) -> str:
    parts = cost_table.row(model, total, layout(width), ambiguous=shared)
    return "".join(part for part, _ in parts)


DEAR = Row(
    "gpt-4o",
    "openai",
    Figures(
        calls=120,
        errors=3,
        input_tokens=40_000,
        output_tokens=5_000,
        cache_read_tokens=10_000,
        cost=1.0,
        priced_calls=100,
    ),
)


def test_a_narrow_row_has_calls_cost_and_the_share_as_a_bar() -> None:
    assert text(DEAR, 40) == "gpt-4o              120   $1.0000 █▌    "


def test_a_wide_row_tells_tokens_the_cached_share_and_the_cost_of_a_call() -> None:
    shown = text(DEAR, 140)
    for told in ("openai", "120", "40000", "25.0%", "5000", "$0.0100", "$1.0000"):
        assert told in shown


def test_an_unpriced_model_is_said_to_be_so_and_never_to_cost_nothing() -> None:
    unknown = Row("acme-7b", None, Figures(calls=9, input_tokens=1, unpriced_calls=9))
    shown = text(unknown, 60)
    assert "unpriced" in shown
    assert "$" not in shown
    assert "0%" not in shown


def test_a_model_of_which_some_calls_are_unpriced_costs_at_least_what_is_said() -> None:
    partly = Row("m", None, Figures(calls=9, cost=1.0, priced_calls=8, unpriced_calls=1))
    assert "≥$1.0000" in text(partly, 60)
    least = Row("m", None, Figures(calls=9, cost=1.0, priced_calls=9, lower_bound=True))
    assert "≥$1.0000" in text(least, 60)


def test_a_local_model_costs_nothing_and_one_without_usage_is_unknown() -> None:
    local = Row("llama", "ollama", Figures(calls=1, cost=0.0, priced_calls=1))
    assert " $0 " in text(local, 60)
    silent = Row("m", "x", Figures(calls=1, calls_without_usage=1))
    assert "$" not in text(silent, 60)
    assert " – " in text(silent, 60)


def test_models_of_one_name_name_their_provider() -> None:
    assert "gpt-4o openai" in text(DEAR, 60, shared=True)
    assert "openai" not in text(DEAR, 60)


def test_heads_end_where_their_numbers_end() -> None:
    for width in (40, 71, 120, 196):
        head = "".join(part for part, _ in cost_table.head(layout(width)))
        assert cell_len(head) == width
        end = head.index("calls") + 5
        assert text(DEAR, width)[end - 3 : end] == "120"
        end = head.rindex("cost") + 4
        assert text(DEAR, width)[:end].endswith("$1.0000")


COUNTS = st.one_of(st.none(), st.integers(0, 10**13))


@given(
    st.integers(1, 250),
    st.one_of(st.none(), st.text(max_size=40)),
    COUNTS,
    COUNTS,
    COUNTS,
    st.one_of(st.none(), st.floats(0, 1e12)),
    st.integers(0, 10**9),
    st.booleans(),
)
def test_any_model_takes_exactly_its_row(
    width: int,
    model: str | None,
    told_in: int | None,
    told_out: int | None,
    cached: int | None,
    cost: float | None,
    calls: int,
    flag: bool,
) -> None:
    figures = Figures(
        calls=calls,
        errors=calls,
        input_tokens=told_in,
        output_tokens=told_out,
        cache_read_tokens=cached,
        cost=cost,
        priced_calls=max(1, calls),
        unpriced_calls=calls,
        lower_bound=flag,
    )
    shown = text(Row(model, model, figures), width, cost, shared=flag)
    assert cell_len(shown) == width
