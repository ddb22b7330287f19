"""Lines of Codex: decoding those in good order gives what the full rules give."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.codex import Codex
from llmtop.decode.codex_lines import is_codex, line_of
from tests.decode.line_ways import check_at_once_and_one_by_one, check_typed_and_fitted
from tests.decode.reading import read

TEXT = st.sampled_from(["a", "b", "c1", "", "<environment_context>", "[/bold]"])
COUNT = st.integers(0, 50)
STAMP = st.sampled_from(
    ["2026-01-02T03:04:05.000Z", "2026-01-02T03:04:09.5", "2026/01/02 03:04:07", "no time", 1.7e9]
)
TOKENS = st.fixed_dictionaries(
    {},
    optional={
        "input_tokens": COUNT,
        "cached_input_tokens": COUNT,
        "output_tokens": COUNT,
        "total_tokens": COUNT,
    },
)
INFO = st.fixed_dictionaries({}, optional={"total_token_usage": TOKENS, "last_token_usage": TOKENS})
KINDS = [
    "message", "function_call", "function_call_output", "custom_tool_call", "web_search_call",
    "token_count", "user_message", "agent_message", "task_started", "task_complete",
    "turn_aborted", "error", "exec_command_begin", "exec_command_end", "mcp_tool_call_end",
    "patch_apply_end", "sub_agent_activity", "command_execution", "session_configured", None,
]  # fmt: skip
TOLD = st.fixed_dictionaries(
    {"type": st.sampled_from(KINDS)},
    optional={
        "id": TEXT,
        "call_id": TEXT,
        "name": TEXT,
        "role": st.sampled_from(["user", "assistant"]),
        "content": st.lists(st.fixed_dictionaries({"text": TEXT}), max_size=2),
        "message": TEXT,
        "output": TEXT | st.just('{"output":"x","metadata":{"exit_code":1}}'),
        "info": st.none()
        | st.fixed_dictionaries(
            {}, optional={"total_token_usage": TOKENS, "last_token_usage": TOKENS}
        ),
        "exit_code": COUNT | st.none(),
        "duration": st.fixed_dictionaries({"secs": COUNT, "nanos": COUNT}),
        "status": st.sampled_from(["completed", "failed", "in_progress"]),
        "success": st.booleans(),
        "turn_id": TEXT,
        "duration_ms": COUNT,
        "event_id": TEXT,
        "agent_thread_id": TEXT,
        "model": TEXT,
    },
)
TYPES = [
    "session_meta", "turn_context", "response_item", "event_msg", "compacted", "event",
    "thread.started", "turn.started", "turn.completed", "turn.failed", "item.started",
    "item.completed", "message", "function_call", "odd", None,
]  # fmt: skip
LINE = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES)},
    optional={
        "timestamp": STAMP,
        "payload": TOLD,
        "item": TOLD,
        "msg": TOLD,
        "usage": TOKENS,
        "thread_id": TEXT,
        "record_type": st.just("state"),
        "role": st.just("user"),
        "content": st.lists(st.fixed_dictionaries({"text": TEXT}), max_size=2),
        "call_id": TEXT,
        "error": st.fixed_dictionaries({"message": TEXT}),
    },
)


@given(st.lists(LINE, max_size=8))
def test_lines_in_good_order_tell_what_they_tell_field_by_field(
    lines: list[dict[str, Any]],
) -> None:
    check_typed_and_fitted(Codex, line_of, is_codex, lines, misfit="agent_nickname")


@given(st.lists(LINE, max_size=8))
def test_lines_tell_the_same_at_once_and_one_by_one(lines: list[dict[str, Any]]) -> None:
    check_at_once_and_one_by_one(lines)


@given(TOLD, st.recursive(st.none() | st.integers() | TEXT, lambda each: st.lists(each)))
def test_no_value_of_any_field_stops_the_reading(told: dict[str, Any], value: Any) -> None:
    for name in (*told, "codex_error_info", "source", "invocation", "result"):
        payload = {**told, name: value}
        for kind in ("event_msg", "response_item", "session_meta"):
            assert read({"type": kind, "timestamp": 5, "payload": payload}).counts().lines == 1
        assert read({"type": "item.completed", "item": payload}).counts().lines == 1
