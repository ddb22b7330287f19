"""Tasks of Cline and Roo Code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.decode.reading import Reading, lines, read, said


def says(second: int, what: str, told: Any = None, **more: Any) -> dict[str, Any]:
    written = told if isinstance(told, str) else json.dumps(told)
    return {
        "ts": 1767323040000 + second * 1000,
        "type": "say",
        "say": what,
        "text": written,
        **more,
    }


INFO = {"providerId": "anthropic", "modelId": "claude-x", "mode": "act"}
USED = {"request": "<task>List files</task>", "tokensIn": 10, "tokensOut": 20, "cacheReads": 100,
        "cacheWrites": 5, "cost": 0.25}  # fmt: skip
TASK = [
    says(0, "task", "List files"),
    says(1, "api_req_started", USED, modelInfo=INFO),
    says(3, "text", "Looking"),
    says(4, "tool", {"tool": "listFilesTopLevel", "path": "."}),
    says(5, "api_req_started", {**USED, "request": "[list_files] Result: a.txt"}, modelInfo=INFO),
    says(7, "completion_result", "One file."),
]


def array(*messages: Any) -> Reading:
    """A task as the programs write it: an array in one line."""
    told = Reading()
    told.feed(lines(list(messages)))
    return told


def test_a_request_is_a_call_with_its_tokens_and_its_cost() -> None:
    told = array(*TASK)
    first, second = told.calls
    assert (first.input_tokens, first.output_tokens, first.cost) == (115, 20, 0.25)
    assert first.latency is None, "when an answer was over is not told"
    assert second.series.model == "claude-x"
    assert (told.counts().format, told.counts().rejected) == ("Cline", 0)


def test_a_task_is_a_tree() -> None:
    assert array(*TASK).tree("task 1767323040000") == [
        "turn List files",
        "  chat",
        "  execute_tool listFilesTopLevel",
        "  chat",
    ]


def test_lines_tell_what_the_array_tells() -> None:
    assert read(*TASK).figures == array(*TASK).figures


def test_a_task_that_is_written_again_counts_what_is_new() -> None:
    growing = says(1, "api_req_started", {"request": "…"}, modelInfo=INFO)
    told = array(TASK[0], growing)
    assert told.figures.in_flight == 1
    told.feed(lines(TASK))
    assert (told.figures.in_flight, told.figures.calls, told.figures.cost) == (0, 2, 0.5)


def test_a_request_that_never_ended_is_over_when_the_next_one_begins() -> None:
    lost = says(1, "api_req_started", {"request": "…"}, modelInfo=INFO)
    assert array(TASK[0], lost, *TASK[4:]).figures.in_flight == 0


def test_input_includes_cached_tokens_once_whatever_the_protocol() -> None:
    used = {**USED, "tokensIn": 115, "apiProtocol": "openai"}
    assert array(says(1, "api_req_started", used)).call.input_tokens == 115


def test_the_model_is_told_in_what_is_sent_where_it_is_not_told_beside_it() -> None:
    sent = {**USED, "request": "<environment_details><model>vendor/m-1</model>"}
    later = says(5, "api_req_started", USED)
    told = array(says(1, "api_req_started", sent), later)
    assert {call.series.model for call in told.calls} == {"vendor/m-1"}


def test_an_older_version_tells_tokens_when_a_request_is_finished() -> None:
    begun = says(1, "api_req_started", {"request": "…"})
    told = array(says(0, "text", "List files"), begun, says(3, "api_req_finished", USED))
    assert (told.call.input_tokens, told.call.cost, told.figures.in_flight) == (115, 0.25, 0)
    assert told.tree("task 1767323040000") == ["turn List files", "  chat"]


@pytest.mark.parametrize(
    ("why", "status"), [("user_cancelled", "cancelled"), ("streaming_failed", "error")]
)
def test_a_request_ends_as_it_says(why: str, status: str) -> None:
    used = {**USED, "cancelReason": why, "streamingFailedMessage": "429 too many requests"}
    call = array(says(1, "api_req_started", used)).call
    assert call.status == status
    assert (call.failure is not None and call.failure.type == "429") == (status == "error")


def test_the_call_screen_shows_what_was_sent_and_what_was_said_until_the_next_request() -> None:
    told = array(*TASK)
    first, second = (told.payload(call) for call in told.calls)
    assert said(first.input) == [("user", "<task>List files</task>")]
    assert said(first.output) == [("assistant", "Looking")]
    assert said(second.output) == [("assistant", "One file.")]
