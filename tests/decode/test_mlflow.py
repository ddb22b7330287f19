"""MLflow's traces."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.decode.reading import Reading, said

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
