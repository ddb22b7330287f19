"""The request logger: a request and its response become one call, redacted as it was told."""

from __future__ import annotations

import pytest

import llmtop
from llmtop import RequestLogger, tracer
from llmtop.emit import request_logger
from tests.emit.monitor import Monitor

MESSAGES = [{"role": "user", "content": "Who is alice@example.com?"}]


def test_request_and_response_are_one_call(monitor: Monitor) -> None:
    logger = RequestLogger(provider="openai")
    request_id = logger.log_request(
        "gpt-4o",
        MESSAGES,
        user_id="u1",
        session_id="s1",
        trace_id="t" * 32,
        temperature=0.5,
        max_tokens=100,
        seed=7,
    )
    monitor.wait(lambda: bool(monitor.calls()))
    assert monitor.calls()[0].running
    logger.log_response(
        request_id,
        content="Nobody.",
        prompt_tokens=9,
        completion_tokens=2,
        latency_ms=1234.5,
        ttft_ms=200.0,
        finish_reason="stop",
    )
    span = monitor.call()
    assert span.request_id == request_id
    assert (span.series.provider, span.series.requested) == ("openai", "gpt-4o")
    assert (span.user_id, span.session_id, span.trace_id) == ("u1", "s1", "t" * 32)
    assert span.parent_id is None
    assert (span.input_tokens, span.output_tokens) == (9, 2)
    assert span.latency == pytest.approx(1.2345)
    assert span.ttft == pytest.approx(0.2)
    payload = monitor.payload(span)
    assert payload.input[0].text == "Who is alice@example.com?"
    assert payload.output[0].text == "Nobody."
    assert payload.parameters == {"temperature": 0.5, "max_tokens": 100, "seed": 7}


def test_a_call_belongs_to_the_current_span(monitor: Monitor) -> None:
    logger = RequestLogger()
    with tracer.span("outer") as outer:
        logger.log_response(logger.log_request("m", MESSAGES), content="x")
    span = monitor.call()
    assert (span.trace_id, span.parent_id) == (outer.trace_id, outer.span_id)


def test_a_clients_response_is_understood(monitor: Monitor) -> None:
    logger = RequestLogger()
    response = {
        "id": "chatcmpl-1",
        "model": "gpt-4o-2024-08-06",
        "choices": [{"message": {"content": "Hi"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 1},
    }
    logger.log_response(logger.log_request("gpt-4o", MESSAGES), response)
    span = monitor.call()
    assert (span.series.answered, span.finish_reason) == ("gpt-4o-2024-08-06", "length")
    assert (span.input_tokens, span.output_tokens) == (5, 1)


@pytest.mark.parametrize("error", ["503 Service Unavailable", TimeoutError("too slow")])
def test_errors_are_told(monitor: Monitor, error: str | Exception) -> None:
    logger = RequestLogger()
    logger.log_response(logger.log_request("m", MESSAGES), error=error)
    span = monitor.call()
    assert span.status == "error"
    assert span.failure is not None
    assert span.failure.message == str(error)


def test_what_is_redacted_is_said_to_be_with_its_length(monitor: Monitor) -> None:
    logger = RequestLogger(log_prompts=False, log_responses=False)
    logger.log_response(logger.log_request("m", MESSAGES), content="secret", completion_tokens=3)
    span = monitor.call()
    assert span.output_tokens == 3
    payload = monitor.payload(span)
    assert payload.input[0].text == "[redacted: 25 characters]"
    assert payload.output[0].text == "[redacted: 6 characters]"


def test_what_is_masked_is_masked_before_it_leaves(monitor: Monitor) -> None:
    logger = RequestLogger(mask="pii")
    logger.log_response(logger.log_request("m", MESSAGES), content="alice@example.com is she")
    payload = monitor.payload(monitor.call())
    assert payload.input[0].text == "Who is [EMAIL]?"
    assert payload.output[0].text == "[EMAIL] is she"
    assert payload.attributes["masked"] == {"email": 1}


def test_what_configure_says_of_masking_holds_for_every_logger(monitor: Monitor) -> None:
    llmtop.configure(monitor.address, mask="pii", log_responses=False)
    logger = RequestLogger()
    logger.log_response(logger.log_request("m", MESSAGES), content="secret")
    payload = monitor.payload(monitor.call())
    assert payload.input[0].text == "Who is [EMAIL]?"
    assert payload.output[0].text == "[redacted: 6 characters]"


def test_a_response_without_its_request_is_told_alone(monitor: Monitor) -> None:
    RequestLogger().log_response("req_elsewhere", "Hi", latency_ms=5.0, prompt_tokens=3)
    span = monitor.call()
    assert (span.request_id, span.input_tokens) == ("req_elsewhere", 3)
    assert span.latency == pytest.approx(0.005, abs=1e-5)


def test_two_processes_may_tell_the_two_halves(monitor: Monitor) -> None:
    request_id = RequestLogger().log_request("m", MESSAGES)
    RequestLogger().log_response(request_id, "Hi", prompt_tokens=3)
    span = monitor.call()
    assert (span.series.requested, span.input_tokens) == ("m", 3)


def test_requests_that_are_never_answered_are_not_remembered_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_logger, "MOST_WAITING", 10)
    logger = RequestLogger()
    for _ in range(100):
        logger.log_request("m", MESSAGES)
    assert len(logger._waiting) == 10
