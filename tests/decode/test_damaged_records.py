"""Records of every format with any of their values replaced by any other."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decode import otlp
from tests.decode import test_anthropic_batch as anthropic_batch
from tests.decode import test_bedrock as bedrock
from tests.decode import test_bedrock_batch as bedrock_batch
from tests.decode import test_claude_code as claude_code
from tests.decode import test_cline as cline
from tests.decode import test_codex as codex
from tests.decode import test_console_exporter as console_exporter
from tests.decode import test_copilot_cli as copilot_cli
from tests.decode import test_gemini as gemini
from tests.decode import test_gemini_batch as gemini_batch
from tests.decode import test_langfuse as langfuse
from tests.decode import test_langfuse_events as langfuse_events
from tests.decode import test_langsmith as langsmith
from tests.decode import test_langsmith_upload as langsmith_upload
from tests.decode import test_litellm as litellm
from tests.decode import test_llm_cli as llm_cli
from tests.decode import test_managed_agents as managed_agents
from tests.decode import test_mlflow as mlflow
from tests.decode import test_native as native
from tests.decode import test_openai_batch as openai_batch
from tests.decode import test_opencode as opencode
from tests.decode import test_pi as pi
from tests.decode import test_qwen_code as qwen_code
from tests.decode import test_stream_chunks as chunks
from tests.decode.reading import Reading, lines

RECORDS: dict[str, list[Any]] = {
    "native": [native.REQUEST, native.RESPONSE, native.SPAN],
    "OTLP": [
        otlp.export(otlp.span(1, {"gen_ai.request.model": "m", "a": [1, {"b": 2}]}, parent=2)),
        otlp.logs(otlp.record({"event.name": "api_request", "model": "m"}, number=3)),
    ],
    "Claude Code": claude_code.TURN,
    "Codex": codex.SESSION_LINES,
    "Gemini CLI": [gemini.SESSION, *gemini.MESSAGES],
    "pi": pi.PI,
    "Cline": cline.TASK,
    "Copilot CLI": [*copilot_cli.KEPT, copilot_cli.USED, copilot_cli.SHUTDOWN],
    "Qwen Code": qwen_code.QWEN,
    "managed agents": managed_agents.MANAGED,
    "opencode": [opencode.ASKED, opencode.INFO, opencode.TOOL],
    "Langfuse": [langfuse.LANGFUSE, langfuse.GENERATION, langfuse.snake()],
    "Langfuse events": [langfuse_events.TRACE, langfuse_events.CREATED, langfuse_events.UPDATED],
    "LangSmith": [{"post": [langsmith.POST], "patch": [langsmith.PATCH]}, langsmith.EXPORTED],
    "LangSmith upload": [langsmith_upload.UPLOAD],
    "MLflow": [mlflow.MLFLOW],
    "llm": [llm_cli.LLM_LOG],
    "console": [console_exporter.CONSOLE],
    "LiteLLM": [litellm.payload(), litellm.spent()],
    "OpenAI Batch": [openai_batch.question("a"), openai_batch.answer("a")],
    "Anthropic batch": [
        anthropic_batch.question("a"),
        anthropic_batch.result("a", message=anthropic_batch.message()),
    ],
    "Gemini batch": [gemini_batch.vertex(), {"key": "k", "request": gemini_batch.REQUEST}],
    "Bedrock batch": [bedrock_batch.line()],
    "Bedrock": [
        bedrock.log(),
        bedrock.log(
            requestId="q-2",
            output={"outputBodyJson": [{"message": {"type": "message"}}, {"delta": {"text": "x"}}]},
        ),
    ],
    "streams": [*chunks.OPENAI, *chunks.ANTHROPIC, *chunks.RESPONSES, *chunks.GEMINI],
    "generic": [
        {"model": "m", "usage": {"prompt_tokens": 1}, "latency_ms": 5, "prompt": "x"},
        {
            "model": "gpt-4o",
            "duration": 0.5,
            "cost": {"total": 1},
            "error": {"type": "x"},
            "response": {"choices": [{"finish_reason": "stop"}]},
            "level": "error",
        },
        {
            "record": {
                "extra": {"model": "m", "tokens": {"in": 1}},
                "level": {"name": "INFO"},
                "time": {"timestamp": 1767323045.0},
            }
        },
    ],
    "carried": [
        {"log": '{"model": "m", "prompt_tokens": 1}', "time": "2026-01-02T03:04:05Z"},
        {"results": {"results": [{"model": "m", "prompt_tokens": 1}]}},
    ],
}
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1e308, "", "x", "2026-01-02T03:04:05Z", [], {}, [[]], [{}], {"a": 1},
    "\ud800", 10**30, {"type": []}, '{"a"', "[1", {"values": 3},
)  # fmt: skip


def damaged(value: Any, random: Random, often: float) -> Any:
    """The value with some of its parts replaced by odd ones, or left out."""
    if random.random() < often:
        return random.choice(ODD)
    if isinstance(value, dict):
        return {
            key: damaged(each, random, often)
            for key, each in value.items()
            if random.random() > often / 3
        }
    return [damaged(each, random, often) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", RECORDS)
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), often=st.sampled_from([0.02, 0.1, 0.3]), whole=st.booleans())
def test_no_value_in_a_record_stops_its_reading_or_its_showing(
    name: str, seed: int, often: float, whole: bool
) -> None:
    random = Random(seed)
    records = [damaged(record, random, often) for record in RECORDS[name]]
    told = Reading()
    if whole:
        told.feed(json.dumps(records).encode(), whole=True)
    else:
        told.feed(lines(*(json.dumps(record) for record in records)))
        assert told.counts().lines == len(records)
    for reject in told.decoder.rejects:
        assert "not understood" not in reject.reason, (reject.reason, reject.start)
    for span in told.spans:
        told.payload(span)
    for trace_id in list(told.live.index.traces):
        told.tree(trace_id)
