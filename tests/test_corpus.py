"""Real logs of every format give the figures that were worked out for them independently."""

from __future__ import annotations

import pytest

from tests import corpus

pytestmark = pytest.mark.skipif(
    corpus.FOLDER is None, reason="LLMTOP_CORPUS names no folder of sample logs"
)

OTLP = corpus.files("otlp", "otlp-json-pretty")
COUNTED_BY_ITS_TOOL = {"claude_code/ccusage/alpha.jsonl": 3, "claude_code/ccusage/beta.jsonl": 2}
"""Transcripts of lines without a type: the tool they are from counts each as a call."""


@pytest.mark.parametrize("file", corpus.files("claude-code-transcript"))
def test_claude_code(file: str) -> None:
    expected, told = corpus.expected(file), corpus.read(file)
    if file in COUNTED_BY_ITS_TOOL:
        assert told.summary["calls"] == COUNTED_BY_ITS_TOOL[file]
        return
    models = expected["tokens_by_model"]
    assert told.summary["calls"] == expected["llm_calls"]
    sent = corpus.sums(models, "input", "cache_read", "cache_creation")
    assert (told.summary["input_tokens"] or 0) == sent
    assert (told.summary["output_tokens"] or 0) == corpus.sums(models, "output")
    assert (told.summary["cache_read_tokens"] or 0) == corpus.sums(models, "cache_read")
    assert (told.summary["cache_write_tokens"] or 0) == corpus.sums(models, "cache_creation")
    assert told.summary["traces"] == expected["sessions"]
    assert {row["model"]: row["calls"] for row in told.summary["models"]} == {
        model: figures["calls"] for model, figures in models.items()
    }
    longest = expected["max_latency_s_parent_to_last_chunk"]
    assert told.longest(told.calls) == pytest.approx(longest, abs=0.001)
    tools = [span for span in told.spans if span.series.operation == "execute_tool"]
    assert sum(span.failed for span in tools) == expected["tool_result_errors"]
    assert told.summary["sources"][0]["lines"] == expected["records"]


@pytest.mark.parametrize("file", corpus.files("claude-stream-json"))
def test_claude_stream_json_ends_with_the_totals_of_its_result(file: str) -> None:
    expected, told = corpus.expected(file), corpus.read(file)
    totals = expected["results"][-1]["modelUsage"]
    assert told.summary["calls"] == expected["llm_calls"]
    cached = corpus.sums(totals, "cacheReadInputTokens")
    written = corpus.sums(totals, "cacheCreationInputTokens")
    assert told.summary["input_tokens"] == corpus.sums(totals, "inputTokens") + cached + written
    assert told.summary["output_tokens"] == corpus.sums(totals, "outputTokens")
    assert told.summary["cache_read_tokens"] == cached
    assert told.summary["cost_usd"] == pytest.approx(expected["results"][-1]["total_cost_usd"])
    assert told.summary["traces"] == expected["sessions"]
    retries = [span for span in told.spans if (span.name or "").startswith("API retry")]
    assert len(retries) == expected["api_retries"]


@pytest.mark.parametrize("file", corpus.files("codex-rollout"))
def test_codex(file: str) -> None:
    expected, told = corpus.expected(file), corpus.read(file)
    models = expected["tokens_by_model"]
    assert told.summary["calls"] == expected["llm_calls"]
    assert (told.summary["input_tokens"] or 0) == corpus.sums(models, "input_incl_cached")
    assert (told.summary["cache_read_tokens"] or 0) == corpus.sums(models, "cached")
    assert (told.summary["output_tokens"] or 0) == corpus.sums(models, "output_incl_reasoning")
    assert (told.summary["reasoning_tokens"] or 0) == corpus.sums(models, "reasoning")
    assert told.summary["latency_ms"]["max"] is None
    turns = [span for span in told.spans if span.series.operation == "turn"]
    assert told.longest(turns) == pytest.approx(expected["max_turn_latency_s"], abs=0.001)


def test_a_codex_fork_does_not_count_its_parents_calls_again() -> None:
    forks = corpus.files("codex-rollout")
    alone = [corpus.read(file).summary["calls"] for file in forks]
    together = corpus.read(*forks).summary["calls"]
    assert together <= sum(alone)


