"""OpenAI's real library against a loopback server: each call is seen once, with its figures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

import llmtop
from tests.emit.asking_openai import MODEL, TOOLS, say
from tests.emit.model_server import (
    ANSWER,
    ARGUMENTS,
    CACHED_TOKENS,
    COMPLETION_TOKENS,
    PROMPT_TOKENS,
    REASONING_TOKENS,
    ModelServer,
)
from tests.emit.monitor import Monitor


def test_a_plain_call_is_seen_whole(client: OpenAI, monitor: Monitor) -> None:
    answer = client.chat.completions.create(
        model=MODEL, messages=say("CACHED hello"), temperature=0.5, user="u1"
    )
    assert answer.choices[0].message.content == ANSWER
    span = monitor.call()
    assert span.series.requested == MODEL
    assert span.series.answered == "gpt-4o-mini-2024-07-18"
    assert span.series.provider == "openai"
    assert (span.input_tokens, span.output_tokens) == (PROMPT_TOKENS, COMPLETION_TOKENS)
    assert span.cache is not None
    assert (span.cache.read, span.cache.reasoning) == (CACHED_TOKENS, REASONING_TOKENS)
    assert (span.status, span.finish_reason, span.user_id) == ("ok", "stop", "u1")
    assert span.latency is not None
    assert span.latency > 0
    payload = monitor.payload(span)
    assert payload.input[0].text == "CACHED hello"
    assert payload.output[0].text == ANSWER
    assert payload.parameters["temperature"] == 0.5
    assert payload.attributes["llm.api_base"] == str(client.base_url)


def test_a_call_is_in_flight_until_it_is_answered(client: OpenAI, monitor: Monitor) -> None:
    stream = client.chat.completions.create(model=MODEL, messages=say("PAUSE"), stream=True)
    next(stream)
    monitor.wait(lambda: len(monitor.calls()) == 1)
    assert monitor.calls()[0].running
    stream.close()
    assert not monitor.call().running


def test_usage_that_the_program_asks_for_itself_reaches_it(
    client: OpenAI, monitor: Monitor
) -> None:
    stream = client.chat.completions.create(
        model=MODEL, messages=say("hello"), stream=True, stream_options={"include_usage": True}
    )
    *_, last = list(stream)
    assert last.usage is not None
    assert monitor.call().output_tokens == COMPLETION_TOKENS


def test_a_server_of_which_nothing_is_known_is_not_asked_for_usage(
    model_server: ModelServer, monitor: Monitor
) -> None:
    with OpenAI(api_key="k", base_url=model_server.openai_url) as client:
        llmtop.instrument(client)
        list(client.chat.completions.create(model=MODEL, messages=say("plain"), stream=True))
    span = monitor.call()
    assert span.status == "ok"
    assert span.output_tokens is None, "unknown, never zero"
    assert "stream_options" not in model_server.requests[-1]


def test_tool_calls_are_told(client: OpenAI, monitor: Monitor) -> None:
    client.chat.completions.create(model=MODEL, messages=say("TOOL"), tools=TOOLS)
    span = monitor.call()
    assert span.finish_reason == "tool_calls"
    (call,) = monitor.payload(span).output[0].tool_calls
    assert (call.name, call.arguments) == ("weather", ARGUMENTS)


def test_a_refusal_is_told(client: OpenAI, monitor: Monitor) -> None:
    client.chat.completions.create(model=MODEL, messages=say("REFUSE"))
    payload = monitor.payload(monitor.call())
    assert "I will not." in payload.output[0].text
    assert payload.attributes["refusal"] == "I will not."


def test_retries_are_one_call_with_its_attempts(client: OpenAI, monitor: Monitor) -> None:
    client.chat.completions.create(model=MODEL, messages=say("FLAKY openai"))
    span = monitor.call()
    assert span.status == "ok"
    assert monitor.payload(span).attributes["attempts"] == 3


def test_a_limit_that_stays_is_an_error_with_its_attempts(client: OpenAI, monitor: Monitor) -> None:
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model=MODEL, messages=say("FAIL429"))
    span = monitor.call()
    assert span.status == "error"
    assert span.failure is not None
    assert span.failure.type == "RateLimitError"
    assert "Rate limit reached" in (span.failure.message or "")
    payload = monitor.payload(span)
    assert payload.attributes["attempts"] == 3
    assert payload.attributes["http.response.status_code"] == 429


def test_a_server_error_is_told(client: OpenAI, monitor: Monitor) -> None:
    with pytest.raises(openai.InternalServerError):
        client.with_options(max_retries=0).chat.completions.create(
            model=MODEL, messages=say("FAIL500")
        )
    span = monitor.call()
    assert span.failure is not None
    assert span.failure.type == "InternalServerError"


def test_a_timeout_is_told(client: OpenAI, monitor: Monitor) -> None:
    patient = client.with_options(max_retries=0, timeout=0.2)
    with pytest.raises(openai.APITimeoutError):
        patient.chat.completions.create(model=MODEL, messages=say("HANG"))
    span = monitor.call()
    assert span.status == "error"
    assert span.failure is not None
    assert span.failure.type == "APITimeoutError"


class Answer(BaseModel):
    answer: str


def test_the_parse_helper_works_and_is_seen(client: OpenAI, monitor: Monitor) -> None:
    parsed = client.chat.completions.parse(
        model=MODEL, messages=say("hello"), response_format=Answer
    )
    assert parsed.choices[0].message.parsed == Answer(answer="Paris")
    assert monitor.call().output_tokens == COMPLETION_TOKENS


def test_a_raw_response_is_seen_and_parses(client: OpenAI, monitor: Monitor) -> None:
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=say("hello"))
    assert raw.headers["x-request-id"] == "req_test"
    assert raw.parse().choices[0].message.content == ANSWER
    span = monitor.call()
    assert span.output_tokens == COMPLETION_TOKENS


def test_a_raw_streamed_response_is_seen(client: OpenAI, monitor: Monitor) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=say("hello"), stream=True
    )
    assert len(list(raw.parse())) > len(ANSWER.split())
    assert monitor.call().output_tokens == COMPLETION_TOKENS


def test_a_streaming_response_is_seen(client: OpenAI, monitor: Monitor) -> None:
    with client.chat.completions.with_streaming_response.create(
        model=MODEL, messages=say("hello")
    ) as response:
        assert response.parse().choices[0].message.content == ANSWER
    assert monitor.call().output_tokens == COMPLETION_TOKENS


def test_a_streaming_response_of_which_the_body_is_read_is_seen(
    client: OpenAI, monitor: Monitor
) -> None:
    with client.chat.completions.with_streaming_response.create(
        model=MODEL, messages=say("hello")
    ) as response:
        response.read()
    assert monitor.call().output_tokens == COMPLETION_TOKENS


def test_embeddings_are_seen(client: OpenAI, monitor: Monitor) -> None:
    made = client.embeddings.create(
        model="text-embedding-3-small", input=["a", "b"], encoding_format="float"
    )
    assert len(made.data) == 2
    span = monitor.call()
    assert span.series.operation == "embeddings"
    assert (span.input_tokens, span.output_tokens) == (PROMPT_TOKENS, None)
    assert [message.text for message in monitor.payload(span).input] == ["a", "b"]


def test_the_responses_api_is_seen(client: OpenAI, monitor: Monitor) -> None:
    answer = client.responses.create(model=MODEL, input="CACHED", instructions="Be brief.")
    assert answer.output_text == ANSWER
    span = monitor.call()
    assert (span.input_tokens, span.output_tokens) == (PROMPT_TOKENS, COMPLETION_TOKENS)
    assert span.cache is not None
    assert (span.cache.read, span.cache.reasoning) == (CACHED_TOKENS, REASONING_TOKENS)
    payload = monitor.payload(span)
    assert [message.role for message in payload.input] == ["system", "user"]
    assert payload.output[0].text == ANSWER


def test_the_responses_api_tells_its_tool_calls(client: OpenAI, monitor: Monitor) -> None:
    client.responses.create(model=MODEL, input="TOOL")
    (call,) = monitor.payload(monitor.call()).output[0].tool_calls
    assert (call.id, call.name, call.arguments) == ("call_1", "weather", ARGUMENTS)


def test_parallel_calls_each_stand_in_their_own_trace(client: OpenAI, monitor: Monitor) -> None:
    def turn(number: int) -> None:
        with llmtop.tracer.trace(f"turn {number}"), llmtop.tracer.chain_step("answer"):
            client.chat.completions.create(model=MODEL, messages=say(f"hello {number}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(turn, range(8)))
    monitor.wait(lambda: len(monitor.spans()) == 24 and not monitor.live.running)
    by_id = {span.span_id: span for span in monitor.spans()}
    for call in monitor.calls():
        step = by_id[call.parent_id or ""]
        root = by_id[step.parent_id or ""]
        assert step.name == "answer"
        assert call.trace_id == step.trace_id == root.trace_id
    assert len({call.trace_id for call in monitor.calls()}) == 8


def test_instrumenting_again_changes_nothing(client: OpenAI, monitor: Monitor) -> None:
    llmtop.instrument(client)
    llmtop.instrument()
    client.chat.completions.create(model=MODEL, messages=say("hello"))
    monitor.call()
    assert monitor.live.duplicates == 0


def test_uninstrumenting_undoes_it(client: OpenAI, monitor: Monitor) -> None:
    before = set(OpenAI(api_key="k").__dict__)
    llmtop.uninstrument(client)
    client.chat.completions.create(model=MODEL, messages=say("unseen"))
    monitor.read()
    assert monitor.calls() == []
    assert {name for name in client.__dict__ if "llmtop" in name} == set()
    assert "request" not in set(client.__dict__) - before


def test_every_client_is_seen_after_instrument_without_one(
    model_server: ModelServer, monitor: Monitor
) -> None:
    llmtop.instrument(include_usage=True)
    with OpenAI(api_key="k", base_url=model_server.openai_url) as client:
        list(client.chat.completions.create(model=MODEL, messages=say("all"), stream=True))
    assert monitor.call().output_tokens == COMPLETION_TOKENS
    llmtop.uninstrument()
    with OpenAI(api_key="k", base_url=model_server.openai_url) as client:
        client.chat.completions.create(model=MODEL, messages=say("unseen"))
    monitor.read()
    assert len(monitor.calls()) == 1


def test_what_is_no_call_to_a_model_is_left_alone(client: OpenAI, monitor: Monitor) -> None:
    with pytest.raises(openai.NotFoundError):
        client.moderations.create(input="hello")
    monitor.read()
    assert monitor.spans() == []


def test_switched_off_the_client_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMTOP", "0")
    with OpenAI(api_key="k") as client:
        before = dict(client.__dict__)
        assert llmtop.instrument(client) is client
        assert client.__dict__ == before
