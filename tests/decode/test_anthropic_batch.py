"""Anthropic's Message Batches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import Reading, read, said


def question(name: str, **params: Any) -> dict[str, Any]:
    asked = {"model": "claude-x", "max_tokens": 9, "system": "Be brief",
             "messages": [{"role": "user", "content": "Hi"}], **params}  # fmt: skip
    return {"custom_id": name, "params": asked}


def result(name: str, kind: str = "succeeded", **told: Any) -> dict[str, Any]:
    return {"custom_id": name, "result": {"type": kind, **told}}


def message(**told: Any) -> dict[str, Any]:
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x-20260101",
        "content": [{"type": "text", "text": "Hello"},
                    {"type": "tool_use", "id": "t", "name": "find", "input": {"q": 1}}],
        "stop_reason": "tool_use", "stop_sequence": None,
        "usage": {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 7,
                  "cache_creation_input_tokens": 3,
                  "cache_creation": {"ephemeral_1h_input_tokens": 2}, "service_tier": "batch"},
        **told,
    }  # fmt: skip


def test_a_result_is_a_call_whose_input_includes_what_was_cached() -> None:
    call = read(result("a", message=message())).call
    assert (call.series.provider, call.series.model) == ("anthropic", "claude-x-20260101")
    assert (call.input_tokens, call.output_tokens, call.finish_reason) == (18, 7, "tool_use")
    assert call.cache is not None
    assert (call.cache.read, call.cache.write, call.cache.write_1h) == (5, 3, 2)
    assert call.latency is None


def test_results_are_joined_to_their_requests_in_any_order() -> None:
    answer = result("a", message=message())
    for first, second in ((question("a"), answer), (answer, question("a"))):
        told = Reading().lines(first).lines(second, source=1)
        assert (told.figures.calls, told.figures.in_flight) == (1, 0)
        assert told.call.series.requested == "claude-x"
        payload = told.payload(told.call)
        assert said(payload.input) == [("system", "Be brief"), ("user", "Hi")]
        assert [each.text for each in payload.output] == ["Hello"]
        assert [each.name for each in payload.output[0].tool_calls] == ["find"]
        assert payload.parameters == {"max_tokens": 9}


def test_requests_without_results_are_in_flight_in_lines_and_in_a_list() -> None:
    both = [question("a"), question("b")]
    assert read(*both).figures.in_flight == 2
    for whole in (both, {"requests": both}):
        told = Reading().document(whole)
        assert told.figures.in_flight == 2
        assert said(told.payload(told.spans[1]).input) == [("system", "Be brief"), ("user", "Hi")]


@pytest.mark.parametrize(
    ("kind", "error", "expected"),
    [("errored", {"type": "error", "error": {"type": "invalid_request_error", "message": "no"}},
      {"invalid_request_error": 1}),
     ("errored", {"type": "overloaded_error", "message": "later"}, {"overloaded_error": 1}),
     ("expired", None, {"expired": 1}), ("canceled", None, {})],
)  # fmt: skip
def test_outcomes(kind: str, error: Any, expected: dict[str, int]) -> None:
    told = read(result("a", kind, **({"error": error} if error else {})))
    assert told.figures.errors_by_type == expected
    assert (told.figures.in_flight, told.figures.cancelled) == (0, int(kind == "canceled"))
    assert told.call.input_tokens is None


def test_batches_whose_requests_are_named_alike_are_not_one() -> None:
    used = {"input_tokens": 4, "output_tokens": 1}
    first = result("a", message=message())
    second = result("a", message=message(id="msg_2", usage=used))
    told = Reading().lines(first).lines(second, source=1)
    assert (told.figures.calls, told.figures.output_tokens) == (2, 8)
    again = told.lines(second, source=2)
    assert again.figures.calls == 2
    assert [each.text for each in told.payload(told.calls[1]).output] == ["Hello"]
