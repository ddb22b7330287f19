"""Amazon Bedrock's model invocation logs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.decode.reading import Reading, read, said

AT = "2026-01-02T03:04:05Z"


def log(**told: Any) -> dict[str, Any]:
    """A Converse call, as the log has it."""
    return {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": AT,
        "accountId": "123456789012",
        "identity": {"arn": "arn:aws:sts::123456789012:assumed-role/app/ada"},
        "region": "eu-central-1",
        "requestId": "q-1",
        "operation": "Converse",
        "modelId": "eu.anthropic.claude-sonnet-4-20250514-v1:0",
        "input": {
            "inputContentType": "application/json",
            "inputBodyJson": {
                "system": [{"text": "Be brief."}],
                "messages": [{"role": "user", "content": [{"text": "Which river?"}]}],
                "inferenceConfig": {"maxTokens": 99},
            },
            "inputTokenCount": 10,
            "cacheReadInputTokenCount": 200,
            "cacheWriteInputTokenCount": 30,
        },
        "output": {
            "outputContentType": "application/json",
            "outputBodyJson": {
                "output": {"message": {"role": "assistant", "content": [{"text": "The Rhine."}]}},
                "stopReason": "end_turn",
                "metrics": {"latencyMs": 1500},
                "usage": {"inputTokens": 10, "outputTokens": 7, "totalTokens": 247},
            },
            "outputTokenCount": 7,
        },
        **told,
    }


def test_a_call_has_its_tokens_latency_and_person() -> None:
    found = read(log()).call
    assert found.series.provider == "aws.bedrock"
    assert found.series.model == "eu.anthropic.claude-sonnet-4-20250514-v1:0"
    assert (found.input_tokens, found.output_tokens) == (240, 7), "the log leaves cached ones out"
    assert found.cache is not None
    assert (found.cache.read, found.cache.write) == (200, 30)
    assert found.latency == pytest.approx(1.5)
    assert found.start == 1767323045.0, "the log tells when the request came"
    assert (found.finish_reason, found.user_id, found.status) == ("end_turn", "ada", "ok")


def test_the_same_record_twice_is_one_call() -> None:
    assert read(log(), log()).figures.calls == 1


def test_a_refused_call_is_an_error() -> None:
    refused = log(errorCode="ThrottlingException")
    del refused["output"]
    told = read(refused)
    assert told.figures.errors_by_type == {"ThrottlingException": 1}
    assert told.call.latency is None


def test_a_streamed_answer_of_anthropics_events_tells_its_first_byte() -> None:
    events = [
        {"type": "message_start", "message": {
            "type": "message", "id": "msg_1", "model": "claude-sonnet-4-20250514",
            "usage": {"input_tokens": 10, "cache_creation": {"ephemeral_1h_input_tokens": 30}}}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "The "}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Rhine."}},
        {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}},
        {"type": "message_stop", "amazon-bedrock-invocationMetrics": {
            "inputTokenCount": 10, "outputTokenCount": 7, "invocationLatency": 900,
            "firstByteLatency": 300}},
    ]  # fmt: skip
    told = read(
        log(
            operation="InvokeModelWithResponseStream",
            output={"outputBodyJson": events, "outputTokenCount": 7},
        )
    )
    found = told.call
    assert found.latency == pytest.approx(0.9)
    assert found.ttft == pytest.approx(0.3)
    assert found.finish_reason == "max_tokens"
    assert found.cache is not None
    assert found.cache.write_1h == 30
    assert said(told.payload(found).output) == [("assistant", "The Rhine.")]


def test_an_answer_without_a_latency_has_none() -> None:
    told = read(log(output={"outputTokenCount": 7}))
    assert told.call.latency is None
    assert told.call.output_tokens == 7


@pytest.mark.parametrize(
    ("body", "words", "reason"),
    [
        ({"generation": "Hi", "stop_reason": "stop"}, "Hi", "stop"),
        ({"results": [{"outputText": "Hi", "completionReason": "FINISH"}]}, "Hi", "FINISH"),
        ({"type": "message", "content": [{"type": "text", "text": "Hi"}],
          "stop_reason": "end_turn"}, "Hi", "end_turn"),
        ({"choices": [{"message": {"role": "assistant", "content": "Hi"},
                       "finish_reason": "stop"}]}, "Hi", "stop"),
        ([{"outputText": "H"}, {"outputText": "i", "completionReason": "FINISH"}], "Hi", "FINISH"),
    ],
    ids=["Llama", "Titan", "Anthropic", "OpenAI", "Titan streamed"],
)  # fmt: skip
def test_answers_of_every_family(body: Any, words: str, reason: str) -> None:
    told = read(log(operation="InvokeModel", output={"outputBodyJson": body}))
    assert told.call.finish_reason == reason
    assert said(told.payload(told.call).output) == [("assistant", words)]


def test_bodies_may_be_texts_and_counts_may_stand_in_them_alone() -> None:
    body = {"usage": {"inputTokens": 4, "outputTokens": 3}, "stopReason": "end_turn"}
    told = read(log(input={}, output={"outputBodyJson": json.dumps(body)}))
    assert (told.call.input_tokens, told.call.output_tokens) == (4, 3)


@pytest.mark.parametrize(
    ("model", "operation", "name"),
    [
        ("amazon.titan-embed-text-v2:0", "embeddings", "amazon.titan-embed-text-v2:0"),
        ("cohere.rerank-v3-5:0", "rerank", "cohere.rerank-v3-5:0"),
        ("arn:aws:bedrock:eu-central-1:1:inference-profile/eu.amazon.nova-lite-v1:0", "chat",
         "eu.amazon.nova-lite-v1:0"),
        ("arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-1-8b-instruct-v1:0", "chat",
         "meta.llama3-1-8b-instruct-v1:0"),
    ],
)  # fmt: skip
def test_models_are_named_without_their_arn(model: str, operation: str, name: str) -> None:
    series = read(log(modelId=model)).call.series
    assert (series.model, series.operation) == (name, operation)


def test_the_call_screen_shows_question_answer_and_parameters() -> None:
    told = read(log())
    payload = told.payload(told.call)
    assert said(payload.input) == [("system", "Be brief."), ("user", "Which river?")]
    assert said(payload.output) == [("assistant", "The Rhine.")]
    assert payload.parameters == {"inferenceConfig": {"maxTokens": 99}}
    assert payload.attributes["region"] == "eu-central-1"


def test_records_that_cloudwatch_wrapped_are_read() -> None:
    told = read({"timestamp": 1767323046000, "message": json.dumps(log())})
    assert (told.call.input_tokens, told.counts().format) == (240, "Bedrock invocation log")
    exported = {"events": [{"message": json.dumps(log(requestId=name))} for name in "abc"]}
    assert Reading().document(exported).figures.calls == 3
