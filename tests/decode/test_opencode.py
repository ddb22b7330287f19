"""opencode: stored messages, exports, events."""

from __future__ import annotations

import pytest

from tests.decode.reading import NOW, Reading, read, said

TOKENS = {"input": 5, "output": 7, "reasoning": 2, "cache": {"read": 100, "write": 20}}
INFO = {
    "id": "msg_2", "sessionID": "ses_1", "role": "assistant", "parentID": "msg_1",
    "modelID": "claude-x", "providerID": "anthropic", "mode": "build", "cost": 0.25,
    "tokens": TOKENS, "time": {"created": 1767323045000, "completed": 1767323047000},
}  # fmt: skip
ASKED = {"id": "msg_1", "sessionID": "ses_1", "role": "user", "time": {"created": 1767323044000}}
PART = {"id": "prt_1", "sessionID": "ses_1", "messageID": "msg_2"}
TOOL = {
    **PART, "id": "prt_2", "type": "tool", "callID": "c", "tool": "bash",
    "state": {"status": "completed", "input": {"command": "ls"}, "output": "a.txt",
              "time": {"start": 1767323045500, "end": 1767323046000}},
}  # fmt: skip


class TestOpenCode:
    def test_stored_messages_and_parts_are_read(self) -> None:
        told = read(ASKED, INFO, TOOL, {**PART, "type": "step-finish", "tokens": TOKENS})
        call = told.call
        assert (call.input_tokens, call.output_tokens, call.cost) == (125, 7, 0.25)
        assert call.latency == pytest.approx(2.0)
        assert told.tree("ses_1") == ["turn", "  chat", "    execute_tool bash"]

    def test_an_export_tells_all_of_a_session(self) -> None:
        export = {
            "info": {"id": "ses_1"},
            "messages": [
                {"info": ASKED, "parts": [{**PART, "messageID": "msg_1", "type": "text",
                                           "text": "List files"}]},
                {"info": INFO, "parts": [{**PART, "type": "text", "text": "a.txt"}, TOOL]},
            ],
        }  # fmt: skip
        told = Reading().document(export)
        assert told.tree("ses_1")[0] == "turn List files"
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "List files")]
        assert payload.output[0].text == "a.txt"
        assert payload.output[1].tool_calls[0].name == "bash"
        (tool,) = told.of("execute_tool")
        assert told.payload(tool).output[0].text == "a.txt"

    def test_events_of_a_run_tell_each_step(self) -> None:
        told = read(
            {"type": "step_start", "timestamp": 1767323045000, "sessionID": "ses_1",
             "part": {**PART, "type": "step-start"}},
            {"type": "tool_use", "timestamp": 1767323046000, "sessionID": "ses_1", "part": TOOL},
            {"type": "step_finish", "timestamp": 1767323047000, "sessionID": "ses_1",
             "part": {**PART, "type": "step-finish", "reason": "stop", "tokens": TOKENS,
                      "cost": 0.25}},
        )  # fmt: skip
        assert (told.call.input_tokens, told.call.cost) == (125, 0.25)
        assert told.call.latency == pytest.approx(2.0)

    def test_failures_are_errors(self) -> None:
        error = {"name": "ProviderAuthError", "data": {"message": "no key"}}
        told = read({**INFO, "error": error, "tokens": None, "cost": 0})
        assert told.figures.errors_by_type == {"ProviderAuthError": 1}

    def test_a_turn_lasts_until_its_last_call(self) -> None:
        assert read(ASKED, INFO).of("turn")[0].latency == pytest.approx(3.0)

    @pytest.mark.parametrize(
        ("total", "reasoning", "output"),
        [(132, 2, 7), (134, 2, 9), (None, 2, 7), (None, 30, 37)],
    )
    def test_reasoning_is_output_where_it_is_not_in_it(
        self, total: int | None, reasoning: int, output: int
    ) -> None:
        told = read({**INFO, "tokens": {**TOKENS, "total": total, "reasoning": reasoning}})
        assert told.call.output_tokens == output

    def test_steps_of_one_message_are_calls_of_their_own_in_the_events_of_a_run(self) -> None:
        told = Reading()
        for number in (1, 2):
            part = {"messageID": "msg_2", "sessionID": "ses_1"}
            told.lines(
                {"type": "step_start", "timestamp": 1767323045000 + number, "sessionID": "ses_1",
                 "part": {**part, "id": f"prt_a{number}"}},
                {"type": "tool_use", "timestamp": 1767323045100, "sessionID": "ses_1",
                 "part": {**TOOL, "callID": f"c{number}"}},
                {"type": "step_finish", "timestamp": 1767323047000, "sessionID": "ses_1",
                 "part": {**part, "id": f"prt_b{number}", "tokens": TOKENS, "cost": 0.25}},
            )  # fmt: skip
        assert (told.figures.calls, told.figures.input_tokens) == (2, 250)
        assert told.tree("ses_1") == ["chat", "  execute_tool bash"] * 2

    def test_steps_of_one_stored_message_are_summed_where_they_stand_beside_it(self) -> None:
        step = {**PART, "type": "step-finish", "tokens": TOKENS, "cost": 0.125}
        told = Reading().document({"info": INFO, "parts": [step, {**step, "id": "prt_9"}]})
        assert (told.call.input_tokens, told.call.output_tokens, told.call.cost) == (250, 14, 0.25)

    def test_a_forks_copies_are_not_counted_again(self) -> None:
        copy = {**INFO, "id": "msg_8", "sessionID": "ses_2", "parentID": "msg_7"}
        told = Reading().document(INFO, source=0).document(copy, source=1)
        assert told.figures.calls == 1
        assert told.live.trace("ses_2", NOW) is not None, "it is shown where it stands"

    def test_the_servers_events_tell_a_message_as_it_grows(self) -> None:
        growing = {**INFO, "tokens": None, "cost": 0, "time": {"created": 1767323045000}}
        first = {"type": "message.updated", "properties": {"info": growing}}
        assert read(first).figures.in_flight == 1
        told = read(
            first, {"type": "message.part.updated", "properties": {"part": TOOL}},
            {"type": "message.updated", "properties": {"info": INFO}},
        )  # fmt: skip
        assert (told.figures.in_flight, told.call.input_tokens) == (0, 125)
        assert told.tree("ses_1") == ["turn", "  chat", "    execute_tool bash"]

    def test_a_cancelled_message_is_no_error(self) -> None:
        error = {"name": "MessageAbortedError", "data": {"message": "aborted"}}
        assert read({**INFO, "error": error}).call.status == "cancelled"

    def test_a_retry_is_an_error_below_its_message(self) -> None:
        retry = {**PART, "type": "retry", "attempt": 2, "time": {"created": 1767323045500},
                 "error": {"name": "APIError", "data": {"message": "overloaded"}}}  # fmt: skip
        told = read(INFO, retry)
        assert told.tree("ses_1") == ["turn", "  chat", "    other API retry 2"]

    def test_a_turn_is_named_when_its_title_is_told(self) -> None:
        told = read(ASKED, INFO, {**ASKED, "summary": {"title": "Listing"}})
        assert told.tree("ses_1") == ["turn Listing", "  chat"]

    def test_what_it_keeps_of_a_session_is_no_call(self) -> None:
        session = {"id": "ses_1", "projectID": "p", "directory": "/tmp", "title": "Listing",
                   "time": {"created": 1767323044000}}  # fmt: skip
        told = Reading().document(session)
        assert (told.spans, told.counts().rejected) == ([], 0)

    def test_a_call_shows_what_tools_gave_back_to_it(self) -> None:
        second = {**INFO, "id": "msg_3", "time": {"created": 1767323048000}}
        told = Reading().document(
            {"info": {"id": "ses_1"},
             "messages": [{"info": INFO, "parts": [TOOL]}, {"info": second, "parts": []}]}
        )  # fmt: skip
        assert said(told.payload(told.calls[1]).input) == [("tool", "a.txt")]
