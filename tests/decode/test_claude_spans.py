"""The spans of Claude Code's sessions: what their figures are, and how they failed."""

from __future__ import annotations

import pytest

from llmtop.span import Flag
from tests.decode.claude_records import USAGE, answer, line, result, text, tool, used, user
from tests.decode.reading import read


@pytest.mark.parametrize(
    ("model", "message_id", "provider"),
    [
        ("claude-sonnet-4-5", "msg_01", "anthropic"),
        ("claude-sonnet-4-5", "msg_bdrk_01", "aws.bedrock"),
        ("claude-sonnet-4-5", "msg_vrtx_01", "gcp.vertex_ai"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "msg_01", "aws.bedrock"),
        ("claude-sonnet-4-5@20250929", "msg_01", "gcp.vertex_ai"),
        ("glm-5", "msg_01", None),
    ],
)
def test_the_provider_is_who_serves_the_model(
    model: str, message_id: str, provider: str | None
) -> None:
    told = read(answer(1, message_id, [text("x")], used(1), model=model))
    assert told.call.series.provider == provider


def test_tokens_written_to_the_cache_are_summed_where_their_sum_is_not_told() -> None:
    usage = {
        "input_tokens": 5,
        "output_tokens": 1,
        "cache_creation": {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 10},
    }
    call = read(answer(1, "m", [text("x")], usage)).call
    assert call.input_tokens == 45
    assert call.cache is not None
    assert (call.cache.write, call.cache.write_1h) == (40, 10)


def test_impossible_counts_and_costs_are_unknown() -> None:
    told = read(answer(1, "m", [text("x")], {**USAGE, "output_tokens": -5}, costUSD=-1.0))
    assert (told.call.output_tokens, told.call.input_tokens) == (None, 125)
    assert told.call.cost != -1.0


def test_refused_attempts_are_errors_with_their_reason_and_no_calls() -> None:
    nested = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    errors = [
        {"status": 529, "error": nested},
        {"message": "429 slow down", "status": 429, "connection": None},
        {"cause": {"code": "ECONNRESET", "message": "reset"}},
    ]
    told = read(
        user(1, "Go"),
        *(
            line("system", 2 + n, subtype="api_error", error=error, retryAttempt=n, maxRetries=10)
            for n, error in enumerate(errors)
        ),
    )
    assert told.calls == []
    assert {span.latency for span in told.of("other")} == {None}
    failures = [span.failure for span in told.of("other")]
    assert [each and each.type for each in failures] == ["overloaded_error", "429", "ECONNRESET"]
    assert [each and each.message for each in failures] == ["Overloaded", "429 slow down", "reset"]


def test_a_tool_lasts_as_long_as_the_client_says() -> None:
    told = read(
        answer(1, "m", [tool("Grep", "t1"), tool("WebSearch", "t2")], used(1)),
        user(9, [result("t1")], toolUseResult={"durationMs": 250}),
        user(9, [result("t2")], uuid="other", toolUseResult={"durationSeconds": 4}),
    )
    assert [span.latency for span in told.of("execute_tool")] == pytest.approx([0.25, 4.0])


def test_tools_that_the_api_runs_itself_end_in_the_answer() -> None:
    search = {"type": "server_tool_use", "id": "srv1", "name": "web_search", "input": {"q": "x"}}
    found = {"type": "web_search_tool_result", "tool_use_id": "srv1", "content": "a page"}
    told = read(answer(1, "m", [search, found, text("So.")], used(1)))
    (span,) = told.of("execute_tool")
    assert (span.name, span.running) == ("web_search", False)
    assert told.payload(span).input[0].text == '{"q":"x"}'


def test_usage_of_zeros_is_no_usage() -> None:
    told = read(answer(1, "m", [text("x")], {"input_tokens": 0, "output_tokens": 0}))
    assert told.call.input_tokens is None
    assert told.figures.calls_without_usage == 1


def test_an_hours_cache_is_told_apart() -> None:
    usage = {**USAGE, "output_tokens": 1, "cache_creation": {"ephemeral_1h_input_tokens": 15}}
    cache = read(answer(1, "m", [text("x")], usage)).call.cache
    assert cache is not None
    assert (cache.write, cache.write_1h) == (20, 15)


def test_the_oldest_lines_tell_cost_and_duration_themselves() -> None:
    told = read(answer(5, "m", [text("x")], used(1), costUSD=0.25, durationMs=1500))
    assert told.call.cost == 0.25
    assert told.call.latency == pytest.approx(1.5)
    assert not told.call.flags & Flag.LOWER_BOUND, "such a line tells a whole call"


def test_synthetic_messages_and_api_errors_are_errors_and_not_calls() -> None:
    said_error = answer(
        9, "x", [text("API Error: 529 Overloaded")], {"input_tokens": 0, "output_tokens": 0},
        model="<synthetic>", isApiErrorMessage=True, error="overloaded", requestId=None,
    )  # fmt: skip
    told = read(user(1, "Go"), said_error)
    assert told.calls == []
    (error,) = told.of("other")
    assert error.failed
    assert error.failure is not None
    assert error.failure.type == "overloaded"
    assert "529" in (error.failure.message or "")
