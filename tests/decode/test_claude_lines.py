"""Lines of Claude Code: decoding those in good order gives what the full rules give."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.claude_code import ClaudeCode
from llmtop.decode.claude_lines import is_claude, line_of
from tests.decode.line_ways import check_at_once_and_one_by_one, check_typed_and_fitted
from tests.decode.reading import read

TEXT = st.sampled_from(["a", "b", "toolu_1", "", "<command-name>/x</command-name>", "[/bold]"])
COUNT = st.integers(0, 50)
STAMP = st.sampled_from(
    ["2026-01-02T03:04:05.000Z", "2026-01-02T03:04:09.5", "2026/01/02 03:04:07", "no time", 1.7e9]
)
USAGE = st.fixed_dictionaries(
    {},
    optional={
        "input_tokens": COUNT,
        "output_tokens": COUNT,
        "cache_read_input_tokens": COUNT | st.none(),
        "cache_creation": st.fixed_dictionaries({"ephemeral_1h_input_tokens": COUNT}),
    },
)
PART = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "tool_use", "tool_result", "server_tool_use", "thinking"])},
    optional={
        "id": TEXT,
        "name": st.sampled_from(["Task", "Bash"]),
        "text": TEXT,
        "input": st.fixed_dictionaries({"prompt": TEXT}),
        "tool_use_id": TEXT,
        "is_error": st.booleans() | st.none(),
        "content": TEXT | st.none(),
    },
)
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "id": TEXT,
        "model": st.sampled_from(["claude-x", "<synthetic>", "glm"]),
        "usage": USAGE | st.none(),
        "content": TEXT | st.lists(PART, max_size=3),
    },
)
LINE = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["user", "assistant", "system", "result", "summary", "stream_event", "odd", None]
        )
    },
    optional={
        "sessionId": TEXT,
        "session_id": TEXT,
        "uuid": TEXT,
        "parentUuid": TEXT | st.none(),
        "requestId": TEXT,
        "timestamp": STAMP,
        "message": MESSAGE | st.none(),
        "agentId": TEXT,
        "isSidechain": st.booleans(),
        "isApiErrorMessage": st.booleans(),
        "subtype": st.sampled_from(["init", "api_error", "turn_duration", "success"]),
        "durationMs": COUNT,
        "duration_ms": COUNT,
        "is_error": st.booleans(),
        "error": TEXT | st.fixed_dictionaries({"status": COUNT}),
        "toolUseResult": TEXT | st.fixed_dictionaries({"agentId": TEXT, "totalDurationMs": COUNT}),
        "forkedFrom": st.fixed_dictionaries({"sessionId": TEXT, "messageUuid": TEXT}),
        "usage": USAGE,
        "modelUsage": st.fixed_dictionaries({"glm": st.fixed_dictionaries({"inputTokens": COUNT})}),
        "event": st.fixed_dictionaries(
            {"type": st.sampled_from(["message_start", "message_delta"])},
            optional={"message": MESSAGE, "usage": USAGE},
        ),
    },
)


@given(st.lists(LINE, max_size=6))
def test_lines_in_good_order_tell_what_they_tell_field_by_field(
    lines: list[dict[str, Any]],
) -> None:
    check_typed_and_fitted(ClaudeCode, line_of, is_claude, lines, misfit="parentToolUseID")


@given(st.lists(LINE, max_size=6))
def test_lines_tell_the_same_at_once_and_one_by_one(lines: list[dict[str, Any]]) -> None:
    check_at_once_and_one_by_one(lines)


@given(LINE, st.recursive(st.none() | st.integers() | TEXT, lambda each: st.lists(each)))
def test_no_value_of_any_field_stops_the_reading(document: dict[str, Any], value: Any) -> None:
    for name in (*document, "data", "permission_denials", "event", "costUSD"):
        told = read({**document, "sessionId": "s", "type": "assistant", name: value})
        assert told.counts().lines == 1
