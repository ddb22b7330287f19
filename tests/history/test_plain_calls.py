"""Plain logs are read quickly, to the very figures that all the rules give."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmtop.history import chunks, files, plain_calls
from llmtop.history.chunks import Chunks
from llmtop.history.parts import parts
from llmtop.history.plain_records import OutOfTheOrdinary
from llmtop.history.plain_spans import PlainSpans
from llmtop.history.plain_totals import PlainTotals
from llmtop.history.range_sift import RangeSift
from llmtop.history.scan import Scan
from llmtop.history.totals import BY, Found, rows_of, totals
from llmtop.pricing import Override, Prices
from llmtop.sources.chunk_index import ChunkIndex
from tests.history.logs import NOON, call, request, response, text, write

Rows = list[dict[str, Any]]


def prices() -> Prices:
    """A dollar per million tokens of the models that have a price."""
    return Prices((Override("gpt-4o*", 1.0, 4.0, 0.5), Override("claude*", 3.0, 15.0)))


def by_both(path: Path, by: str) -> tuple[Rows | None, Rows]:
    ruled = list(totals(Scan([path], prices=prices()), by))
    try:
        return list(rows_of(Scan([path], prices=prices()).plain_totals(by), by)), ruled
    except OutOfTheOrdinary:
        return None, ruled


def in_parts(path: Path, by: str, size: int) -> Found:
    """Sums of a log that is read in parts of about so many bytes, each for itself."""
    sums = PlainTotals(by, PlainSpans(prices()))
    spans = PlainSpans(prices())
    for part in parts(files.find([path]), size):
        of_part = PlainTotals(by, spans, is_part=True)
        of_part.read(Chunks(part, ChunkIndex(), RangeSift(None, None)))
        sums.follow(of_part.part())
    return sums.finish()


def by_parts(path: Path, by: str, size: int) -> Rows | None:
    try:
        return list(rows_of(in_parts(path, by, size), by))
    except OutOfTheOrdinary:
        return None


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
        pytest.param([request("a"), response("a"), response("a", NOON + 2)], id="answered twice"),
        pytest.param([response("a")], id="an answer alone"),
        pytest.param([request("a", operation="execute_tool"), response("a")], id="a tool"),
        pytest.param([request("a"), response("a", prompt_tokens=-5)], id="an impossible count"),
        pytest.param([request("a"), response("a", estimated_cost=-1.0)], id="an impossible cost"),
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


def test_an_answer_that_stands_just_before_its_question_is_one_all_the_same(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "a.jsonl", *call("a")[::-1], *call("b", span_id="2")[::-1])
    plain, ruled = by_both(path, "model")
    assert plain == ruled
    assert ruled[0]["calls"] == 2


@pytest.mark.parametrize(
    ("between", "is_plain"),
    [
        pytest.param(b"\n \n", True, id="blank lines"),
        pytest.param(b"\r\n", True, id="lines of Windows"),
        pytest.param(b"null\n", False, id="a line that is no record"),
        pytest.param(b"{\n}\n", False, id="an object over two lines"),
        pytest.param(b'{"type": "request", "request_id"\n', False, id="a torn line"),
    ],
)
def test_whatever_stands_between_records_the_figures_are_right(
    tmp_path: Path, between: bytes, is_plain: bool
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(text(call("a")) + between + text(call("b")).rstrip(b"\n"))
    plain, ruled = by_both(path, "model")
    assert ruled[0]["calls"] == 2
    assert plain == (ruled if is_plain else None)


def test_a_record_laid_out_over_lines_is_left_to_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(text(call("a")) + text(call("b")).replace(b", ", b",\n"))
    plain, _ = by_both(path, "model")
    assert plain is None


def test_a_range_is_that_of_the_beginnings(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        *(each for n in range(10) for each in call(f"r{n}", NOON + 60 * n)),
        request("unanswered", NOON + 100),
    )
    fast = Scan([path], since=NOON + 60, until=NOON + 240, prices=prices())
    ruled = Scan([path], since=NOON + 60, until=NOON + 240, prices=prices())
    found = fast.plain_totals("model")
    assert list(rows_of(found, "model")) == list(totals(ruled, "model"))
    assert found["gpt-4o"].calls == 5


def test_a_call_may_begin_in_one_part_of_a_log_and_end_in_another(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        span("root"),
        *(request(f"r{n}", NOON + n, span_id=f"s{n}", parent_id="root") for n in range(50)),
        *(response(f"r{n}", NOON + 100 + n, prompt_tokens=n) for n in range(50)),
        span("root"),
    )
    by_part = by_parts(path, "model", 2_000)
    assert by_part == by_both(path, "model")[1]
    assert by_part is not None
    assert (by_part[0]["calls"], by_part[0]["prompt_tokens"]) == (50, 1225)


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([*call("a"), *call("a")], id="told twice"),
        pytest.param([*call("a", span_id="1"), *call("b", span_id="1")], id="a span of two calls"),
        pytest.param(
            [*call("a", span_id="1"), *call("b", span_id="2", parent_id="1")], id="nested"
        ),
        pytest.param(
            [*call("b", span_id="2", parent_id="1"), *call("a", span_id="1")],
            id="nested, told from below",
        ),
        pytest.param(
            [*call("a", span_id="1"), span("c", "1"), *call("b", parent_id="c")],
            id="nested with a span between",
        ),
        pytest.param([response("a"), request("a")], id="the answer long before"),
        pytest.param([span("x"), span("x", "elsewhere")], id="a span that moved"),
        pytest.param(
            [
                *(request("a"), response("a", response_id="x")),
                *(request("b"), response("b", response_id="x")),
            ],
            id="an answer of two calls",
        ),
    ],
)
def test_what_is_odd_across_parts_is_left_to_the_rules(
    tmp_path: Path, records: list[dict[str, Any]]
) -> None:
    apart = []
    for block, record in enumerate(records):
        apart += [record, *(each for n in range(20) for each in call(f"{block}-{n}"))]
    path = write(tmp_path / "a.jsonl", *apart)
    assert by_parts(path, "model", 3_000) is None


def seldom(odd: st.SearchStrategy[Any], usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What is odd, once in a while: of logs that are odd all over, little could be seen."""
    return st.integers(0, 19).flatmap(lambda dice: odd if dice == 7 else usual)


