"""Streams of providers' APIs, written down as they came."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.decode.reading import read, said


def chunk(delta: str | None = None, **told: Any) -> dict[str, Any]:
    """A chunk of OpenAI's chat completions."""
    choice = {"index": 0, "delta": {"content": delta}, "finish_reason": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1767323045,
        "model": "gpt-4o-2024-08-06",
        "choices": [choice],
        "usage": None,
        **told,
    }


OPENAI = [
    chunk("The "),
    chunk("Rhine."),
    chunk(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]),
    chunk(choices=[], usage={"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}),
]
ANTHROPIC: list[Any] = [
    {"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
        "content": [], "usage": {"input_tokens": 5, "cache_read_input_tokens": 100,
                                 "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}},
    {"type": "message_stop"},
]  # fmt: skip
RESPONSES: list[Any] = [
    {"type": "response.created", "sequence_number": 0,
     "response": {"id": "resp_1", "status": "in_progress", "model": "gpt-5",
                  "created_at": 1767323045, "usage": None}},
    {"type": "response.output_text.delta", "sequence_number": 1, "item_id": "i", "delta": "Hi"},
    {"type": "response.completed", "sequence_number": 2,
     "response": {"id": "resp_1", "status": "completed", "model": "gpt-5",
                  "created_at": 1767323045, "output": [
                      {"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}],
                  "usage": {"input_tokens": 9, "output_tokens": 3, "total_tokens": 12}}},
]  # fmt: skip
GEMINI = [
    {"candidates": [{"content": {"parts": [{"text": "The "}], "role": "model"}}],
     "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 1, "totalTokenCount": 10},
     "modelVersion": "gemini-2.5-flash", "responseId": "g1"},
    {"candidates": [{"content": {"parts": [{"text": "Rhine."}], "role": "model"},
                     "finishReason": "STOP"}],
     "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 3, "thoughtsTokenCount": 4,
                       "totalTokenCount": 16},
     "modelVersion": "gemini-2.5-flash", "responseId": "g1"},
]  # fmt: skip
OLLAMA = [
    {"model": "llama3.2", "created_at": "2026-01-02T03:04:05Z", "response": "Hi", "done": False},
    {"model": "llama3.2", "created_at": "2026-01-02T03:04:06Z", "response": "", "done": True,
     "done_reason": "stop", "total_duration": 1_500_000_000, "prompt_eval_count": 9,
     "eval_count": 3},
]  # fmt: skip


@pytest.mark.parametrize(
    ("stream", "tokens", "reason"),
    [
        (OPENAI, (9, 3), "stop"),
        (ANTHROPIC, (105, 7), "end_turn"),
        (RESPONSES, (9, 3), None),
        (GEMINI, (9, 7), "STOP"),
        (OLLAMA, (9, 3), "stop"),
    ],
    ids=["OpenAI", "Anthropic", "OpenAI's responses", "Gemini", "Ollama"],
)
def test_all_parts_of_an_answer_are_one_call(
    stream: list[Any], tokens: tuple[int, int], reason: str | None
) -> None:
    told = read(*stream)
    assert (told.call.input_tokens, told.call.output_tokens) == tokens
    assert (told.call.finish_reason, told.call.status) == (reason, "ok")
    assert not told.call.running
    assert told.counts().rejected == 0


def test_two_streams_of_anthropic_are_two_calls() -> None:
    second = [{**ANTHROPIC[0], "message": {**ANTHROPIC[0]["message"], "id": "msg_2"}}]
    told = read(*ANTHROPIC, *second, *ANTHROPIC[1:])
    assert (told.figures.calls, told.figures.output_tokens) == (2, 14)


def test_an_answer_that_goes_on_is_in_flight_and_then_has_no_latency() -> None:
    told = read(*OPENAI[:2])
    assert told.figures.in_flight == 1
    told.lines(*OPENAI[2:])
    assert told.figures.in_flight == 0
    assert told.call.latency is None, "chunks tell when the answer began, and nothing else"


def test_a_failed_answer_is_an_error() -> None:
    failed = {"type": "response.failed", "sequence_number": 2,
              "response": {"id": "resp_1", "status": "failed", "model": "gpt-5", "usage": None,
                           "error": {"code": "server_error", "message": "no"}}}  # fmt: skip
    assert read(RESPONSES[0], failed).figures.errors_by_type == {"server_error": 1}


def test_lines_of_server_sent_events_are_read() -> None:

    told = read(*(f"data: {json.dumps(each)}" for each in OPENAI))
    assert told.figures.calls == 1


def test_the_call_screen_puts_the_answer_together() -> None:
    for stream, words in ((OPENAI[:3], "The Rhine."), (GEMINI, "The Rhine."), (RESPONSES, "Hi")):
        told = read(*stream)
        assert said(told.payload(told.call).output) == [("assistant", words)]
