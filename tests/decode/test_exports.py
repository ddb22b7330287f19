"""Exports of other tools: Langfuse, LangSmith, MLflow, `llm logs`, OTel's console exporter."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.decode.reading import Reading, read, said


def observation(name: str, kind: str, parent: str | None = None, **told: Any) -> dict[str, Any]:
    return {
        "id": name,
        "traceId": "t",
        "type": kind,
        "name": name,
        "parentObservationId": parent,
        "startTime": "2026-01-02T03:04:05.000Z",
        "endTime": "2026-01-02T03:04:07.000Z",
        "level": "DEFAULT",
        **told,
    }


GENERATION = observation(
    "g", "GENERATION", "root", model="gpt-4o", input=[{"role": "user", "content": "Hi"}],
    output={"role": "assistant", "content": "Hello"}, modelParameters={"temperature": 0.5},
    usageDetails={"input": 100, "output": 7, "total": 107}, costDetails={"total": 0.25},
)  # fmt: skip
LANGFUSE = {
    "trace": {"id": "t", "sessionId": "s", "userId": "u"},
    "observations": [observation("root", "SPAN"), GENERATION],
}


class TestLangfuse:
    def test_a_generation_is_a_call(self) -> None:
        told = Reading().document(LANGFUSE)
        call = told.call
        assert (call.input_tokens, call.output_tokens, call.cost) == (100, 7, 0.25)
        assert (call.session_id, call.user_id, call.latency) == ("s", "u", pytest.approx(2.0))
        assert told.tree("t") == ["other root", "  chat g"]

    def test_the_call_screen_shows_input_and_output(self) -> None:
        told = Reading().document(LANGFUSE)
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "Hi")]
        assert said(payload.output) == [("assistant", "Hello")]
        assert payload.parameters == {"temperature": 0.5}

    def test_an_error_is_told_by_its_level(self) -> None:
        failed = {**GENERATION, "level": "ERROR", "statusMessage": "RateLimitError: slow"}
        told = Reading().document({**LANGFUSE, "observations": [failed]})
        assert told.figures.errors_by_type == {"RateLimitError": 1}

    def test_buckets_that_add_up_to_the_total_are_told_apart_from_parts(self) -> None:
        apart = {"input": 60, "output": 7, "cache_read_input_tokens": 40, "total": 107}
        within = {"input": 100, "output": 7, "cache_read_input_tokens": 40, "total": 107}
        for details in (apart, within):
            told = read({**GENERATION, "usageDetails": details})
            assert told.call.input_tokens == 100

    def test_observations_on_lines_of_their_own_are_read(self) -> None:
        assert read(observation("root", "SPAN"), GENERATION).figures.calls == 1


def run(identity: str, **told: Any) -> dict[str, Any]:
    return {
        "id": identity,
        "trace_id": "t",
        "dotted_order": f"20260102T030405000000Zt.20260102T030405000000Z{identity}",
        **told,
    }


POST = run(
    "a", run_type="llm", name="ChatOpenAI", start_time="2026-01-02T03:04:05.000Z",
    inputs={"messages": [{"role": "user", "content": "Hi"}]},
    extra={"metadata": {"ls_provider": "openai", "ls_model_name": "gpt-4o", "session_id": "s"}},
)  # fmt: skip
USED = {"usage_metadata": {"input_tokens": 100, "output_tokens": 7,
                           "input_token_details": {"cache_read": 40},
                           "output_token_details": {"reasoning": 3}},
        "choices": [{"message": {"role": "assistant", "content": "Hello"}}]}  # fmt: skip
PATCH = run("a", end_time="2026-01-02T03:04:07.000Z", outputs=USED)


class TestLangSmith:
    def test_a_run_is_told_in_two_parts_of_one_batch_or_of_two(self) -> None:
        batches = ([{"post": [POST], "patch": [PATCH]}], [{"post": [POST]}, {"patch": [PATCH]}])
        for batch in batches:
            call = read(*batch).call
            assert (call.series.model, call.input_tokens, call.output_tokens) == ("gpt-4o", 100, 7)
            assert call.latency == pytest.approx(2.0)
            assert call.cache is not None
            assert (call.cache.read, call.cache.reasoning) == (40, 3)

    def test_a_patch_without_an_id_is_known_by_its_order(self) -> None:
        nameless = {name: value for name, value in PATCH.items() if name != "id"}
        assert read({"post": [POST]}, {"patch": [nameless]}).figures.calls == 1

    def test_a_run_that_has_only_begun_is_in_flight(self) -> None:
        assert read({"post": [POST]}).figures.in_flight == 1

    def test_runs_exported_on_lines_and_errors(self) -> None:
        told = read({**POST, "end_time": 1767323047000, "error": "TimeoutError: too slow"})
        assert told.figures.errors_by_type == {"TimeoutError": 1}
        assert told.call.latency == pytest.approx(2.0)

    def test_usage_is_found_in_the_message_that_langchain_writes_out(self) -> None:
        kwargs = {"content": "Hello", "usage_metadata": USED["usage_metadata"]}
        outputs = {
            "generations": [[{"text": "Hello", "message": {"lc": 1, "kwargs": kwargs}}]],
            "llm_output": {"token_usage": {"prompt_tokens": 1}, "model_name": "gpt-4o-2024-08-06"},
        }
        call = read({**POST, **run("a", end_time="2026-01-02T03:04:07Z", outputs=outputs)}).call
        assert (call.input_tokens, call.output_tokens) == (100, 7)
        assert call.cache is not None
        assert call.cache.read == 40
        assert call.series.answered == "gpt-4o-2024-08-06"

    def test_the_call_screen_shows_inputs_and_outputs(self) -> None:
        told = read({"post": [POST], "patch": [PATCH]})
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "Hi")]
        assert said(payload.output) == [("assistant", "Hello")]


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


LLM_LOG = {
    "id": "01", "model": "gpt-4o", "resolved_model": "gpt-4o-2024-08-06", "prompt": "Hi",
    "system": "Be brief", "response": "Hello", "conversation_id": "c", "duration_ms": 1500,
    "datetime_utc": "2026-01-02T03:04:05.000000+00:00", "input_tokens": 100, "output_tokens": 7,
    "token_details": {"prompt_tokens_details": {"cached_tokens": 40}}, "options_json": {},
}  # fmt: skip


class TestLlmLogs:
    def test_a_row_is_a_call(self) -> None:
        call = Reading().document([LLM_LOG]).call
        assert (call.input_tokens, call.output_tokens, call.session_id) == (100, 7, "c")
        assert call.latency == pytest.approx(1.5)
        assert call.cache is not None
        assert call.cache.read == 40

    def test_the_call_screen_shows_prompt_and_response(self) -> None:
        told = Reading().document([LLM_LOG])
        payload = told.payload(told.call)
        assert said(payload.input) == [("system", "Be brief"), ("user", "Hi")]
        assert said(payload.output) == [("assistant", "Hello")]


CONSOLE: dict[str, Any] = {
    "name": "chat gpt-4o",
    "context": {"trace_id": f"0x{TRACE_ID}", "span_id": f"0x{SPAN_ID}", "trace_state": "[]"},
    "kind": "SpanKind.CLIENT",
    "parent_id": None,
    "start_time": "2026-01-02T03:04:05.000000Z",
    "end_time": "2026-01-02T03:04:07.000000Z",
    "status": {"status_code": "UNSET"},
    "attributes": {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o",
                   "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 7},
    "events": [],
    "links": [],
    "resource": {"attributes": {"service.name": "app"}, "schema_url": ""},
}  # fmt: skip


class TestConsoleExporter:
    def test_laid_out_and_in_a_line_it_tells_the_same(self) -> None:
        for told in (read(CONSOLE), Reading().document(CONSOLE)):
            call = told.call
            assert (call.trace_id, call.span_id) == (TRACE_ID, SPAN_ID)
            assert (call.input_tokens, call.latency) == (100, pytest.approx(2.0))

    def test_an_error_is_told_by_status_and_exception(self) -> None:
        attributes = {"exception.type": "APIError", "exception.message": "no"}
        raised = {
            "name": "exception",
            "timestamp": "2026-01-02T03:04:06.000000Z",
            "attributes": attributes,
        }
        failed = {**CONSOLE, "status": {"status_code": "ERROR"}, "events": [raised]}
        assert read(failed).figures.errors_by_type == {"APIError": 1}

    def test_two_instrumentations_of_one_call_are_told_apart_by_their_names(self) -> None:
        other = {**CONSOLE, "name": "openai.chat",
                 "context": {"trace_id": "0x" + "1" * 32, "span_id": "0x" + "2" * 16}}  # fmt: skip
        assert read(CONSOLE, other).figures.calls == 1
        twin = {**other, "name": "chat gpt-4o"}
        assert read(CONSOLE, twin).figures.calls == 2

    def test_the_time_to_the_first_token_is_that_of_its_event(self) -> None:
        first = {
            "name": "First Token Stream Event",
            "timestamp": "2026-01-02T03:04:05.250000Z",
            "attributes": {},
        }
        assert read({**CONSOLE, "events": [first]}).call.ttft == pytest.approx(0.25)
        assert read(CONSOLE).call.ttft is None

    def test_parameters_leave_out_what_is_told_as_model_and_input(self) -> None:
        sent = json.dumps({"model": "gpt-4o", "temperature": 0.5, "messages": []})
        attributes = {**CONSOLE["attributes"], "llm.invocation_parameters": sent}
        told = read({**CONSOLE, "attributes": attributes})
        assert told.payload(told.call).parameters == {"temperature": 0.5}

    def test_events_written_out_as_an_attribute_are_messages(self) -> None:
        events = [
            {"event.name": "gen_ai.user.message", "content": "Hi", "role": "user"},
            {"event.name": "gen_ai.choice", "message": {"role": "assistant", "content": "Yo"}},
        ]
        attributes = {**CONSOLE["attributes"], "events": json.dumps(events)}
        told = read({**CONSOLE, "attributes": attributes})
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "Hi")]
        assert said(payload.output) == [("assistant", "Yo")]

    def test_texts_of_embeddings_and_documents_are_shown(self) -> None:
        attributes = {
            "openinference.span.kind": "EMBEDDING",
            "embedding.model_name": "m",
            "embedding.embeddings.0.embedding.text": "Hi",
            "retrieval.documents.0.document.content": "found",
        }
        told = read({**CONSOLE, "attributes": attributes})
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "Hi")]
        assert [each.text for each in payload.output] == ["found"]