RECORDS = st.lists(
    st.one_of(
        st.builds(
            lambda n, at, model, parent, told: [
                request(
                    f"r{n}",
                    NOON + at,
                    model=model,
                    parent_id=parent,
                    span_id=f"s{n}" if n % 5 else None,
                    user_id=f"u{n % 3}" if n % 4 else None,
                ),
                response(f"r{n}", NOON + at + 1, **told),
            ],
            seldom(st.integers(0, 9), st.integers(10, 10**6)),
            st.integers(0, 50),
            st.sampled_from(["gpt-4o", "mine", None]),
            seldom(st.sampled_from(["s1", "s2", "r5"]), st.sampled_from([None, "root", "mid"])),
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
                    "latency_ms": seldom(st.floats(-5, 10**9), st.none() | st.floats(0, 10**7)),
                    "ttft_ms": seldom(st.floats(-5, 0), st.none() | st.floats(0, 10**6)),
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
            seldom(st.sampled_from(["root", "s1"]), st.none()),
            seldom(st.just("chat"), st.sampled_from(["retrieval", "execute_tool", None])),
        ),
    ),
    max_size=12,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECORDS, st.integers(50, 2_000), st.randoms(use_true_random=False))
def test_whatever_is_given_is_what_the_rules_give(
    tmp_path: Path, records: list[list[dict[str, Any]]], size: int, order: Random
) -> None:
    told = [each for some in records for each in some]
    # Most logs are nearly in order.
    for at in range(1, len(told)):
        if order.random() < 0.1:
            told[at - 1], told[at] = told[at], told[at - 1]
    path = write(tmp_path / "a.jsonl", *told)
    for by in ("model", "status", "user"):
        plain, ruled = by_both(path, by)
        assert plain is None or plain == ruled
        by_part = by_parts(path, by, size)
        assert by_part is None or by_part == ruled


@pytest.mark.parametrize("size", [10**6, 3_000])
def test_calls_are_answered_however_many_others_came_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(plain_calls, "MOST_REMEMBERED", 20)
    path = write(
        tmp_path / "a.jsonl",
        request("slow", NOON, parent_id="root"),
        request("never", NOON, model="claude-sonnet-4-5"),
        *(each for n in range(300) for each in (span(f"x{n}"), *call(f"r{n}", NOON + n))),
        response("slow", NOON + 400, latency_ms=400_000.0),
        span("root"),
    )
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1_000)
    by_part = by_parts(path, "model", size)
    assert by_part == by_both(path, "model")[1]
    assert by_part is not None
    assert [row["calls"] for row in by_part] == [301, 1]
