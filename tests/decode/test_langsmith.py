"""LangSmith's runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.decode.reading import Reading, read, said


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

    def test_parts_in_any_order_give_the_same(self) -> None:
        told = read({"patch": [PATCH]}, {"post": [POST]})
        assert (told.figures.calls, told.figures.in_flight) == (1, 0)
        assert told.call.latency == pytest.approx(2.0)
        assert said(told.payload(told.call).output) == [("assistant", "Hello")]

    def test_operations_written_down_one_by_one_are_the_two_parts_of_a_run(self) -> None:
        for order in ([POST, PATCH], [PATCH, POST]):
            told = read(*order)
            assert (told.figures.calls, told.figures.in_flight) == (1, 0)
            assert told.call.latency == pytest.approx(2.0)

    @given(st.permutations([(part, name) for name in "abc" for part in ("post", "patch")]))
    def test_many_runs_may_be_told_in_any_order(self, order: list[tuple[str, str]]) -> None:
        runs = {"post": POST, "patch": PATCH}
        told = read(*({part: [{**runs[part], **run(name)}]} for part, name in order))
        figures = told.figures
        assert (figures.calls, figures.in_flight, figures.input_tokens) == (3, 0, 300)
        assert figures.latency is not None
        assert figures.latency.max == pytest.approx(2.0, rel=0.02)

    def test_a_run_that_ends_before_its_batch_is_sent_comes_in_one_part(self) -> None:
        assert read({"post": [{**POST, **PATCH}], "patch": []}).call.output_tokens == 7


EXPORTED = {
    **POST, **PATCH,
    "session_id": "the project's", "status": "success", "total_cost": "0.25",
    "start_time": "2026-01-02T03:04:05.000000", "first_token_time": "2026-01-02T03:04:05.500000",
    "end_time": "2026-01-02T03:04:07", "parent_run_id": "t", "child_runs": None,
    "prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107,
}  # fmt: skip


class TestExportedRuns:
    def test_times_without_a_zone_are_in_utc(self) -> None:
        call = read(EXPORTED).call
        assert (call.start, call.latency, call.ttft) == (1767323045.0, 2.0, 0.5)

    def test_costs_and_owners_are_read_and_the_project_is_no_session(self) -> None:
        call = read(EXPORTED).call
        assert (call.cost, call.session_id) == (0.25, "s")
        assert read({**EXPORTED, "extra": {"metadata": {"thread_id": "x"}}}).call.session_id == "x"
        assert read({**EXPORTED, "extra": {}}).call.session_id is None

    def test_a_cost_of_zero_means_that_no_price_was_known(self) -> None:
        assert read({**EXPORTED, "total_cost": "0"}).call.cost

    def test_sums_on_the_runs_around_a_call_are_not_added(self) -> None:
        chain = {**EXPORTED, "id": "t", "run_type": "chain", "parent_run_id": None,
                 "dotted_order": "20260102T030405000000Zt", "outputs": {}}  # fmt: skip
        figures = read(chain, EXPORTED).figures
        assert (figures.calls, figures.input_tokens, figures.cost) == (1, 100, 0.25)

    def test_runs_within_runs_and_pages_of_runs_are_read(self) -> None:
        root = {**EXPORTED, "id": "t", "run_type": "chain", "name": "agent", "parent_run_id": None,
                "dotted_order": "20260102T030405000000Zt", "child_runs": [EXPORTED]}  # fmt: skip
        assert read(root).tree("t") == ["chain agent", "  chat ChatOpenAI"]
        told = Reading().document({"runs": [root, EXPORTED], "cursors": {}})
        assert (told.figures.calls, told.figures.input_tokens) == (1, 100)
        assert said(told.payload(told.call).input) == [("user", "Hi")]

    def test_the_platforms_count_stands_in_for_usage_that_was_not_told(self) -> None:
        counted = {**EXPORTED, "outputs": {"text": "Hello"},
                   "prompt_token_details": {"raw": {"cache_read": 40}},
                   "completion_token_details": {"reasoning": 3}}  # fmt: skip
        call = read(counted).call
        assert (call.input_tokens, call.output_tokens) == (100, 7)
        assert call.cache is not None
        assert (call.cache.read, call.cache.reasoning) == (40, 3)
        nothing = {**counted, "prompt_tokens": 0, "completion_tokens": 0}
        assert read(nothing).call.input_tokens is None

    def test_a_tokens_event_tells_of_the_first_one(self) -> None:
        events = [{"name": "start", "time": "2026-01-02T03:04:05.000000"},
                  {"name": "new_token", "time": "2026-01-02T03:04:05.250000"},
                  {"name": "new_token", "time": "2026-01-02T03:04:06.000000"}]  # fmt: skip
        assert read({**EXPORTED, "first_token_time": None, "events": events}).call.ttft == 0.25

    def test_usage_written_as_anthropic_says_it_leaves_out_what_was_cached(self) -> None:
        usage = {"input_tokens": 5, "output_tokens": 7, "cache_read_input_tokens": 3}
        assert read({**EXPORTED, "outputs": {"usage": usage}}).call.input_tokens == 8
        kept = {"input_tokens": 8, "output_tokens": 7, "input_token_details": {"cache_read": 3}}
        assert read({**EXPORTED, "outputs": {"usage_metadata": kept}}).call.input_tokens == 8

    def test_a_retrievers_documents_are_shown_by_their_text(self) -> None:
        found = {"documents": [{"page_content": "a page", "metadata": {}, "type": "Document"}]}
        told = read({**EXPORTED, "run_type": "retriever", "outputs": found})
        assert [each.text for each in told.payload(told.spans[0]).output] == ["a page"]

    def test_a_run_with_neither_order_nor_model_in_its_metadata(self) -> None:
        plain = {name: value for name, value in EXPORTED.items() if name != "dotted_order"}
        plain["extra"] = {"invocation_params": {"model_name": "gpt-4o", "temperature": 0.5}}
        told = read(plain)
        assert told.call.series.model == "gpt-4o"
        assert told.payload(told.call).parameters["temperature"] == 0.5

    @pytest.mark.parametrize(
        ("error", "errors", "cancelled"),
        [("RateLimitError('slow down')Traceback (most recent call last)", 1, 0),
         ("CancelledError()", 0, 1), (None, 0, 0)],
    )  # fmt: skip
    def test_how_a_run_ended(self, error: str | None, errors: int, cancelled: int) -> None:
        told = read({**EXPORTED, "error": error})
        assert told.figures.errors == errors
        assert [span.status == "cancelled" for span in told.spans] == [bool(cancelled)]

    def test_why_a_stream_ended_is_in_its_last_chunk(self) -> None:
        chunk = {"index": 0, "delta": {}, "finish_reason": "length"}
        outputs = {**USED, "choices": [{"index": 0, "finish_reason": chunk}]}
        assert read({**EXPORTED, "outputs": outputs}).call.finish_reason == "length"

    def test_the_call_screen_shows_the_message_within_langchains_generations(self) -> None:
        kwargs = {"content": "Hello", "tool_calls": [{"name": "find", "args": {"q": 1}, "id": "c"}]}
        outputs = {"generations": [[{"text": "Hello", "message": {"lc": 1, "kwargs": kwargs}}]]}
        told = read({**EXPORTED, "outputs": outputs})
        (answer,) = told.payload(told.call).output
        assert (answer.role, answer.text) == ("assistant", "Hello")
        assert [call.name for call in answer.tool_calls] == ["find"]

    @pytest.mark.parametrize("inputs", [{"prompts": ["Hi"]}, {"question": "Hi"}, {"input": "Hi"}])
    def test_a_text_that_is_all_there_is_stands_without_its_name(self, inputs: Any) -> None:
        told = read({**EXPORTED, "inputs": inputs, "outputs": {"output": "Hello"}})
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "Hi")]
        assert said(payload.output) == [("assistant", "Hello")]
