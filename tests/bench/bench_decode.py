"""How fast each format is decoded, as a ratio to `json.loads` on the same bytes.

Run: python tests/bench/bench_decode.py [--records N] [--rounds N]

The records are made up, and as large as those of programs that log content: prompts that carry the
conversation so far, tools' results of some KB. A ratio of 3 means that llmtop needs a third of the
time that `json.loads` needs for the same lines. Short lines come out worse: what is left undecoded
is the content.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import agent_records
import corpus

sys.path.insert(0, str(Path(__file__).parents[2]))

from llmtop.decode.decoder import Decoder
from llmtop.sources.chunk import Chunk
from tests.decode import otlp

TEXT = """the model says that a café is near the river
and "quotes" it in three lines, so that some characters
have to be written with a backslash"""
WORDS = TEXT.split(" ")


class Maker:
    """Makes records with content of a length that varies like that of conversations."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def text(self, words: int) -> str:
        """So many words, more or less."""
        count = max(3, int(self._random.expovariate(1 / words)))
        return " ".join(self._random.choices(WORDS, k=count))

    def messages(self, turns: int = 1) -> list[dict[str, str]]:
        """A conversation so far."""
        roles = ("system", "user", "assistant", "user", "assistant", "user") * turns
        return [{"role": role, "content": self.text(250)} for role in roles]

    def stamp(self, number: int) -> str:
        """A moment, a second after the last one."""
        return f"2026-01-02T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.125Z"


def native(make: Maker, number: int) -> Any:
    if number % 2 == 0:
        return {
            "type": "request", "request_id": f"r{number}", "timestamp": make.stamp(number),
            "model": "gpt-4o", "messages": make.messages(), "temperature": 0.5, "user_id": "u1",
        }  # fmt: skip
    return {
        "type": "response", "request_id": f"r{number - 1}", "timestamp": make.stamp(number),
        "content": make.text(500), "finish_reason": "stop", "prompt_tokens": 180,
        "completion_tokens": 100, "total_tokens": 280, "latency_ms": 1250.5, "error": None,
    }  # fmt: skip


def otlp_json(make: Maker, number: int) -> Any:
    spans = []
    for index in range(8):
        attributes = {
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.response.id": f"chatcmpl-{number}-{index}", "server.address": "api.openai.com",
            "gen_ai.usage.input_tokens": 180, "gen_ai.usage.output_tokens": 100,
            "gen_ai.input.messages": json.dumps(make.messages(turns=3)),
            "gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": [
                {"type": "text", "content": make.text(150)}]}]),
            "gen_ai.tool.definitions": json.dumps([{"name": "search", "d": make.text(1500)}]),
        }  # fmt: skip
        spans.append(otlp.span(number * 8 + index + 1, attributes, name="chat gpt-4o"))
    return otlp.export(*spans, scope="openai")


def claude_code(make: Maker, number: int) -> Any:
    told = {
        "parentUuid": f"u{number - 1}", "isSidechain": False, "userType": "external",
        "cwd": "/home/user/project", "sessionId": "5e55", "version": "2.1.0",
        "gitBranch": "main", "uuid": f"u{number}", "timestamp": make.stamp(number),
    }  # fmt: skip
    if number % 2:
        result = make.text(1800)
        part = {"type": "tool_result", "tool_use_id": f"t{number - 1}", "content": result}
        told |= {"type": "user", "message": {"role": "user", "content": [part]},
                 "toolUseResult": {"stdout": result, "interrupted": False}}  # fmt: skip
        return told
    usage = {"input_tokens": 5, "cache_read_input_tokens": 20000, "output_tokens": 90,
             "cache_creation_input_tokens": 900, "service_tier": "standard"}  # fmt: skip
    content = [{"type": "text", "text": make.text(80)},
               {"type": "tool_use", "id": f"t{number}", "name": "Edit",
                "input": {"file": "a.py", "new": make.text(500)}}]  # fmt: skip
    message = {"id": f"m{number}", "type": "message", "role": "assistant", "content": content,
               "model": "claude-sonnet-4-5", "stop_reason": None, "usage": usage}  # fmt: skip
    return {**told, "type": "assistant", "requestId": f"q{number}", "message": message}


