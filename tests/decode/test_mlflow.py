"""MLflow's traces."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.mlflow import MlFlow
from tests.decode.reading import Reading, read, said

TRACE_ID, SPAN_ID, ROOT_ID = (
    "0af7651916cd43dd8448eb211c80319c",
    "00f067aa0ba902b7",
    "b7ad6b71692033aa",
)


def in_base64(text: str) -> str:
    return base64.b64encode(bytes.fromhex(text)).decode()


MLFLOW_ATTRIBUTES = {
    "mlflow.spanType": '"CHAT_MODEL"',
    "mlflow.spanInputs": json.dumps(
        {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}),
    "mlflow.spanOutputs": json.dumps({
        "id": "chatcmpl-1", "model": "gpt-4o-2024-08-06",
        "choices": [{"message": {"role": "assistant", "content": "Hello"}}]}),
    "mlflow.chat.tokenUsage": json.dumps(
        {"input_tokens": 100, "output_tokens": 7, "total_tokens": 107}),
}  # fmt: skip


def mlflow_span(name: str, parent: str | None, attributes: dict[str, str]) -> dict[str, Any]:
    return {
        "trace_id": in_base64(TRACE_ID),
        "span_id": in_base64(name),
        "parent_span_id": in_base64(parent) if parent else "",
        "name": "ChatOpenAI",
        "start_time_unix_nano": 1767323045000000000,
        "end_time_unix_nano": 1767323047000000000,
        "status": {"code": "STATUS_CODE_OK", "message": ""},
        "attributes": attributes,
        "events": [],
    }


MLFLOW = {
    "info": {"trace_id": "tr-1", "state": "OK",
             "trace_metadata": {"mlflow.trace.session": "s", "mlflow.trace.user": "u"}},
    "data": {"spans": [mlflow_span(ROOT_ID, None, {"mlflow.spanType": '"CHAIN"'}),
                       mlflow_span(SPAN_ID, ROOT_ID, MLFLOW_ATTRIBUTES)]},
}  # fmt: skip


class TestMlFlow:
    def test_ids_in_base64_and_attributes_in_json_are_read(self) -> None:
        told = Reading().document(MLFLOW)
        call = told.call
        assert (call.span_id, call.parent_id, call.trace_id) == (SPAN_ID, ROOT_ID, TRACE_ID)
        assert (call.series.model, call.input_tokens, call.output_tokens) == ("gpt-4o", 100, 7)
        assert (call.session_id, call.user_id, call.latency) == ("s", "u", pytest.approx(2.0))

    def test_the_second_versions_spans_are_read(self) -> None:
        old = {
            "name": "ChatOpenAI",
            "context": {"span_id": f"0x{SPAN_ID}", "trace_id": f"0x{TRACE_ID}"},
            "parent_id": None, "start_time": 1767323045000000000,
            "end_time": 1767323047000000000, "status_code": "ERROR", "status_message": "503",
            "attributes": MLFLOW_ATTRIBUTES, "events": [],
        }  # fmt: skip
        told = Reading().document({"info": {"request_id": "r"}, "data": {"spans": [old]}})
        assert told.call.span_id == SPAN_ID
        assert told.figures.errors_by_type == {"503": 1}

    def test_the_call_screen_shows_inputs_and_outputs(self) -> None:
        told = Reading().document(MLFLOW)
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "Hi")]
        assert said(payload.output) == [("assistant", "Hello")]


def trace(*attributes: dict[str, Any], **told: Any) -> dict[str, Any]:
    """A trace of one call; its span says something else."""
    own = {**MLFLOW_ATTRIBUTES, **(attributes[0] if attributes else {})}
    span = mlflow_span(SPAN_ID, None, {name: v for name, v in own.items() if v is not None})
    return {"info": MLFLOW["info"], "data": {"spans": [{**span, **told}]}}


def otlp_span() -> dict[str, Any]:
    attributes = [
        {"key": name, "value": {"string_value": value}} for name, value in MLFLOW_ATTRIBUTES.items()
    ]
    times = {"start_time_unix_nano": "1767323045000000000",
             "end_time_unix_nano": "1767323047000000000"}  # fmt: skip
    span = mlflow_span(SPAN_ID, None, {})
    return {**span, **times, "attributes": attributes, "status": {"code": 1}}


WRAPPED: dict[str, Any] = {
    "the artifact traces.json": {"spans": [mlflow_span(SPAN_ID, None, MLFLOW_ATTRIBUTES)]},
    "a row of a table": {
        "trace_id": "tr-1", "state": "OK", "request_time": 1767323045000,
        "trace_metadata": MLFLOW["info"]["trace_metadata"],
        "spans": [mlflow_span(SPAN_ID, None, MLFLOW_ATTRIBUTES)],
    },
    "a row whose trace is an object": {
        "request_id": "1", "status": "OK",
        "trace": {"info": {"request_id": "1"}, "data": {"spans": [{
            "name": "ChatOpenAI", "span_id": f"0x{SPAN_ID}", "trace_id": f"0x{TRACE_ID}",
            "start_time_ns": 1767323045000000000, "end_time_ns": 1767323047000000000,
            "attributes": {name: json.loads(v) for name, v in MLFLOW_ATTRIBUTES.items()},
        }]}},
    },
    "a row whose trace is a text": {"request_id": "tr-1", "trace": json.dumps(trace())},
    "a list of traces": {"traces": [trace()], "next_page_token": None},
    "the API": {"trace": {"trace_info": MLFLOW["info"], "spans": [otlp_span()]}},
    "a span": mlflow_span(SPAN_ID, None, MLFLOW_ATTRIBUTES),
}  # fmt: skip


class TestWrappers:
    @pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED)
    def test_the_same_call_is_read_from_each(self, wrapped: dict[str, Any]) -> None:
        for told in (read(wrapped), Reading().document(wrapped)):
            call = told.call
            assert (call.trace_id, call.span_id) == (TRACE_ID, SPAN_ID)
            assert (call.series.model, call.input_tokens, call.latency) == ("gpt-4o", 100, 2.0)
            assert said(told.payload(call).output) == [("assistant", "Hello")]

    def test_the_owner_is_told_beside_the_spans(self) -> None:
        for name in ("a row of a table", "a list of traces", "the API"):
            call = read(WRAPPED[name]).call
            assert (call.session_id, call.user_id) == ("s", "u")

    def test_ids_may_be_those_that_mlflow_shows(self) -> None:
        told = trace(trace_id=f"tr-{TRACE_ID}", span_id=SPAN_ID, parent_span_id=None)
        assert read(told).call.trace_id == TRACE_ID
        told = trace(trace_id=f"trace:/catalog.schema/{TRACE_ID}", span_id=SPAN_ID)
        assert read(told).call.trace_id == TRACE_ID


class TestCalls:
    def test_cached_tokens_and_the_cost_are_read(self) -> None:
        used = {"input_tokens": 100, "output_tokens": 7, "total_tokens": 107,
                "cache_read_input_tokens": 40, "cache_creation_input_tokens": 30,
                "cache_creation_input_tokens_above_1hr": 20}  # fmt: skip
        cost = {"input_cost": 0.2, "output_cost": 0.05, "total_cost": 0.25}
        call = read(
            trace({"mlflow.chat.tokenUsage": json.dumps(used), "mlflow.llm.cost": json.dumps(cost),
                   "mlflow.llm.model": '"gpt-4o"', "mlflow.llm.provider": '"openai"'})
        ).call  # fmt: skip
        assert (call.input_tokens, call.cost, call.series.provider) == (100, 0.25, "openai")
        assert call.cache is not None
        assert (call.cache.read, call.cache.write, call.cache.write_1h) == (40, 30, 20)

    def test_usage_and_end_of_an_answer_stand_in_for_attributes(self) -> None:
        answer = {"model": "gpt-4o", "choices": [{"finish_reason": "length"}],
                  "usage": {"prompt_tokens": 9, "completion_tokens": 2}}  # fmt: skip
        told = {"mlflow.chat.tokenUsage": None, "mlflow.spanOutputs": json.dumps(answer)}
        call = read(trace(told)).call
        assert (call.input_tokens, call.output_tokens, call.finish_reason) == (9, 2, "length")

    def test_the_first_chunk_of_a_stream_tells_when_it_came(self) -> None:
        events = [{"name": "mlflow.chunk.item.0", "time_unix_nano": 1767323045500000000,
                   "attributes": {"mlflow.chunk.value": "{}"}},
                  {"name": "mlflow.chunk.item.1", "time_unix_nano": 1767323046000000000,
                   "attributes": {}}]  # fmt: skip
        assert read(trace(events=events)).call.ttft == pytest.approx(0.5)

    def test_an_exception_says_why_a_span_failed(self) -> None:
        raised = {"exception.type": "RateLimitError", "exception.message": "slow down"}
        events = [{"name": "exception", "time_unix_nano": 1, "attributes": raised}]
        for message in ("", "RateLimitError: slow down"):
            status = {"code": "STATUS_CODE_ERROR", "message": message}
            told = read(trace(events=events, status=status))
            assert told.figures.errors_by_type == {"RateLimitError": 1}
            assert told.call.failure is not None
            assert told.call.failure.message == "slow down"

    def test_a_span_that_has_not_ended_is_in_flight(self) -> None:
        assert read(trace(end_time_unix_nano=None)).figures.in_flight == 1

    def test_usage_and_model_make_a_call_of_a_span_of_no_kind(self) -> None:
        told = {"mlflow.spanType": '"UNKNOWN"', "mlflow.llm.model": '"gpt-4o"'}
        assert read(trace(told)).figures.calls == 1

    def test_what_agents_sum_up_is_not_added(self) -> None:
        agent = mlflow_span(ROOT_ID, None, {**MLFLOW_ATTRIBUTES, "mlflow.spanType": '"AGENT"'})
        inner = mlflow_span(SPAN_ID, ROOT_ID, MLFLOW_ATTRIBUTES)
        figures = read({"spans": [agent, inner]}).figures
        assert (figures.calls, figures.input_tokens) == (1, 100)

    @given(said=st.text(), name=st.sampled_from(["model", "model_name"]), last=st.booleans())
    def test_the_model_is_found_among_the_inputs_and_not_in_what_was_said(
        self, said: str, name: str, last: bool
    ) -> None:
        said += '"model": "another"'
        messages = {"messages": [{"role": "user", "content": said + json.dumps({name: said})}]}
        sent = {**messages, name: "gpt-4o"} if last else {name: "gpt-4o", **messages}
        told = {"mlflow.spanInputs": json.dumps(sent), "mlflow.spanOutputs": None}
        quick = MlFlow().read_line(json.dumps(trace(told)).encode(), 0)
        assert [each.model for each in quick or ()] == ["gpt-4o"]
        assert Reading().document(trace(told)).call.series.model == "gpt-4o"

    def test_parameters_are_what_was_sent_beside_the_messages(self) -> None:
        sent = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "seed": 1}
        told = read(trace({"mlflow.spanInputs": json.dumps(sent)}))
        assert told.payload(told.call).parameters == {"seed": 1}
