"""What `llm logs --json` prints."""

from __future__ import annotations

import pytest

from tests.decode.reading import Reading, said

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