def codex(make: Maker, number: int) -> Any:
    at = {"timestamp": make.stamp(number)}
    if number % 3 == 2:
        total = {"input_tokens": 100 * number, "output_tokens": 10 * number,
                 "cached_input_tokens": 50 * number, "total_tokens": 110 * number}  # fmt: skip
        info = {"total_token_usage": total, "last_token_usage": total}
        return {**at, "type": "event_msg", "payload": {"type": "token_count", "info": info}}
    if number % 3:
        payload = {"type": "function_call_output", "call_id": f"c{number - 1}",
                   "output": json.dumps({"output": make.text(1800), "metadata": {}})}  # fmt: skip
    else:
        payload = {"type": "function_call", "name": "shell", "call_id": f"c{number}",
                   "arguments": json.dumps({"command": make.text(40)})}  # fmt: skip
    return {**at, "type": "response_item", "payload": payload}


def litellm(make: Maker, number: int) -> Any:
    return {
        "id": f"l{number}", "trace_id": f"t{number}", "call_type": "acompletion",
        "status": "success", "response_cost": 0.01, "startTime": 1.7e9 + number,
        "endTime": 1.7e9 + number + 1, "model": "gpt-4o", "prompt_tokens": 180,
        "completion_tokens": 100, "messages": make.messages(), "metadata": {"tags": ["a"]},
        "response": {"id": f"chatcmpl-{number}", "choices": [
            {"finish_reason": "stop", "message": {"content": make.text(100)}}]},
    }  # fmt: skip


def langfuse(make: Maker, number: int) -> Any:
    return {
        "id": f"o{number}", "traceId": f"t{number}", "type": "GENERATION", "name": "answer",
        "parentObservationId": None, "startTime": make.stamp(number),
        "endTime": make.stamp(number + 1), "model": "gpt-4o", "level": "DEFAULT",
        "input": make.messages(), "output": make.text(150),
        "usageDetails": {"input": 180, "output": 100, "total": 280},
    }  # fmt: skip


def langsmith(make: Maker, number: int) -> Any:
    return {
        "id": f"s{number}", "trace_id": f"s{number}", "run_type": "llm", "name": "ChatOpenAI",
        "dotted_order": f"20260102T030405000000Zs{number}", "start_time": make.stamp(number),
        "end_time": make.stamp(number + 1), "inputs": {"messages": make.messages()},
        "outputs": {"usage_metadata": {"input_tokens": 180, "output_tokens": 100},
                    "text": make.text(150)},
    }  # fmt: skip


def console(make: Maker, number: int) -> Any:
    return {
        "name": "chat gpt-4o", "context": {"trace_id": f"0x{number:032x}",
                                           "span_id": f"0x{number:016x}"},
        "kind": "SpanKind.CLIENT", "parent_id": None, "start_time": make.stamp(number),
        "end_time": make.stamp(number + 1), "status": {"status_code": "UNSET"}, "events": [],
        "attributes": {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o",
                       "gen_ai.usage.input_tokens": 180, "gen_ai.usage.output_tokens": 100,
                       "gen_ai.input.messages": json.dumps(make.messages()),
                       "gen_ai.output.messages": json.dumps(make.text(150))},
    }  # fmt: skip


