"""Claude Code's transcripts and streams."""

from __future__ import annotations

from typing import Any

import pytest

from llmtop.span import Flag
from tests.decode.claude_records import (
    SESSION,
    USAGE,
    answer,
    line,
    text,
    used,
    user,
)
from tests.decode.reading import Reading, read, said

TURN = [
    user(1, "What is in a.txt?", uuid="ask"),
    answer(3, "m1", [text("Let me look.")], {**USAGE, "output_tokens": 2}, parentUuid="ask"),
    answer(
        4,
        "m1",
        [{"type": "tool_use", "id": "t1", "name": "Read", "input": {"path": "a.txt"}}],
        {**USAGE, "output_tokens": 31},
        parentUuid="u3",
    ),
    user(6, [{"type": "tool_result", "tool_use_id": "t1", "content": "hello"}], uuid="result"),
    answer(8, "m2", [text("It says hello.")], {**USAGE, "output_tokens": 9}, parentUuid="result"),
]


def test_a_call_on_several_lines_counts_once_with_its_last_usage() -> None:
    told = read(*TURN)
    assert told.figures.calls == 2
    assert told.figures.output_tokens == 31 + 9
    assert told.figures.input_tokens == 2 * 125, "cached tokens are input tokens"
    assert told.figures.cache_read_tokens == 200
    assert told.figures.cache_write_tokens == 40


def test_lines_in_any_order_and_twice_give_the_same_totals() -> None:
    told = Reading()
    for record in [*reversed(TURN), *TURN]:
        told.lines(record)
    assert (told.figures.calls, told.figures.output_tokens) == (2, 40)


def test_a_call_lasts_from_the_line_it_answers_to_its_last_line() -> None:
    first, second = read(*TURN).calls
    assert first.latency == pytest.approx(3.0)
    assert second.latency == pytest.approx(2.0)


def test_output_of_a_transcript_is_a_lower_bound() -> None:
    assert all(call.flags & Flag.LOWER_BOUND for call in read(*TURN).calls)


def test_a_session_is_a_tree_of_turns_with_their_calls_and_tools() -> None:
    told = read(*TURN, user(10, "Thanks", uuid="thanks"))
    assert told.tree(SESSION) == [
        "turn What is in a.txt?",
        "  chat",
        "  execute_tool Read",
        "  chat",
        "turn Thanks",
    ]


def test_the_call_screen_shows_what_was_asked_and_all_of_the_answer() -> None:
    told = read(*TURN)
    payload = told.payload(told.calls[0])
    assert said(payload.input) == [("user", "What is in a.txt?")]
    assert [message.text for message in payload.output] == ["Let me look.", ""]
    (tool,) = payload.output[1].tool_calls
    assert (tool.name, tool.arguments) == ("Read", '{"path":"a.txt"}')
    later = told.payload(told.calls[1])
    assert said(later.input) == [("tool", "hello")]
    assert said(later.output) == [("assistant", "It says hello.")]


def test_a_tool_shows_its_arguments_and_its_result() -> None:
    told = read(*TURN)
    (tool,) = told.of("execute_tool")
    assert tool.latency == pytest.approx(2.0)
    payload = told.payload(tool)
    assert payload.input[0].text == '{"path":"a.txt"}'
    assert payload.output[0].text == "hello"


def test_a_tool_that_failed_says_why() -> None:
    part = {"type": "tool_result", "tool_use_id": "t1", "is_error": True, "content": "no such file"}
    (tool,) = read(*TURN[:3], user(6, [part])).of("execute_tool")
    assert tool.failed
    assert tool.failure is not None
    assert tool.failure.message == "no such file"


def test_a_subagents_transcript_stands_below_the_tool_that_started_it() -> None:
    told = Reading()
    told.lines(
        user(1, "Find it", uuid="ask"),
        answer(
            2, "m1", [{"type": "tool_use", "id": "task", "name": "Task", "input": {}}],
            {**USAGE, "output_tokens": 3},
        ),
    )  # fmt: skip
    side = {"isSidechain": True, "agentId": "a7"}
    told.lines(
        user(3, "Search for it", **side),
        answer(5, "m2", [text("Found")], {**USAGE, "output_tokens": 4}, **side),
        source=1,
    )
    told.lines(
        user(
            7,
            [{"type": "tool_result", "tool_use_id": "task", "content": "Found"}],
            toolUseResult={"agentId": "a7", "totalTokens": 130},
        )
    )
    assert told.figures.calls == 2
    assert told.tree(SESSION) == [
        "turn Find it",
        "  chat",
        "  execute_tool Task",
        "    invoke_agent subagent a7",
        "      chat",
    ]


def progress(second: float, message_id: str, output: int) -> dict[str, Any]:
    inner = answer(second, message_id, [text("…")], {**USAGE, "output_tokens": output})
    return line(
        "progress",
        second,
        parentToolUseID="task",
        data={"type": "agent_progress", "agentId": "a7", "message": inner},
    )


def test_calls_told_only_by_progress_records_count_and_those_told_twice_count_once() -> None:
    told = read(user(1, "Go"), progress(2, "p1", 1), progress(3, "p1", 8), progress(4, "p2", 5))
    assert (told.figures.calls, told.figures.output_tokens) == (2, 13)
    told.lines(
        answer(4, "p2", [text("…")], {**USAGE, "output_tokens": 5}, isSidechain=True, agentId="a7"),
        source=1,
    )
    assert (told.figures.calls, told.figures.output_tokens) == (2, 13)


