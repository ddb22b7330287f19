"""Logs of people's own making, under the names that people use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import Reading, read, said

AT = "2026-01-02T03:04:05Z"


def call(**told: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "timestamp": AT, **told}


@pytest.mark.parametrize(
    "tokens",
    [
        {"input_tokens": 100, "output_tokens": 7},
        {"prompt_tokens": 100, "completion_tokens": 7},
        {"promptTokens": 100, "completionTokens": 7},
        {"tokens_in": "100", "tokens_out": "7"},
        {"usage": {"prompt_tokens": 100, "completion_tokens": 7}},
        {"usage.prompt_tokens": 100, "usage.completion_tokens": 7},
        {"tokens": {"input": 100, "output": 7}},
        {"token_usage": {"prompt": 100, "completion": 7}},
        {"response": {"usage": {"input_tokens": 100, "output_tokens": 7}}},
        {"metrics": {"usage": {"inputTokens": 100, "outputTokens": 7}}},
        {"prompt_eval_count": 100, "eval_count": 7},
        {"gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 7},
        {"input_tokens": 100, "total_tokens": 107},
        {"extra": {"llm": {"input_tokens": 100, "output_tokens": 7}}},
    ],
    ids=str,
)
def test_tokens_under_many_names_and_nested(tokens: dict[str, Any]) -> None:
    found = read(call(**tokens)).call
    assert (found.series.model, found.input_tokens, found.output_tokens) == ("gpt-4o", 100, 7)


@pytest.mark.parametrize(
    "duration",
    [
        {"latency_ms": 1500},
        {"duration_s": 1.5},
        {"elapsed": 1.5},
        {"duration": "1.5s"},
        {"latency": "1500ms"},
        {"latency": 1500},
        {"latency": 1500.25},
        {"total_duration": 1_500_000_000},
        {"response_time_ms": "1500"},
        {"latencyMs": 1500},
        {"timing": {"total_ms": 1500}},
        {"elapsed": "00:00:01.5"},
        {"start_time": "2026-01-02T03:04:05Z", "end_time": "2026-01-02T03:04:06.5Z"},
    ],
    ids=str,
)
def test_durations_in_any_unit_are_seconds(duration: dict[str, Any]) -> None:
    assert read(call(**duration)).call.latency == pytest.approx(1.5, abs=0.001)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        ({"error": "RateLimitError: slow down"}, "RateLimitError"),
        ({"status_code": 429, "latency_ms": 5}, "429"),
        ({"success": False, "error_type": "Timeout"}, "Timeout"),
        ({"exception": {"type": "ValueError", "message": "no"}}, "ValueError"),
        ({"status": "failed", "latency_ms": 5}, "error"),
        ({"exc_info": "Traceback …\nopenai.APIError: 500"}, "500"),
        ({"status": "429 Too Many Requests", "latency_ms": 5}, "429"),
        ({"status": "timeout", "latency_ms": 5}, "timeout"),
        ({"success": "false", "latency_ms": 5}, "error"),
        ({"is_error": True, "latency_ms": 5}, "error"),
        ({"error": True, "latency_ms": 5}, "error"),
        ({"level": "ERROR", "latency_ms": 5}, "error"),
        ({"level": 50, "latency_ms": 5}, "error"),
    ],
    ids=str,
)
def test_failures_are_errors(outcome: dict[str, Any], kind: str) -> None:
    assert read(call(**outcome)).figures.errors_by_type == {kind: 1}


@pytest.mark.parametrize(
    "fine",
    [{"error": None}, {"error": ""}, {"error": False}, {"error": []}, {"error": "None"},
     {"is_error": False}, {"level": "info"}, {"level": 30}, {"level": "error", "status": "ok"},
     {"status": "200 OK"}, {"success": 1}],
    ids=str,
)  # fmt: skip
def test_the_lack_of_an_error_is_none(fine: dict[str, Any]) -> None:
    assert read(call(latency_ms=5, **fine)).figures.errors == 0


def test_cost_and_names_of_people_and_sessions_are_taken() -> None:
    found = read(call(costUSD="0.25", userId="u", conversation_id="s", finishReason="stop")).call
    assert (found.cost, found.user_id, found.session_id) == (0.25, "u", "s")
    assert found.finish_reason == "stop"


def test_request_and_response_lines_of_one_id_are_one_call() -> None:
    told = read(
        {"event": "llm.request", "request_id": "r", "model": "gpt-4o", "prompt": "Hi",
         "timestamp": "2026-01-02T03:04:05Z"},
        {"event": "llm.response", "request_id": "r", "model": "gpt-4o-2024-08-06",
         "duration": 1.25, "prompt_tokens": 9, "completion_tokens": 3,
         "timestamp": "2026-01-02T03:04:06.25Z"},
    )  # fmt: skip
    assert told.figures.calls == 1
    assert told.call.latency == pytest.approx(1.25)
    assert told.call.input_tokens == 9


def test_a_request_alone_is_in_flight() -> None:
    told = read(
        {"event": "llm.request", "request_id": "r", "model": "gpt-4o", "prompt": "Hi",
         "timestamp": "2026-01-02T03:04:05Z"}
    )  # fmt: skip
    assert told.figures.in_flight == 1


@pytest.mark.parametrize(
    "line",
    [
        {"asctime": "2026-01-02 03:04:05,000", "levelname": "INFO", "name": "app",
         "message": "llm_call", "model": "gpt-4o", "usage": {"prompt_tokens": 9}},
        {"event": "llm_call", "level": "info", "timestamp": AT, "model": "gpt-4o",
         "input_tokens": 9},
        {"text": "…", "record": {"extra": {"model": "gpt-4o", "input_tokens": 9}, "level": {},
                                 "time": {"timestamp": 1767323045.0, "repr": "…"}}},
    ],
    ids=["python-json-logger", "structlog", "loguru"],
)  # fmt: skip
def test_calls_in_lines_of_loggers(line: dict[str, Any]) -> None:
    found = read(line).call
    assert (found.series.model, found.input_tokens) == ("gpt-4o", 9)
    assert found.name is None, "the logger's name is not the call's"


def test_raw_answers_of_providers_are_calls() -> None:
    openai = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1767323045,
              "model": "gpt-4o", "choices": [{"message": {"role": "assistant", "content": "Hi"}}],
              "usage": {"prompt_tokens": 9, "completion_tokens": 3}}  # fmt: skip
    told = read(openai)
    assert told.call.input_tokens == 9
    assert said(told.payload(told.call).output) == [("assistant", "Hi")]
    anthropic = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
                 "content": [{"type": "text", "text": "Hi"}],
                 "usage": {"input_tokens": 5, "cache_read_input_tokens": 100,
                           "output_tokens": 3}}  # fmt: skip
    assert read(anthropic).call.input_tokens == 105, "Anthropic leaves cached tokens out"


def test_attributes_of_a_span_written_out_are_a_call() -> None:
    told = read({"openinference.span.kind": "LLM", "llm.model_name": "m",
                 "llm.token_count.prompt": 9, "llm.token_count.completion": 3})  # fmt: skip
    assert (told.call.series.model, told.call.input_tokens) == ("m", 9)


@pytest.mark.parametrize(
    "line",
    [
        {"level": "info", "message": "server started", "port": 8000},
        {"model": "Tesla Model 3", "color": "red"},
        {"request_id": "r", "path": "/v1/users", "status": 200},
        {"timestamp": AT, "event": "cache hit", "duration": 0.5},
    ],
)
def test_other_lines_are_not_taken_for_calls(line: dict[str, Any]) -> None:
    told = read(line)
    assert told.spans == []
    assert told.counts().rejected == 1


def test_it_is_said_what_was_taken_for_what() -> None:
    told = read(call(usage={"prompt_tokens": 9}, took_ms=5, prompt="Hi"))
    (explained,) = told.decoder.explain(0)
    assert explained.confidence.startswith("likely")
    assert dict(explained.fields) == {
        "model": "model",
        "time": "timestamp",
        "input_tokens": "usage.prompt_tokens",
        "input": "prompt",
        "duration": "took_ms",
    }
    (guess,) = read(call(prompt="Hi")).decoder.explain(0)
    assert guess.confidence.startswith("a guess")


def test_names_of_the_users_own_go_before_all_others() -> None:
    mapped = {
        "model": ("engine.name",),
        "input_tokens": ("stats.sent", "stats.in"),
        "output_tokens": ("stats.out",),
        "duration_ms": ("wall",),
        "time": ("when",),
    }
    line = {"engine": {"name": "m"}, "stats": {"in": 9, "out": 3}, "wall": 1500, "when": AT}
    assert read(line).spans == []
    told = Reading(mapped).lines(line)
    assert (told.call.series.model, told.call.input_tokens, told.call.output_tokens) == ("m", 9, 3)
    assert told.call.latency == pytest.approx(1.5)
    assert told.payload(told.call).missing is None


def test_the_call_screen_shows_prompt_answer_and_the_rest() -> None:
    told = read(call(prompt="Hi", response="Hello", temperature=0.5, input_tokens=1))
    payload = told.payload(told.call)
    assert said(payload.input) == [("user", "Hi")]
    assert said(payload.output) == [("assistant", "Hello")]
    assert payload.attributes["temperature"] == 0.5


def test_the_order_in_which_two_loggers_tell_of_a_call_does_not_matter() -> None:
    one = [
        {"request_id": "r", "model": "gpt-4o", "prompt": "Hi", "event": "llm.request"},
        {"request_id": "r", "model": "gpt-4o-2024-08-06", "duration": 0.5, "prompt_tokens": 8,
         "completion_tokens": 2, "event": "llm.response"},
    ]  # fmt: skip
    other = [{"request_id": "r", "model": "gpt-4o-2024-08-06", "latency_ms": 500.0,
              "usage": {"prompt_tokens": 8, "completion_tokens": 2}}]  # fmt: skip
    for first, second in ((one, other), (other, one)):
        told = Reading().lines(*first).lines(*second, source=1)
        series = told.call.series
        assert (series.requested, series.answered) == ("gpt-4o", "gpt-4o-2024-08-06")


def test_objects_of_cloud_loggers_are_looked_into() -> None:
    told = {"model": "gpt-4o", "promptTokens": 4, "completionTokens": 3, "durationMs": 900}
    call_told = read({"severity": "INFO", "timestamp": AT, "jsonPayload": told}).call
    assert call_told.input_tokens == 4
    assert call_told.latency == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("usage", "sent"),
    [
        ({"input_tokens": 10, "cache_read_input_tokens": 4, "output_tokens": 2}, 14),
        ({"prompt_tokens": 10, "cached_tokens": 4, "completion_tokens": 2}, 10),
        ({"prompt_tokens": 4, "cached_tokens": 10, "completion_tokens": 2}, 14),
        ({"input_tokens": 10, "cache_read_input_tokens": 4, "output_tokens": 2,
          "total_tokens": 12}, 10),
        ({"inputTokens": 10, "cacheReadInputTokens": 4, "outputTokens": 2, "totalTokens": 16}, 14),
        ({"prompt_tokens": 10, "cached_tokens": 4, "completion_tokens": 2, "total_tokens": 16}, 14),
    ],
    ids=["Anthropic's names", "OpenAI's names", "more cached than sent", "a total with them within",
         "a total with them beside", "OpenAI's names, a total with them beside"],
)  # fmt: skip
def test_input_tokens_include_cached_ones(usage: dict[str, Any], sent: int) -> None:
    assert read(call(usage=usage)).call.input_tokens == sent


def test_what_gemini_thought_is_part_of_its_answer() -> None:
    told = read(call(usageMetadata={"promptTokenCount": 9, "candidatesTokenCount": 3,
                                    "thoughtsTokenCount": 4}))  # fmt: skip
    assert told.call.output_tokens == 7


def test_a_moment_before_the_end_is_the_beginning() -> None:
    began = {"timestamp": "2026-01-02T03:04:05.5Z", "completed": "2026-01-02T03:04:07Z"}
    assert read({"model": "gpt-4o", "input_tokens": 9, **began}).call.latency == pytest.approx(1.5)
    cut = {"timestamp": "2026-01-02T03:04:05Z", "end_time": "2026-01-02T03:04:05.8Z"}
    assert read({"model": "gpt-4o", "input_tokens": 9, **cut}).call.latency is None


def test_numbers_that_are_no_moments_of_a_log_are_none() -> None:
    for told in (12345.67, 638_000_000_000_000_000, "soon"):
        assert read({"model": "gpt-4o", "input_tokens": 9, "timestamp": told}).call.start > 1.7e9


@pytest.mark.parametrize(
    ("model", "operation"),
    [("text-embedding-3-small", "embeddings"), ("rerank-v3.5", "rerank"), ("gpt-4o", "chat")],
)
def test_what_a_model_is_for_is_told_by_its_name(model: str, operation: str) -> None:
    assert read({"model": model, "input_tokens": 9}).call.series.operation == operation


@pytest.mark.parametrize(
    ("model", "free"), [("llama3.2", True), ("my-model", True), ("gpt-4o", False)]
)
def test_a_proxy_on_this_machine_does_not_make_a_hosted_model_free(model: str, free: bool) -> None:
    found = read({"model": model, "input_tokens": 9, "base_url": "http://localhost:4000/v1"}).call
    assert found.series.local is free


def test_a_call_that_is_pending_is_in_flight() -> None:
    told = read(call(request_id="r", status="pending"))
    assert told.figures.in_flight == 1


def test_the_words_of_a_logger_are_not_taken_for_the_calls_name() -> None:
    line = {"levelname": "INFO", "name": "app.llm", "function": "ask", "model": "gpt-4o",
            "task": "summary", "input_tokens": 9}  # fmt: skip
    assert read(line).call.name == "summary"


@pytest.mark.parametrize(
    ("told", "provider", "model"),
    [
        ({"model": "openai:gpt-4o"}, "openai", "gpt-4o"),
        ({"model": "llama3:8b"}, None, "llama3:8b"),
        ({"model": "ollama:chat:llama3:8b"}, "ollama", "llama3:8b"),
        ({"model": "openai:gpt-4o", "provider": "proxy"}, "proxy", "openai:gpt-4o"),
        ({"provider": {"id": "anthropic:messages:claude-x"}}, "anthropic", "claude-x"),
    ],
    ids=str,
)
def test_a_models_name_may_bear_its_provider(
    told: dict[str, Any], provider: str | None, model: str
) -> None:
    series = read({**told, "tokenUsage": {"prompt": 9, "completion": 3}}).call.series
    assert (series.provider, series.model) == (provider, model)
