"""Events of Anthropic's managed agents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import Reading, read, said


def event(second: float, kind: str, identity: str, **told: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "id": identity,
        "processed_at": f"2026-01-02T03:04:{second:06.3f}Z",
        **told,
    }


USED = {"input_tokens": 2, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 8,
        "output_tokens": 30}  # fmt: skip
MANAGED = [
    event(1, "user.message", "q", content=[{"type": "text", "text": "What time is it?"}]),
    event(2, "span.model_request_start", "call"),
    event(3, "agent.tool_use", "tool", name="bash", input={"command": "date"}),
    event(3.5, "span.model_request_end", "end", model_request_start_id="call", model_usage=USED,
          is_error=False),
    event(5, "agent.tool_result", "r", tool_use_id="tool", is_error=False,
          content=[{"type": "text", "text": "noon"}]),
]  # fmt: skip


class TestManagedAgents:
    def test_a_request_is_a_pair_of_events(self) -> None:
        told = read(*MANAGED)
        call = told.call
        assert (call.input_tokens, call.output_tokens) == (110, 30)
        assert call.latency == pytest.approx(1.5)
        assert call.series.model is None, "events do not tell it"

    def test_a_request_without_its_end_is_in_flight(self) -> None:
        assert read(*MANAGED[:3]).figures.in_flight == 1

    def test_events_within_something_else_are_found(self) -> None:
        for wrap in (lambda each: {"raw": each}, lambda each: ["stream", each]):
            assert read(*(wrap(each) for each in MANAGED)).figures.calls == 1

    def test_the_session_tells_the_model(self) -> None:
        session = {"type": "session", "id": "sesn_1", "environment_id": "env",
                   "agent": {"name": "helper", "model": {"id": "claude-x"}}}  # fmt: skip
        told = read(session, *MANAGED)
        assert told.call.series.model == "claude-x"
        assert told.tree("sesn_1") == [
            "turn What time is it?",
            "  chat",
            "  execute_tool bash",
        ]

    def test_the_call_screen_shows_what_lies_between_the_events(self) -> None:
        told = read(*MANAGED)
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "What time is it?")]
        assert payload.output[0].tool_calls[0].name == "bash"
        (tool,) = told.of("execute_tool")
        assert told.payload(tool).output[0].text == "noon"

    def test_a_failed_request_is_an_error(self) -> None:
        told_error = {"type": "overloaded_error", "message": "busy"}
        failed = event(
            3, "span.model_request_end", "end", model_request_start_id="call", is_error=True,
            error=told_error,
        )  # fmt: skip
        told = read(*MANAGED[:2], failed)
        assert told.figures.errors_by_type == {"overloaded_error": 1}

    def test_a_page_of_events_is_read_like_its_events(self) -> None:
        told = Reading().document({"data": MANAGED, "next_page": None})
        assert told.figures == read(*MANAGED).figures
        assert said(told.payload(told.call).input) == [("user", "What time is it?")]
        again = [
            event(6, "span.model_request_start", "second"),
            event(7, "agent.message", "m", content=[{"type": "text", "text": "Noon."}]),
            event(7, "span.model_request_end", "end2", model_request_start_id="second"),
        ]
        told = Reading().document({"data": [*MANAGED, *again]})
        payload = told.payload(told.calls[1])
        assert (said(payload.input), said(payload.output)) == (
            [("tool", "noon")],
            [("assistant", "Noon.")],
        )

    def test_an_interrupted_turn_is_cancelled(self) -> None:
        told = read(*MANAGED, event(6, "user.interrupt", "stop"))
        assert told.of("turn")[0].status == "cancelled"
        assert told.call.status == "ok"

    def test_a_failed_tool_says_why(self) -> None:
        denied = [{"type": "text", "text": "denied"}]
        told = read(
            *MANAGED[:4],
            event(5, "agent.tool_result", "r", tool_use_id="tool", is_error=True, content=denied),
        )
        (tool,) = told.of("execute_tool")
        assert tool.failure is not None
        assert tool.failure.message == "denied"