def test_progress_records_whose_message_has_no_type_tell_calls_too() -> None:
    record = progress(2, "p1", 8)
    del record["data"]["message"]["type"]
    told = read(user(1, "Go"), record)
    assert (told.figures.calls, told.figures.output_tokens) == (1, 8)


def test_progress_of_shells_and_hooks_tells_nothing() -> None:
    shell = line("progress", 2, data={"type": "bash_progress", "output": "…"})
    told = read(user(1, "Go"), shell)
    assert told.counts().rejected == 0
    assert told.calls == []


def test_the_short_forms_of_lines_are_known() -> None:
    told = read(
        {"type": "summary", "summary": "A talk", "leafUuid": "x"},
        {
            "timestamp": "2026-01-02T03:04:05.000Z",
            "sessionId": "s",
            "requestId": "r",
            "costUSD": 0.5,
            "message": {"id": "m", "model": "claude-x", "usage": {"input_tokens": 1}},
        },
    )
    assert told.call.cost == 0.5
    assert told.counts().format == "Claude Code"


def test_the_same_lines_tell_the_same_one_by_one_and_at_once() -> None:
    one_by_one = Reading()
    for record in TURN:
        one_by_one.lines(record)
    at_once = read(*TURN)
    at_once_again = Reading()
    for record in TURN:
        at_once_again.document(record)
    for other in (one_by_one, at_once_again):
        assert other.figures == at_once.figures


def test_a_line_with_values_of_the_wrong_kind_still_tells_the_rest() -> None:
    odd = answer(1, "m", [text("x"), "a text", 7], {"input_tokens": "5", "output_tokens": [1]})
    told = read({**odd, "isMeta": "perhaps", "gitBranch": 7})
    assert (told.call.input_tokens, told.call.output_tokens) == (5, None)


def test_a_duration_of_a_turn_is_the_turns() -> None:
    for name in ("durationMs", "duration_ms"):
        told = read(*TURN, line("system", 9, subtype="turn_duration", **{name: 7500}))
        (turn,) = told.of("turn")
        assert turn.latency == pytest.approx(7.5)


def test_the_call_screen_shows_the_results_of_all_tools_that_a_call_was_told() -> None:
    results = [
        user(second, [{"type": "tool_result", "tool_use_id": name, "content": f"{name} is done"}])
        for second, name in ((5, "t1"), (6, "t2"))
    ]
    hook = line("progress", 7, data={"type": "hook_progress"}, parentUuid="u6")
    told = read(
        user(1, "Do both."),
        answer(2, "m1", [text("Yes.")], {**USAGE, "output_tokens": 2}, parentUuid="u1"),
        *results,
        hook,
        answer(8, "m2", [text("Both are done.")], {**USAGE, "output_tokens": 9}, parentUuid="u7"),
    )
    payload = told.payload(told.calls[-1])
    assert [each.text for each in payload.input] == ["t1 is done", "t2 is done"]
    assert said(payload.output) == [("assistant", "Both are done.")]
    assert "input_tokens" not in payload.attributes


def test_a_stream_shows_what_each_call_was_told_though_its_lines_name_no_parent() -> None:
    def of(kind: str, content: Any, agent: str | None = None, **told: Any) -> dict[str, Any]:
        message = {"role": kind, "content": content, **told}
        return {
            "type": kind,
            "session_id": SESSION,
            "uuid": f"{kind}-{content}",
            "parent_tool_use_id": agent,
            "message": message,
        }

    told = read(
        of("user", "For the agent", "toolu_1"),
        of("user", "For the session"),
        of("assistant", [text("By it")], "toolu_1", id="m1", model="m", usage=USAGE),
        of("assistant", [text("By me")], id="m2", model="m", usage=USAGE),
    )
    asked = {call.span_id: said(told.payload(call).input) for call in told.calls}
    assert asked["m1"] == [("user", "For the agent")]
    assert asked["m2"] == [("user", "For the session")]


def test_a_call_lasts_from_the_line_before_it_whatever_its_type() -> None:
    told = read(
        user(1, "Go", uuid="ask"),
        line("attachment", 2, uuid="queued", parentUuid="ask"),
        answer(5, "m", [text("x")], used(1), parentUuid="queued"),
    )
    assert told.call.latency == pytest.approx(3.0)


def test_lines_of_a_call_that_miss_the_request_are_of_the_same_call() -> None:
    with_request = answer(2, "m", [text("x")], used(3))
    without = answer(3, "m", [text("y")], used(9), requestId=None)
    for records in ((with_request, without), (without, with_request)):
        told = read(*records)
        assert (told.figures.calls, told.figures.output_tokens) == (1, 9)


def test_a_server_that_gives_messages_the_same_id_makes_calls_by_its_requests() -> None:
    told = read(
        *(answer(n, "m", [text("x")], used(n), requestId=f"r{n}") for n in (1, 2, 1, 3)),
    )
    assert (told.figures.calls, told.figures.output_tokens) == (3, 6)


def test_lines_of_types_that_tell_nothing_do_not_send_a_chunk_the_slow_way() -> None:
    told = read(
        user(1, "Go"),
        line("cost-state", 2, totalCostUSD=1.0, modelUsage={"m": {"inputTokens": 9}}),
        line("queue-operation", 3, operation="enqueue"),
        {"type": "permission-mode", "sessionId": SESSION, "permissionMode": "plan"},
        answer(4, "m", [text("x")], used(1)),
    )
    assert told.figures.calls == 1
    assert told.counts().rejected == 0
