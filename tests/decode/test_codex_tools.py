"""The tools of Codex's sessions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.codex_records import SESSION, event, item, meta
from tests.decode.reading import Reading, read, said

CALL = item(2, "function_call", name="shell", call_id="c1", arguments='{"command":["ls"]}')
NO_TABLE = {"content": [{"type": "text", "text": "no table"}], "isError": True}
PROMPT = event(1, "user_message", message="Go")


def ended(second: float, kind: str, **told: Any) -> dict[str, Any]:
    return event(second, f"{kind}_end", call_id="c1", **told)


@pytest.mark.parametrize(
    ("output", "failed"),
    [
        ('{"output":"no","metadata":{"exit_code":2}}', True),
        ('{"output":"yes","metadata":{"exit_code":0}}', False),
        ('{"output":"' + "long " * 500 + '","metadata":{"exit_code":1}}', True),
        ({"content": "no", "success": False}, True),
        ("Exit code: 1\nWall time: 0.1 seconds\nOutput:\nno", True),
        ("Exit code: 0\nWall time: 0.1 seconds\nOutput:\nyes", False),
        ("the exit is to the left", False),
        ("Chunk ID: a1\nWall time: 0.1 seconds\nProcess exited with code 3\nOutput:\nno", True),
        ("Chunk ID: a1\nWall time: 0.1 seconds\nProcess exited with code 0\nOutput:\nno", False),
        ('{"output":"exit_code\\": 1","metadata":{"exit_code":0}}', False),
        (None, False),
        ([{"type": "input_text", "text": "fine"}], False),
    ],
)
def test_a_tool_with_an_exit_code_failed(output: object, failed: bool) -> None:
    told = read(meta(), CALL, item(5, "function_call_output", call_id="c1", output=output))
    assert told.of("execute_tool")[0].failed is failed


def test_the_clients_word_on_a_command_is_its_duration_and_its_exit_code() -> None:
    told = read(
        meta(),
        PROMPT,
        CALL,
        ended(9, "exec_command", exit_code=2, duration={"secs": 1, "nanos": 500_000_000}),
        item(9.5, "function_call_output", call_id="c1", output="no"),
    )
    (tool,) = told.of("execute_tool")
    assert tool.name == "shell"
    assert tool.latency == pytest.approx(1.5)
    assert tool.failure is not None
    assert tool.failure.message == "exit code 2"


def test_a_tool_that_only_the_client_tells_of_is_there_with_its_time_and_its_turn() -> None:
    told = read(
        meta(),
        PROMPT,
        ended(
            9, "exec_command", command=["bash", "-lc", "ls"], exit_code=0,
            aggregated_output="a.txt", duration={"secs": 2, "nanos": 0}, status="completed",
        ),
    )  # fmt: skip
    assert told.tree(SESSION) == ["turn Go", "  execute_tool shell"]
    (tool,) = told.of("execute_tool")
    assert tool.latency == pytest.approx(2.0)
    payload = told.payload(tool)
    assert said(payload.input) == [("tool", "bash -lc ls")]
    assert said(payload.output) == [("tool", "a.txt")]
    assert payload.attributes["exit_code"] == 0


@pytest.mark.parametrize(
    ("kind", "told", "message"),
    [
        ("mcp_tool_call", {"result": {"Err": "no server"}}, "no server"),
        (
            "mcp_tool_call",
            {
                "result": {
                    "Ok": {"content": [{"type": "text", "text": "no table"}], "isError": True}
                }
            },
            "no table",
        ),
        ("mcp_tool_call", {"result": {"Ok": {"content": [], "isError": False}}}, None),
        ("patch_apply", {"success": False, "status": "failed"}, "it had no success"),
        ("patch_apply", {"success": True, "status": "completed"}, None),
    ],
)
def test_tools_tell_whether_they_failed(
    kind: str, told: dict[str, Any], message: str | None
) -> None:
    (tool,) = read(meta(), CALL, ended(3, kind, **told)).of("execute_tool")
    assert (tool.failure.message if tool.failure else None) == message


def test_a_command_that_the_user_declined_says_so() -> None:
    (tool,) = read(meta(), CALL, ended(3, "exec_command", status="declined")).of("execute_tool")
    assert tool.failure is not None
    assert tool.failure.type == "declined"


def test_tools_of_servers_are_named_by_both() -> None:
    call = {"server": "docs", "tool": "search", "arguments": {"q": "x"}}
    result = {"Ok": {"content": [{"type": "text", "text": "found"}]}}
    told = read(meta(), ended(3, "mcp_tool_call", invocation=call, result=result))
    (tool,) = told.of("execute_tool")
    assert tool.name == "docs.search"
    assert said(told.payload(tool).output) == [("tool", "found")]
    spaced = item(2, "function_call", name="search", namespace="mcp__docs", call_id="c")
    assert read(meta(), spaced).of("execute_tool")[0].name == "mcp__docs.search"


def test_searches_of_the_provider_are_tools_without_a_latency_and_are_told_once() -> None:
    search = item(2, "web_search_call", status="completed", action={"type": "search", "query": "x"})
    told = read(meta(), PROMPT, search, ended(2, "web_search", query="x"))
    (tool,) = told.of("execute_tool")
    assert (tool.name, tool.latency, tool.running) == ("web_search", None, False)
    named = {**search, "payload": {**search["payload"], "id": "c1"}}
    assert len(read(meta(), PROMPT, named, ended(2, "web_search")).of("execute_tool")) == 1


def test_lines_about_a_tool_in_any_order_tell_the_same() -> None:
    records = [
        CALL,
        ended(9, "exec_command", exit_code=0, duration={"secs": 1, "nanos": 0}),
        item(9.5, "function_call_output", call_id="c1", output="yes"),
    ]
    for order in (records, records[::-1]):
        told = Reading()
        for record in (meta(), *order):
            told.lines(record)
        (tool,) = told.of("execute_tool")
        assert (tool.name, tool.status, tool.running) == ("shell", "ok", False)
        assert tool.latency == pytest.approx(1.0)
