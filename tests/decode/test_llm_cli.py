"""What `llm logs --json` prints."""

from __future__ import annotations

import pytest

from tests.decode.reading import Reading, read, said

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


class TestVersions:
    def test_times_without_a_zone_are_in_utc(self) -> None:
        for told in ("2026-01-02T03:04:05", "2026-01-02T03:04:05.000000+00:00"):
            assert read({**LLM_LOG, "datetime_utc": told}).call.start == 1767323045.0

    def test_the_first_versions_called_things_otherwise(self) -> None:
        renamed = {"chat_id": "c", "timestamp_utc": LLM_LOG["datetime_utc"]}
        old = {n: v for n, v in LLM_LOG.items() if n not in ("conversation_id", "datetime_utc")}
        call = read({**old, **renamed}).call
        assert (call.session_id, call.start) == ("c", 1767323045.0)

    def test_usage_is_found_in_the_answer_where_there_are_no_columns_for_it(self) -> None:
        usage = {"prompt_tokens": 9, "completion_tokens": 2}
        answer = {"choices": [{"finish_reason": "length"}], "usage": usage}
        nothing = {"input_tokens": None, "output_tokens": None, "token_details": None}
        call = read({**LLM_LOG, **nothing, "response_json": answer}).call
        assert (call.input_tokens, call.output_tokens, call.finish_reason) == (9, 2, "length")

    def test_columns_of_anthropics_models_leave_out_cached_tokens(self) -> None:
        usage = {"input_tokens": 10, "output_tokens": 7, "cache_read_input_tokens": 5,
                 "cache_creation_input_tokens": 0}  # fmt: skip
        told = {"input_tokens": 10, "output_tokens": 7}
        for where in ({"token_details": None, "response_json": {"usage": usage}},
                      {"token_details": {"cache_read_input_tokens": 5}}):  # fmt: skip
            call = read({**LLM_LOG, **told, **where}).call
            assert (call.input_tokens, call.output_tokens) == (15, 7)

    def test_details_in_a_text_are_read(self) -> None:
        details = '{"prompt_tokens_details": {"cached_tokens": 40}}'
        call = read({**LLM_LOG, "token_details": details}).call
        assert (call.input_tokens, call.cache and call.cache.read) == (100, 40)

    def test_no_usage_is_none(self) -> None:
        nothing = {"input_tokens": None, "output_tokens": None, "token_details": None}
        assert read({**LLM_LOG, **nothing}).call.input_tokens is None


def test_fragments_attachments_and_tools_are_shown() -> None:
    told = Reading().document([{
        **LLM_LOG,
        "prompt_fragments": [{"hash": "h", "content": "A page", "aliases": []}],
        "attachments": [{"id": "a", "type": "image/png", "path": "/tmp/x.png", "url": None}],
        "tool_results": [{"name": "find", "output": "found", "tool_call_id": "t0"}],
        "tool_calls": [{"name": "find", "arguments": {"q": 1}, "tool_call_id": "t1"}],
        "reasoning": "hm", "schema_json": {"type": "object"},
    }])  # fmt: skip
    payload = told.payload(told.call)
    assert said(payload.input) == [
        ("system", "Be brief"), ("user", "A page\nHi\n[image/png /tmp/x.png]"), ("tool", "found"),
    ]  # fmt: skip
    (answer,) = payload.output
    assert answer.text == "[reasoning] hm\nHello"
    assert [(call.name, call.arguments) for call in answer.tool_calls] == [("find", '{"q":1}')]
    assert payload.attributes["schema_json"] == {"type": "object"}