@pytest.mark.parametrize("file", corpus.files("gemini-cli-session-json"))
def test_gemini_cli(file: str) -> None:
    expected, told = corpus.expected(file), corpus.read(file)
    assert told.summary["calls"] == expected["llm_calls"]
    assert told.summary["sources"][0]["rejected"] == 0


@pytest.mark.parametrize("file", OTLP)
def test_otlp_counts_each_call_once(file: str) -> None:
    expected, told = corpus.expected(file), corpus.read(file)
    models = expected["tokens_by_model_deduped"]
    assert told.summary["calls"] == expected["llm_calls_deduped"]
    assert told.summary["errors"] == expected["llm_errors_deduped"]
    assert (told.summary["input_tokens"] or 0) == corpus.sums(models, "input")
    assert (told.summary["output_tokens"] or 0) == pytest.approx(
        corpus.sums(models, "output"), abs=2
    ), "two instrumentations of one call may differ by a token"
    assert told.summary["spans"] == expected["spans"]
    assert told.summary["traces"] == expected["traces"]
    every_call = [span for span in told.spans if span.is_call]
    assert told.longest(every_call) == pytest.approx(expected["max_llm_latency_s"], abs=0.001)


@pytest.mark.parametrize("folder", sorted({file.split("/")[1] for file in OTLP}))
def test_the_console_exporter_tells_what_the_otlp_exporter_tells(folder: str) -> None:
    consoles = [
        file
        for file in corpus.files(
            "otel-python-console-exporter-pretty", "otel-python-console-exporter-oneline"
        )
        if file.split("/")[1] == folder
    ]
    exports = [file for file in OTLP if file == f"otlp/{folder}/otlp_file_exporter.jsonl"]
    for console in consoles if exports else []:
        one, other = corpus.read(console).summary, corpus.read(exports[0]).summary
        for name in ("calls", "errors", "input_tokens", "output_tokens", "spans", "traces"):
            assert one[name] == other[name], name


def test_metrics_alone_tell_of_no_calls_and_it_is_said() -> None:
    for file in corpus.files("otlp-metrics"):
        told = corpus.read(file)
        assert told.summary["calls"] == 0
        assert "metrics" in (told.notes[0] or "")


@pytest.mark.parametrize("file", corpus.files("litellm-standard-logging-payload"))
def test_litellm(file: str) -> None:
    expected, told = corpus.expected(file), corpus.read(file)
    models = expected["tokens_by_model"]
    assert told.summary["calls"] == expected["llm_calls"]
    assert told.summary["errors"] == expected["errors"]
    assert told.summary["input_tokens"] == corpus.sums(models, "input")
    assert told.summary["output_tokens"] == corpus.sums(models, "output")
    assert told.summary["cost_usd"] == pytest.approx(expected["total_cost"])
    assert told.summary["traces"] == expected["traces"]
    assert told.longest(told.calls) == pytest.approx(expected["max_latency_s"], abs=0.001)


def test_litellms_array_tells_what_its_lines_tell() -> None:
    for array in corpus.files("litellm-standard-logging-payload-array"):
        lines = corpus.files("litellm-standard-logging-payload")[0]
        one, other = corpus.read(array).summary, corpus.read(lines).summary
        assert {name: one[name] for name in one if name != "sources"} == {
            name: other[name] for name in other if name != "sources"
        }


@pytest.mark.parametrize("file", corpus.files("langfuse-trace-export"))
def test_langfuse(file: str) -> None:
    expected, told = corpus.expected(file), corpus.read(file)
    models = expected["tokens_by_model"]
    every = [span for span in told.spans if span.is_call]
    assert len(every) == expected["llm_calls"]
    assert sum(span.input_tokens or 0 for span in every) == corpus.sums(models, "input")
    assert sum(span.output_tokens or 0 for span in every) == corpus.sums(models, "output")
    cost = sum(figures["cost"] for figures in models.values())
    assert sum(span.cost or 0.0 for span in every) == pytest.approx(cost)
    assert told.summary["spans"] == expected["records"]
    assert told.summary["traces"] == expected["traces"]
    assert told.longest(every) == pytest.approx(expected["max_latency_s"], abs=0.001)


