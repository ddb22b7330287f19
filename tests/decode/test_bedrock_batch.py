"""Bedrock's batch inference."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import Reading, read, said

ASKED = {
    "anthropic_version": "bedrock-2023-05-31", "max_tokens": 9,
    "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
}  # fmt: skip
ANSWER = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
    "content": [{"type": "text", "text": "Hello"}], "stop_reason": "end_turn",
    "usage": {"input_tokens": 10, "output_tokens": 7, "cache_read_input_tokens": 5},
}  # fmt: skip


def line(answer: Any = None, **told: Any) -> dict[str, Any]:
    return {"modelInput": ASKED, "modelOutput": ANSWER if answer is None else answer,
            "recordId": "CALL0000001", **told}  # fmt: skip


def test_a_line_is_a_call() -> None:
    told = read(line())
    call = told.call
    assert (call.series.provider, call.series.model) == ("aws.bedrock", "claude-x")
    assert (call.input_tokens, call.output_tokens, call.finish_reason) == (15, 7, "end_turn")
    payload = told.payload(call)
    assert said(payload.input) == [("user", "Hi")]
    assert said(payload.output) == [("assistant", "Hello")]
    assert payload.parameters["max_tokens"] == 9


@pytest.mark.parametrize(
    ("answer", "sent", "answered", "text"),
    [({"generation": "Hello", "prompt_token_count": 10, "generation_token_count": 7,
       "stop_reason": "stop"}, 10, 7, "Hello"),
     ({"inputTextTokenCount": 10, "results": [
         {"tokenCount": 7, "outputText": "Hello", "completionReason": "FINISH"}]}, 10, 7, "Hello"),
     ({"output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}},
       "stopReason": "end_turn", "usage": {"inputTokens": 10, "outputTokens": 7, "totalTokens": 22,
                                           "cacheReadInputTokenCount": 5}}, 15, 7, "Hello"),
     ({"choices": [{"message": {"role": "assistant", "content": "Hello"}}],
       "usage": {"prompt_tokens": 10, "completion_tokens": 7}}, 10, 7, "Hello"),
     ({"outputs": [{"text": "Hello", "stop_reason": "stop"}]}, None, None, "Hello")],
    ids=["Llama", "Titan", "Nova", "AI21", "Mistral"],
)  # fmt: skip
def test_the_makers_of_models_say_it_in_their_own_words(
    answer: Any, sent: int | None, answered: int | None, text: str
) -> None:
    told = read(line(answer))
    assert (told.call.input_tokens, told.call.output_tokens) == (sent, answered)
    assert [each.text for each in told.payload(told.call).output] == [text]


def test_embeddings_are_known_by_what_they_are() -> None:
    (span,) = read(line({"embedding": [0.1, 0.2], "inputTextTokenCount": 3})).spans
    assert (span.series.operation, span.input_tokens) == ("embeddings", 3)


def test_an_error_stands_in_the_place_of_the_output() -> None:
    refused = {"errorCode": 400, "errorMessage": "malformed input"}
    told = read({"modelInput": ASKED, "recordId": "a", "error": refused})
    assert told.figures.errors_by_type == {"400": 1}


def test_a_line_of_input_is_in_flight_until_its_output_is_read() -> None:
    asked = {"recordId": "CALL0000001", "modelInput": ASKED}
    assert read(asked).figures.in_flight == 1
    told = Reading().lines(asked).lines(line(), source=1)
    assert (told.figures.calls, told.figures.in_flight) == (1, 0)