def batch(make: Maker, number: int) -> Any:
    body = {"id": f"chatcmpl-{number}", "model": "gpt-4o", "created": 1767323045,
            "choices": [{"message": {"role": "assistant", "content": make.text(1200)},
                         "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 180, "completion_tokens": 100}}  # fmt: skip
    return {"id": f"b{number}", "custom_id": f"c{number}", "error": None,
            "response": {"status_code": 200, "body": body}}  # fmt: skip


def spending(make: Maker, number: int) -> Any:
    return {
        "request_id": f"l{number}", "call_type": "acompletion", "spend": 0.01, "model": "gpt-4o",
        "prompt_tokens": 180, "completion_tokens": 100, "startTime": make.stamp(number),
        "endTime": make.stamp(number + 1), "metadata": {"status": "success"}, "cache_hit": "False",
        "messages": {}, "proxy_server_request": {"messages": make.messages()},
        "response": {"choices": [{"message": {"content": make.text(100)}}]},
    }  # fmt: skip


def mlflow(make: Maker, number: int) -> Any:
    answer = {"id": f"chatcmpl-{number}", "model": "gpt-4o",
              "choices": [{"message": {"content": make.text(150)}}]}  # fmt: skip
    attributes = {
        "mlflow.traceRequestId": f'"tr-{number:032x}"', "mlflow.spanType": '"CHAT_MODEL"',
        "mlflow.spanInputs": json.dumps({"model": "gpt-4o", "messages": make.messages()}),
        "mlflow.spanOutputs": json.dumps(answer),
        "mlflow.chat.tokenUsage": '{"input_tokens": 180, "output_tokens": 100}',
    }  # fmt: skip
    span = {"trace_id": f"tr-{number:032x}", "span_id": f"{number + 1:016x}", "name": "chat",
            "parent_span_id": None, "start_time_unix_nano": number * 10**9 + 1767323045 * 10**9,
            "end_time_unix_nano": number * 10**9 + 1767323046 * 10**9, "events": [],
            "status": {"code": "STATUS_CODE_OK"}, "attributes": attributes}  # fmt: skip
    return {"info": {"trace_id": f"tr-{number:032x}"}, "data": {"spans": [span]}}


def llm_logs(make: Maker, number: int) -> Any:
    return {
        "id": f"{number}", "model": "gpt-4o", "conversation_id": "c", "duration_ms": 900,
        "datetime_utc": make.stamp(number), "input_tokens": 180, "output_tokens": 100,
        "token_details": None, "system": make.text(200), "prompt": make.text(700),
        "response": make.text(500), "response_json": {"finish_reason": "stop", "id": "x"},
    }  # fmt: skip


def anthropic_batch(make: Maker, number: int) -> Any:
    usage = {"input_tokens": 180, "output_tokens": 100, "cache_read_input_tokens": 9}
    message = {"id": f"m{number}", "model": "claude-x", "stop_reason": "end_turn", "usage": usage,
               "content": [{"type": "text", "text": make.text(1200)}]}  # fmt: skip
    return {"custom_id": f"c{number}", "result": {"type": "succeeded", "message": message}}


def gemini_batch(make: Maker, number: int) -> Any:
    said = {"role": "model", "parts": [{"text": make.text(150)}]}
    asked = {"contents": [{"role": "user", "parts": [{"text": make.text(1000)}]}]}
    usage = {"promptTokenCount": 180, "candidatesTokenCount": 100, "totalTokenCount": 280}
    return {"status": "", "processed_time": make.stamp(number), "request": asked, "response": {
        "candidates": [{"content": said, "finishReason": "STOP"}], "responseId": f"r{number}",
        "modelVersion": "gemini-2.5-flash", "usageMetadata": usage}}  # fmt: skip


def bedrock_batch(make: Maker, number: int) -> Any:
    asked = {"max_tokens": 9, "messages": [{"role": "user", "content": make.text(1000)}]}
    answer = anthropic_batch(make, number)["result"]["message"]
    return {"recordId": f"r{number}", "modelInput": asked, "modelOutput": answer}


def pi(make: Maker, number: int) -> Any:
    message = {"role": "assistant", "provider": "anthropic", "model": "claude-x",
               "content": [{"type": "text", "text": make.text(1200)}], "stopReason": "stop",
               "usage": {"input": 5, "output": 90, "cacheRead": 900, "cacheWrite": 9}}  # fmt: skip
    return {"type": "message", "id": f"p{number}", "timestamp": make.stamp(number),
            "message": message}  # fmt: skip


def generic(make: Maker, number: int) -> Any:
    return {
        "timestamp": make.stamp(number), "level": "info", "event": "llm_call", "model": "gpt-4o",
        "request_id": f"g{number}", "prompt": make.text(1400), "response": make.text(300),
        "usage": {"prompt_tokens": 180, "completion_tokens": 100}, "latency_ms": 1250.5,
    }  # fmt: skip


def bedrock(make: Maker, number: int) -> Any:
    said = {"role": "assistant", "content": [{"text": make.text(150)}]}
    return {
        "schemaType": "ModelInvocationLog", "schemaVersion": "1.0", "timestamp": make.stamp(number),
        "accountId": "1", "requestId": f"q{number}", "operation": "Converse",
        "modelId": "anthropic.claude-sonnet-4-20250514-v1:0",
        "input": {"inputBodyJson": {"messages": make.messages()}, "inputTokenCount": 180},
        "output": {"outputTokenCount": 100, "outputBodyJson": {
            "output": {"message": said}, "stopReason": "end_turn", "metrics": {"latencyMs": 1250}}},
    }  # fmt: skip


Record = Callable[[Maker, int], Any]
FORMATS: dict[str, tuple[Record, float]] = {
    "native": (native, 3.0),
    "OTLP JSON": (otlp_json, 3.0),
    "Claude Code": (claude_code, 3.0),
    "Codex": (codex, 1.0),
    "LiteLLM": (litellm, 1.0),
    "Langfuse": (langfuse, 1.0),
    "LangSmith": (langsmith, 1.0),
    "console exporter": (console, 1.0),
    "OpenAI Batch": (batch, 1.0),
    "LiteLLM spending": (spending, 1.0),
    "MLflow": (mlflow, 1.0),
    "llm logs": (llm_logs, 1.0),
    "Anthropic batch": (anthropic_batch, 1.0),
    "Gemini batch": (gemini_batch, 1.0),
    "Bedrock batch": (bedrock_batch, 1.0),
    "pi": (pi, 1.0),
    **{name: (record, 1.0) for name, record in agent_records.AGENTS.items()},
    "Bedrock log": (bedrock, 1.0),
    "generic": (generic, 1.0),
}
"""The formats that programs write line by line, and the ratio aimed at; none may be below 1."""


def chunks_of(record: Record, count: int) -> list[bytes]:
    """Records as chunks of whole lines, as a source gives them."""
    make = Maker(7)
    return chunked([json.dumps(record(make, number)).encode() + b"\n" for number in range(count)])


def chunked(lines: list[bytes]) -> list[bytes]:
    """Lines put together to chunks."""
    chunks, held, size = [], [], 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= corpus.CHUNK:
            chunks.append(b"".join(held))
            held, size = [], 0
    return [*chunks, b"".join(held)] if held else chunks


def decode(chunks: list[bytes]) -> None:
    """What the pump does with them."""
    decoder = Decoder()
    for number, data in enumerate(chunks):
        decoder.decode(Chunk(number, 0, data))
    counts = decoder.counts(0)
    if counts.rejected or not counts.fragments:
        raise SystemExit(f"{counts.format}: {counts.rejected} rejected: {decoder.rejects}")


def load(chunks: list[bytes]) -> None:
    """What the standard library does with the same lines."""
    for data in chunks:
        for line in data.splitlines():
            json.loads(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    slow = []
    for name, (record, aim) in FORMATS.items():
        count = options.records // 8 if name == "OTLP JSON" else options.records
        chunks = chunks_of(record, count)
        size = sum(map(len, chunks))
        took = corpus.interleaved(
            {
                "json": lambda chunks=chunks: load(chunks),  # type: ignore[misc]  # bound now
                "llmtop": lambda chunks=chunks: decode(chunks),  # type: ignore[misc]  # bound now
            },
            options.rounds,
        )
        ratio = took["json"] / took["llmtop"]
        print(
            f"{name:<18}{size // count:7} bytes a record{took['llmtop'] / count * 1e6:9.1f} µs"
            f"{ratio:7.2f} times json.loads (aim: {aim:.0f})"
        )
        if ratio < 1.0:
            slow.append(name)
    if slow:
        raise SystemExit(f"slower than json.loads: {', '.join(slow)}")


if __name__ == "__main__":
    main()