def test_a_generation_around_another_is_the_same_call() -> None:
    nested = [file for file in corpus.files("langfuse-trace-export") if "agno" in file]
    for file in nested:
        told = corpus.read(file)
        assert told.summary["calls"] == corpus.expected(file)["llm_calls"] // 2
        assert all((span.name or "").startswith("chat ") for span in told.calls)


@pytest.mark.parametrize("file", corpus.files("langsmith-batch-ingest"))
def test_langsmith(file: str) -> None:
    expected, told = corpus.expected(file), corpus.read(file)
    assert told.summary["calls"] == expected["llm_calls"]
    assert told.summary["traces"] == expected["traces"]
    assert told.summary["errors"] == expected["errors"]
    for used in filter(None, expected["usage"]):
        assert told.summary["input_tokens"] == used["input_tokens"]
        assert told.summary["output_tokens"] == used["output_tokens"]


@pytest.mark.parametrize("file", corpus.files("langsmith-sdk-call-recording"))
def test_managed_agents(file: str) -> None:
    expected, told = corpus.expected(file), corpus.read(file)
    tokens = expected["tokens"]
    cached = tokens["cache_read_input_tokens"] + tokens["cache_creation_input_tokens"]
    assert told.summary["calls"] == expected["llm_calls"]
    assert told.summary["errors"] == expected["errors"]
    assert told.summary["input_tokens"] == tokens["input_tokens"] + cached
    assert told.summary["output_tokens"] == tokens["output_tokens"]
    assert told.summary["in_flight"] == expected["unpaired_starts"]
    assert told.longest(told.calls) == pytest.approx(expected["max_latency_s"], abs=0.001)


@pytest.mark.parametrize("file", corpus.files("llm-cli-logs-json"))
def test_llm_logs(file: str) -> None:
    expected, told = corpus.expected(file), corpus.read(file)
    models = expected["tokens_by_model"]
    assert told.summary["calls"] == expected["llm_calls"]
    assert told.summary["input_tokens"] == corpus.sums(models, "input")
    assert told.summary["output_tokens"] == corpus.sums(models, "output")
    assert told.longest(told.calls) == pytest.approx(expected["max_latency_s"], abs=0.001)
    assert len({span.session_id for span in told.calls}) == expected["sessions"]


@pytest.mark.parametrize("file", corpus.files("openai-batch-output"))
def test_openai_batch_joins_answers_to_their_requests(file: str) -> None:
    expected = corpus.expected(file)
    models = expected["tokens_by_model"]
    for told in (corpus.read(file), corpus.read(file, file.replace("_output", "_input"))):
        assert told.summary["calls"] == expected["llm_calls"]
        assert told.summary["errors"] == expected["errors"]
        assert told.summary["input_tokens"] == corpus.sums(models, "input")
        assert told.summary["output_tokens"] == corpus.sums(models, "output")
        assert told.summary["in_flight"] == 0
        assert told.summary["latency_ms"]["max"] is expected["latency"]


@pytest.mark.parametrize("file", corpus.files("hand-rolled-llm-jsonl"))
def test_logs_of_json_loggers(file: str) -> None:
    expected, told = corpus.expected(file), corpus.read(file)
    models = expected["tokens_by_model_all_records"]
    assert told.summary["calls"] == 5
    assert told.summary["errors"] == expected["errors"]
    assert told.summary["input_tokens"] == corpus.sums(models, "input")
    assert told.summary["output_tokens"] == corpus.sums(models, "output")
    assert told.longest(told.calls) == pytest.approx(expected["max_latency_s"], abs=0.001)


def test_no_file_of_the_folder_stops_the_reader() -> None:
    assert corpus.FOLDER is not None
    for path in sorted(corpus.FOLDER.rglob("*")):
        if path.suffix in {".json", ".jsonl", ".log"}:
            told = corpus.read_paths(path).summary["sources"]
            assert all(source["lines"] >= source["rejected"] >= 0 for source in told), path
