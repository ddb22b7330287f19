"""Plain logs are read quickly, to the very figures that all the rules give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmtop.history.plain_records import OutOfTheOrdinary
from llmtop.history.scan import Scan
from llmtop.history.totals import BY, totals
from tests.history.logs import NOON, call, request, response, write
from tests.rates import PerMillion


def by_both(path: Path, by: str) -> tuple[list[dict[str, Any]] | None, list[dict[str, Any]]]:
    ruled = list(totals(Scan([path], prices=PerMillion()), by))
    try:
        return list(totals(Scan([path], prices=PerMillion()).plain_calls(), by)), ruled
    except OutOfTheOrdinary:
        return None, ruled


def span(name: str, parent: str | None = None, **told: Any) -> dict[str, Any]:
    return {
        "type": "span",
        "span_id": name,
        "parent_id": parent,
        "trace_id": "t",
        "start_time": NOON,
        "end_time": NOON + 9,
        **told,
    }


def test_plain_calls_below_chains_give_the_figures_of_all_rules(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        span("root", attributes={"chain.step": "rag"}),
        span("tool", "root", attributes={"gen_ai.operation.name": "execute_tool"}),
        *call("a", span_id="1", parent_id="root", user_id="ada"),
        *call("b", span_id="2", parent_id="tool", model="claude-sonnet-4-5"),
        request("c"),
        response("c", NOON + 3, error="boom", error_type="timeout", latency_ms=None),
        request("never answered", NOON + 5, provider="ollama", model="llama"),
    )
    for by in BY:
        plain, ruled = by_both(path, by)
        assert plain == ruled
    assert sum(row["calls"] for row in ruled) == 4


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([*call("a"), *call("a")], id="told twice"),
        pytest.param(call("a")[::-1], id="the answer first"),
        pytest.param(
            [*call("a", span_id="1"), *call("b", span_id="2", parent_id="1")], id="nested"
        ),
        pytest.param(
            [*call("b", span_id="2", parent_id="c"), span("c", "1"), *call("a", span_id="1")],
            id="nested, told from below",
        ),
        pytest.param([*call("a"), {"usage": {"prompt_tokens": 1}}], id="another format"),
        pytest.param([span("x", attributes={"gen_ai.request.model": "m"})], id="a span as a call"),
        pytest.param([request("a"), response("a", NOON - 5)], id="a wrong clock"),
        pytest.param(
            [request("a"), response("a", attributes={"gen_ai.usage.input_tokens": 3})],
            id="usage in attributes",
        ),
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_the_rules(
    tmp_path: Path, records: list[dict[str, Any]]
) -> None:
    plain, _ = by_both(write(tmp_path / "a.jsonl", *records), "model")
    assert plain is None


RECORDS = st.lists(
    st.one_of(
        st.builds(
            lambda n, at, model, parent, told: [
                request(f"r{n}", NOON + at, model=model, parent_id=parent, span_id=f"s{n}"),
                response(f"r{n}", NOON + at + 1, **told),
            ],
            st.integers(0, 30),
            st.integers(0, 50),
            st.sampled_from(["gpt-4o", "mine", None]),
            st.sampled_from([None, "root", "s1", "s2"]),
            st.fixed_dictionaries(
                {},
                optional={
                    "error": st.sampled_from(["no", "", None, {"type": "x", "message": "m"}]),
                    "status": st.sampled_from(["ok", "error", "cancelled", None]),
                    "error_type": st.sampled_from(["timeout", None]),
                    "prompt_tokens": st.none() | st.integers(0, 10**6),
                    "cache_read_tokens": st.none() | st.integers(0, 10**6),
                    "reasoning_tokens": st.none() | st.integers(0, 10**6),
                    "estimated_cost": st.none() | st.floats(0, 100),
                    "latency_ms": st.none() | st.floats(-5, 10**9),
                    "ttft_ms": st.none() | st.floats(-5, 10**6),
                    "model": st.sampled_from(["gpt-4o-2024-08-06", "other", None]),
                    "provider": st.sampled_from(["openai", "ollama", "Azure_OpenAI", None]),
                },
            ),
        ),
        st.builds(
            lambda name, parent, operation: [
                span(name, parent, attributes={"gen_ai.operation.name": operation})
            ],
            st.sampled_from(["root", "mid"]),
            st.sampled_from([None, "root", "s1"]),
            st.sampled_from(["retrieval", "execute_tool", "chat", None]),
        ),
    ),
    max_size=12,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(RECORDS)
def test_whatever_is_given_is_what_the_rules_give(
    tmp_path: Path, records: list[list[dict[str, Any]]]
) -> None:
    path = write(tmp_path / "a.jsonl", *(each for some in records for each in some))
    for by in ("model", "status"):
        plain, ruled = by_both(path, by)
        assert plain is None or plain == ruled
