"""Langfuse's exports."""

from __future__ import annotations

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


def snake(**told: Any) -> dict[str, Any]:
    """A row of the scheduled export, whose times name no zone and are in UTC."""
    return {
        "id": "g", "trace_id": "t", "project_id": "p", "environment": "default",
        "type": "GENERATION", "parent_observation_id": "", "name": "answer",
        "start_time": "2026-01-02 03:04:05.000000", "end_time": "2026-01-02 03:04:07.000000",
        "completion_start_time": "2026-01-02 03:04:05.500000", "level": "DEFAULT",
        "status_message": "", "provided_model_name": "gpt-4o",
        "input": '[{"role":"user","content":"Hi"}]',
        "output": "Hello", "model_parameters": '{"temperature":0.5}',
        "usage_details": {"input": 100, "output": 7, "total": 107},
        "cost_details": {"input": 0.2, "output": 0.05}, "total_cost": 0.25,
        "user_id": "u", "session_id": "s", **told,
    }  # fmt: skip


class TestScheduledExports:
    def test_a_row_is_read_and_its_times_are_in_utc(self) -> None:
        call = read(snake()).call
        assert (call.series.model, call.input_tokens, call.output_tokens) == ("gpt-4o", 100, 7)
        assert (call.user_id, call.session_id, call.parent_id) == ("u", "s", None)
        assert (call.start, call.latency, call.ttft) == (1767323045.0, 2.0, 0.5)
        assert call.cost == pytest.approx(0.25)

    def test_cells_of_a_table_turned_into_json_are_texts(self) -> None:
        cells = {
            "usage_details": "{'input':100,'output':7,'total':107}",
            "cost_details": '{"total":0.25}',
            "completion_start_time": "",
        }
        call = read(snake(**cells)).call
        assert (call.input_tokens, call.output_tokens, call.cost) == (100, 7, 0.25)
        assert call.ttft is None

    def test_a_cost_of_zero_without_its_parts_is_unknown_and_looked_up(self) -> None:
        assert read(snake(cost_details={}, total_cost=0)).call.cost
        assert read(snake(cost_details={}, total_cost="0.5")).call.cost == 0.5

    def test_the_call_screen_shows_what_was_said(self) -> None:
        told = read(snake())
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "Hi")]
        assert said(payload.output) == [("assistant", "Hello")]
        assert payload.parameters == {"temperature": 0.5}


class TestRetrievers:
    def test_the_documents_found_are_shown_by_their_text(self) -> None:
        told = read(observation("r", "RETRIEVER", output=[{"pageContent": "a page"}]))
        assert [each.text for each in told.payload(told.spans[0]).output] == ["a page"]


class TestPagesAndTables:
    def test_a_page_of_the_api_holds_observations(self) -> None:
        page = {"data": [observation("root", "SPAN"), GENERATION], "meta": {"page": 1}}
        for told in (read(page), Reading().document(page)):
            assert told.tree("t") == ["other root", "  chat g"]
            assert said(told.payload(told.call).input) == [("user", "Hi")]

    def test_a_table_of_observations_tells_times_in_milliseconds(self) -> None:
        row = {name: value for name, value in GENERATION.items() if name != "model"}
        row |= {"providedModelName": "gpt-4o", "latencyMs": 2000, "timeToFirstTokenMs": 500,
                "completionStartTime": None, "userId": "u", "sessionId": "s"}  # fmt: skip
        call = read(row).call
        assert (call.series.model, call.ttft, call.user_id) == ("gpt-4o", 0.5, "u")

    def test_rows_of_traces_have_no_calls_and_it_is_said(self) -> None:
        row = {"id": "t", "projectId": "p", "name": "chat", "observations": ["g"], "totalCost": 1}
        told = read(row, {**row, "id": "u"})
        assert (told.figures.calls, told.counts().rejected) == (0, 0)
        assert "without their observations" in (told.counts().note or "")
        assert read(row, GENERATION).counts().note is None

    def test_the_other_files_of_a_scheduled_export_are_no_calls(self) -> None:
        trace = {"id": "t", "project_id": "p", "name": "chat", "public": False, "tags": [],
                 "bookmarked": False, "user_id": "u", "input": "", "output": ""}  # fmt: skip
        score = {"id": "s", "trace_id": "t", "observation_id": "g", "name": "good", "value": 1,
                 "data_type": "NUMERIC", "project_id": "p"}  # fmt: skip
        told = read(trace, score, snake(), score)
        assert (told.figures.calls, told.counts().rejected) == (1, 0)


