"""Sessions of Claude Code: their turns, their subagents, and their copies."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.claude_records import (
    SESSION,
    answer,
    line,
    result,
    text,
    tool,
    used,
    user,
)
from tests.decode.reading import Reading, read, said

ASKED = [user(1, "Do both", uuid="ask")]
TASKS = answer(
    2,
    "m1",
    [
        tool("Task", "ta", prompt="Find alpha", subagent_type="Explore"),
        tool("Task", "tb", prompt="Find beta", description="beta"),
    ],
    used(9),
    uuid="tasks",
    parentUuid="ask",
)
SIDE: dict[str, Any] = {"isSidechain": True}
SIDES = [
    user(3, "Find beta", uuid="b1", **SIDE),
    user(3.1, "Find alpha", uuid="a1", **SIDE),
    answer(4, "ma1", [tool("Grep", "tg")], used(2), uuid="a2", parentUuid="a1", **SIDE),
    answer(4.5, "mb1", [text("beta")], used(3), uuid="b2", parentUuid="b1", **SIDE),
    user(5, [result("tg")], uuid="a3", parentUuid="a2", **SIDE),
    answer(6, "ma2", [text("alpha")], used(4), uuid="a4", parentUuid="a3", **SIDE),
    user(7, [result("tb", "beta"), result("ta", "alpha")], parentUuid="tasks"),
]


def test_subagents_without_a_name_stand_below_the_tools_whose_prompts_they_got() -> None:
    told = read(*ASKED, TASKS, *SIDES)
    assert told.tree(SESSION) == [
        "turn Do both",
        "  chat",
        "  execute_tool Task",
        "    invoke_agent subagent Explore",
        "      chat",
        "      execute_tool Grep",
        "      chat",
        "  execute_tool Task",
        "    invoke_agent subagent beta",
        "      chat",
    ]
    assert (told.figures.calls, told.figures.output_tokens) == (4, 18)


def test_a_subagent_without_a_name_shows_its_prompt_and_what_its_calls_were_told() -> None:
    told = read(*ASKED, TASKS, *SIDES)
    agents = {span.name: span for span in told.of("invoke_agent")}
    asked = told.payload(agents["subagent Explore"]).input
    assert said(asked) == [("user", "Find alpha")]
    by_id = {call.span_id.partition(":")[0]: call for call in told.calls}
    assert said(told.payload(by_id["ma1"]).input) == [("user", "Find alpha")]
    assert said(told.payload(by_id["mb1"]).input) == [("user", "Find beta")]
    assert said(told.payload(by_id["ma2"]).input) == [("tool", "done")]


def test_lines_of_subagents_read_twice_are_of_the_same_subagents() -> None:
    told = Reading().lines(*ASKED, TASKS, *SIDES).lines(*ASKED, TASKS, *SIDES)
    assert len(told.of("invoke_agent")) == 2
    assert told.figures.calls == 4


def test_a_subagent_lasts_as_long_as_its_tool_says_where_its_own_lines_are_not_read() -> None:
    told = read(
        *ASKED,
        answer(2, "m1", [tool("Task", "t")], used(3)),
        user(9, [result("t")], toolUseResult={"agentId": "a7", "totalDurationMs": 4500}),
    )
    (agent,) = told.of("invoke_agent")
    assert agent.latency == pytest.approx(4.5)
    assert agent.parent_id == "t"
    assert told.figures.calls == 1, "the sums of a subagent are not calls"


def test_a_subagents_own_file_shows_its_prompt() -> None:
    side = {"isSidechain": True, "agentId": "a7"}
    told = read(user(1, "Search", **side), answer(2, "m", [text("x")], used(1), **side))
    (agent,) = told.of("invoke_agent")
    assert said(told.payload(agent).input) == [("user", "Search")]


CONVERSATION = [
    user(1, "Find it", uuid="ask"),
    answer(2, "m1", [tool("Read", "t1")], used(3), uuid="call", parentUuid="ask"),
    user(3, [result("t1")], uuid="told", parentUuid="call"),
    answer(4, "m2", [text("Here")], used(5), uuid="end", parentUuid="told"),
]
GOING_ON = [
    user(20, "And now?", uuid="new", sessionId="fork"),
    answer(22, "m3", [text("Now this")], used(7), parentUuid="new", sessionId="fork"),
]


def copied(record: dict[str, Any]) -> dict[str, Any]:
    origin = {"sessionId": record["sessionId"], "messageUuid": record["uuid"]}
    return {**record, "sessionId": "fork", "uuid": f"f-{record['uuid']}", "forkedFrom": origin}


def test_lines_that_a_fork_copied_are_still_of_the_session_they_came_from() -> None:
    told = Reading().lines(*CONVERSATION)
    told.lines(*map(copied, CONVERSATION), *GOING_ON, source=1)
    assert (told.figures.calls, told.figures.output_tokens) == (3, 15)
    assert told.tree(SESSION) == [
        "turn Find it",
        "  chat",
        "  execute_tool Read",
        "  chat",
    ]
    assert told.tree("fork") == ["turn And now?", "  chat"]
    alone = Reading().lines(*map(copied, CONVERSATION), *GOING_ON)
    assert alone.figures.calls == 3
    first = alone.calls[0]
    assert said(alone.payload(first).input) == [("user", "Find it")]


def test_a_resumed_session_that_begins_with_another_ones_lines_counts_them_once() -> None:
    told = Reading().lines(*CONVERSATION)
    again = [{**record, "sessionId": "fork"} for record in CONVERSATION]
    told.lines(*again, *GOING_ON, source=1)
    assert (told.figures.calls, told.figures.output_tokens) == (3, 15)
    shown = [row.strip() for row in told.tree("fork")]
    assert shown == [
        "turn Find it", "chat", "execute_tool Read", "chat", "turn And now?", "chat",
    ]  # fmt: skip
    copy = next(span for span in told.spans if span.trace_id == "fork" and span.is_call)
    assert told.payload(copy).output[0].tool_calls[0].name == "Read"


def test_a_turn_that_the_user_stopped_is_cancelled_and_the_note_of_it_is_no_turn() -> None:
    stopped = user(5, [text("[Request interrupted by user for tool use]")])
    told = read(*CONVERSATION, stopped)
    (turn,) = told.of("turn")
    assert turn.status == "cancelled"


def test_a_command_of_the_client_is_no_turn_and_one_that_asks_a_model_is() -> None:
    def command(second: float, name: str) -> dict[str, Any]:
        said = f"<command-name>{name}</command-name>\n<command-args>now</command-args>"
        return user(second, said)

    told = read(
        command(1, "/clear"),
        user(2, "<local-command-stdout>cleared</local-command-stdout>"),
        command(3, "/review"),
        answer(5, "m", [text("Fine")], used(1)),
    )
    assert told.tree(SESSION) == ["turn /review now", "  chat"]


def test_the_summary_of_what_went_before_begins_no_turn() -> None:
    told = read(
        *CONVERSATION,
        line("system", 5, subtype="compact_boundary", compactMetadata={"preTokens": 9}),
        user(6, "This session is being continued", isCompactSummary=True),
        answer(7, "m9", [text("On it")], used(1)),
    )
    assert [turn.name for turn in told.of("turn")] == ["Find it"]
    assert told.calls[-1].parent_id == "ask"


def test_turns_last_until_their_own_last_call() -> None:
    told = read(*CONVERSATION, user(10, "Thanks"), answer(13, "m9", [text("x")], used(1)))
    assert [turn.latency for turn in told.of("turn")] == pytest.approx([3.0, 3.0])
