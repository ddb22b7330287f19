"""Uploads that LangSmith did not take."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.decode.reading import Reading, read, said
from tests.decode.test_langsmith import PATCH, POST

APART = ("inputs", "outputs", "extra")


def kept(body: bytes, **headers: str) -> dict[str, Any]:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"version": 1, "endpoint": "runs/multipart", "headers": headers,
            "body_base64": base64.b64encode(body).decode()}  # fmt: skip


def form(*runs: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Form data: a part a run, and one for each of its heavy values."""
    parts = []
    for change, run in runs:
        values = {f"{change}.{run['id']}": {k: v for k, v in run.items() if k not in APART}}
        values |= {f"{change}.{run['id']}.{name}": run[name] for name in APART if name in run}
        for name, value in values.items():
            head = (
                f'Content-Disposition: form-data; name="{name}"\r\nContent-Type: application/json'
            )
            parts.append(f"--b0und\r\n{head}\r\n\r\n{json.dumps(value)}\r\n")
    body = "".join((*parts, "--b0und--\r\n")).encode()
    return kept(body, Content_Type="multipart/form-data; boundary=b0und")


UPLOAD = form(("post", POST), ("patch", PATCH))


def test_the_parts_of_a_form_are_put_together() -> None:
    for told in (read(UPLOAD), Reading().document(UPLOAD)):
        call = told.call
        assert (call.series.model, call.input_tokens, call.output_tokens) == ("gpt-4o", 100, 7)
        assert call.latency == pytest.approx(2.0)
        payload = told.payload(call)
        assert said(payload.input) == [("user", "Hi")]
        assert said(payload.output) == [("assistant", "Hello")]
        assert "ChatOpenAI" in payload.raw[0]


def test_a_batch_in_json_is_read() -> None:
    body = json.dumps({"post": [POST], "patch": [PATCH]}).encode()
    told = read({**kept(body, Content_Type="application/json"), "endpoint": "runs/batch"})
    assert told.call.output_tokens == 7


@pytest.mark.parametrize(
    ("upload", "reason"),
    [(kept(b"x", Content_Encoding="zstd"), "LANGSMITH_DISABLE_RUN_COMPRESSION"),
     ({**UPLOAD, "body_base64": "?"}, "not base64")],
)  # fmt: skip
def test_what_cannot_be_read_is_rejected_with_the_reason(
    upload: dict[str, Any], reason: str
) -> None:
    told = read(upload)
    assert told.counts().rejected == 1
    assert reason in told.decoder.rejects[0].reason