class TestUsageAndTime:
    def test_kinds_of_tokens_that_add_up_include_every_cached_one(self) -> None:
        details = {"input": 50, "input_cached_tokens": 40, "input_audio": 10, "output": 7,
                   "output_reasoning_tokens": 3, "total": 110}  # fmt: skip
        call = read({**GENERATION, "usageDetails": details}).call
        assert (call.input_tokens, call.output_tokens) == (90, 7)
        assert call.cache is not None
        assert (call.cache.read, call.cache.reasoning) == (40, 3)

    @pytest.mark.parametrize(
        "usage",
        [{"usage": {"input": 100, "output": 7, "total": 107, "unit": "TOKENS"}},
         {"usage": {"promptTokens": 100, "completionTokens": 7, "totalTokens": 107}},
         {"promptTokens": 100, "completionTokens": 7, "totalTokens": 107},
         {"usageDetails": {"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107}},
         {"usageDetails": '{"input": 100, "output": 7}'}],
    )  # fmt: skip
    def test_usage_of_every_version_is_read(self, usage: dict[str, Any]) -> None:
        call = read({**GENERATION, "usageDetails": None, **usage}).call
        assert (call.input_tokens, call.output_tokens) == (100, 7)

    def test_a_generation_without_usage_has_none(self) -> None:
        told = read({**GENERATION, "usageDetails": {}, "promptTokens": 0, "completionTokens": 0})
        assert (told.call.input_tokens, told.call.output_tokens) == (None, None)

    def test_a_first_token_at_the_very_end_was_no_stream(self) -> None:
        end = {"completionStartTime": GENERATION["endTime"]}
        assert read({**GENERATION, **end}).call.ttft is None
        middle = {"completionStartTime": "2026-01-02T03:04:06.000Z"}
        assert read({**GENERATION, **middle}).call.ttft == pytest.approx(1.0)

    def test_an_open_generation_is_over_once_its_usage_is_told(self) -> None:
        told = read({**GENERATION, "endTime": None})
        assert (told.figures.in_flight, told.figures.calls, told.call.latency) == (0, 1, None)
        assert read({**GENERATION, "endTime": None, "usageDetails": {}}).figures.in_flight == 1

    def test_a_cost_is_the_sum_of_its_parts_or_what_old_versions_called_it(self) -> None:
        costs = ({"costDetails": {"input": 0.2, "output": 0.05}}, {"calculatedTotalCost": 0.25},
                 {"totalCost": 0.25}, {"usage": {"input": 1, "totalCost": 0.25}})  # fmt: skip
        for cost in costs:
            told = read({**GENERATION, "costDetails": None, **cost})
            assert told.call.cost == pytest.approx(0.25)

    def test_kinds_of_observations_are_operations(self) -> None:
        kinds = ("AGENT", "TOOL", "CHAIN", "RETRIEVER", "EMBEDDING", "GUARDRAIL", "EVENT")
        told = read(*(observation(kind, kind) for kind in kinds))
        assert [span.series.operation for span in told.spans] == [
            "invoke_agent", "execute_tool", "chain", "retrieval", "embeddings", "guardrail",
            "other",
        ]  # fmt: skip
        assert [span.agent for span in told.of("invoke_agent")] == ["AGENT"]
        assert told.figures.in_flight == 0

    def test_of_nested_generations_the_inner_one_counts(self) -> None:
        inner = {**GENERATION, "id": "inner", "parentObservationId": "g"}
        for order in ([GENERATION, inner], [inner, GENERATION]):
            assert read(*order).figures.input_tokens == 100
