"""OpenTelemetry's console exporter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.decode.reading import Reading, read, said

TRACE_ID, SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "00f067aa0ba902b7"


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
