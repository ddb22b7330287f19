"""LangSmith's runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import read, said


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
