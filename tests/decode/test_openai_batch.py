"""OpenAI's Batch files."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decode.reading import Reading, read, said


def question(name: str, **body: Any) -> dict[str, Any]:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], **body}
    return {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body}


def answer(name: str, status: int = 200, **told: Any) -> dict[str, Any]:
    body = {
        "id": f"chatcmpl-{name}",
        "object": "chat.completion",
        "created": 1767323045,
        "model": "gpt-4o-2024-08-06",
        "choices": [
            {"message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3},
    }
    response = {"status_code": status, "body": told.pop("body", body)}
    return {"id": f"b-{name}", "custom_id": name, "response": response, "error": None, **told}


def test_answers_are_joined_to_their_requests_in_any_order() -> None:
    for first, second in ((question("a"), answer("a")), (answer("a"), question("a"))):
        told = Reading().lines(first).lines(second, source=1)
        assert (told.figures.calls, told.figures.in_flight) == (1, 0)
        assert told.call.series.model == "gpt-4o"
        assert (told.call.input_tokens, told.call.output_tokens) == (9, 3)


def test_a_batch_has_no_latency() -> None:
    assert read(question("a"), answer("a")).figures.latency is None


def test_failures_are_errors() -> None:
    refused = answer("a", 429, body={"error": {"type": "rate_limit", "message": "slow"}})
    expired = {"id": "b", "custom_id": "b", "response": None, "error": {"code": "batch_expired"}}
    told = read(question("a"), refused, question("b"), expired)
    assert told.figures.errors_by_type == {"rate_limit": 1, "batch_expired": 1}


def test_the_call_screen_shows_question_and_answer() -> None:
    told = read(question("a", temperature=0.5), answer("a"))
    payload = told.payload(told.call)
    assert said(payload.input) == [("user", "Hi")]
    assert said(payload.output) == [("assistant", "Hello")]
    assert payload.parameters["temperature"] == 0.5


def test_embeddings_and_responses_are_known() -> None:
    told = read(
        {"custom_id": "e", "url": "/v1/embeddings", "body": {"model": "emb", "input": "x"}},
        answer("e", body={"object": "list", "model": "emb", "usage": {"prompt_tokens": 2}}),
        {"custom_id": "r", "url": "/v1/responses", "body": {"model": "gpt-5", "input": "x"}},
        answer("r", body={"object": "response", "model": "gpt-5",
                          "usage": {"input_tokens": 4, "output_tokens": 2}}),
    )  # fmt: skip
    assert told.figures.calls == 2
    assert [call.series.operation for call in told.calls] == ["embeddings", "chat"]
    assert told.figures.input_tokens == 6


def test_the_call_screen_shows_both_sides_from_two_files_in_any_order() -> None:
    for first, second in ((question("a"), answer("a")), (answer("a"), question("a"))):
        told = Reading().lines(first).lines(second, source=1)
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "Hi")]
        assert said(payload.output) == [("assistant", "Hello")]
        assert "model" not in payload.parameters


def test_servers_that_leave_out_parts_of_the_file_are_understood() -> None:
    asked = {"custom_id": "a", "body": {"model": "m", "messages": []}}
    answered = {"custom_id": "a", "response": answer("a")["response"]["body"]}
    told = Reading().lines(asked).lines(answered, source=1)
    assert (told.figures.calls, told.figures.in_flight) == (1, 0)
    assert (told.call.input_tokens, told.call.output_tokens) == (9, 3)


def test_a_response_that_failed_or_was_cut_says_why() -> None:
    failed = answer("a", body={"object": "response", "status": "failed", "model": "gpt-5",
                               "error": {"code": "server_error", "message": "no"}})  # fmt: skip
    cut = answer("b", body={"object": "response", "status": "incomplete", "model": "gpt-5",
                            "incomplete_details": {"reason": "max_output_tokens"}})  # fmt: skip
    told = read(failed, cut)
    assert told.figures.errors_by_type == {"server_error": 1}
    assert [call.finish_reason for call in told.calls] == [None, "max_output_tokens"]


def test_a_request_that_was_cancelled_is_no_error() -> None:
    error = {"code": "batch_cancelled", "message": "cancelled"}
    told = read({"id": "b", "custom_id": "a", "response": None, "error": error})
    assert (told.figures.errors, told.figures.cancelled) == (0, 1)


def test_the_call_screen_shows_the_texts_of_embeddings_and_no_vectors() -> None:
    asked = {"custom_id": "e", "url": "/v1/embeddings", "body": {"model": "emb", "input": "x"}}
    body = {"object": "list", "model": "emb", "data": [{"embedding": [0.1]}], "usage": {}}
    told = read(asked, answer("e", body=body))
    payload = told.payload(told.call)
    assert (said(payload.input), payload.output) == ([("user", "x")], ())


def test_the_sums_of_a_batch_are_not_a_call() -> None:
    batch = {"id": "batch_1", "object": "batch", "model": "gpt-5", "created_at": 1767323045,
             "request_counts": {"total": 1, "completed": 1, "failed": 0},
             "usage": {"input_tokens": 9, "output_tokens": 3}}  # fmt: skip
    assert Reading().document(batch).figures.calls == 0
    told = read(question("a"), answer("a"), batch)
    assert (told.figures.input_tokens, told.counts().rejected) == (9, 0)


def test_a_batch_costs_half_of_what_the_price_table_says() -> None:
    told = read(question("a"), answer("a"))
    assert told.call.cost == pytest.approx((9 * 1.0 + 3 * 4.0) / 1e6 / 2)
    again = read(answer("a"), question("a"))
    assert again.call.cost == told.call.cost


@given(st.permutations([*map(question, "abc"), *map(answer, "abc")]))
def test_requests_and_answers_may_come_in_any_order(records: list[Any]) -> None:
    figures = read(*records).figures
    assert (figures.calls, figures.in_flight, figures.input_tokens) == (3, 0, 27)
