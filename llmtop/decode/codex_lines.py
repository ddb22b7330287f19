"""The lines of Codex's rollouts and of `codex exec --json`, as far as llmtop reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Raw, Struct

from llmtop.decode.format import Document
from llmtop.decode.timestamps import parse_time
from llmtop.decode.typed_lines import TypedLines
from llmtop.decode.values import MOST_TOKENS

NOTHING = Raw(b"")
Count = Annotated[int, Meta(ge=0, le=MOST_TOKENS)]


class Tokens(Struct, gc=False):
    """Usage as OpenAI tells it: input tokens include cached ones, output includes reasoning."""

    input_tokens: Count | None = None
    cached_input_tokens: Count | None = None
    output_tokens: Count | None = None
    reasoning_output_tokens: Count | None = None
    total_tokens: Count | None = None
    cache_write_input_tokens: Count | None = None


class Info(Struct, gc=False):
    """The usage of the session, and that of its last call."""

    total_token_usage: Tokens | None = None
    last_token_usage: Tokens | None = None
    model: str | None = None


class Invocation(Struct, gc=False):
    """Which tool of which server was called."""

    server: str | None = None
    tool: str | None = None


class Told(Tokens, gc=False, kw_only=True):
    """What a line tells, in its payload, its item, its message, or in the line itself.

    What was said, asked and answered stays undecoded.
    """

    type: str | None = None
    id: str | None = None
    call_id: str | None = None
    info: Info | None = None
    name: str | None = None
    output: Raw = NOTHING
    role: str | None = None
    content: Raw = NOTHING
    message: Raw = NOTHING
    namespace: str | None = None
    status: Raw = NOTHING
    exit_code: int | None = None
    success: bool | None = None
    duration: Raw = NOTHING
    result: Raw = NOTHING
    error: Raw = NOTHING
    invocation: Invocation | None = None
    server: str | None = None
    tool: str | None = None
    kind: str | None = None
    turn_id: str | None = None
    duration_ms: float | None = None
    time_to_first_token_ms: float | None = None
    codex_error_info: Raw = NOTHING
    model: str | None = None
    model_provider: str | None = None
    model_provider_id: str | None = None
    session_id: str | None = None
    forked_from_id: str | None = None
    source: Raw = NOTHING
    parent_thread_id: str | None = None
    agent_nickname: str | None = None
    agent_role: str | None = None
    event_id: str | None = None
    agent_thread_id: str | None = None
    new_thread_id: str | None = None
    response_id: str | None = None
    usage: Tokens | None = None
    thread_token_usage: Tokens | None = None
    started_at_ms: float | None = None
    completed_at_ms: float | None = None
    item: Told | None = None
    msg: Told | None = None


class Line(Told, gc=False):
    """One line, of any kind and version; the first ones told in the line what payloads tell now.

    What nearly all lines are made of stands first: that is where a key is looked for.
    """

    timestamp: datetime | float | None = None
    type: str | None = None
    payload: Told | None = None
    thread_id: str | None = None
    record_type: str | None = None
    instructions: Raw = NOTHING
    git: Raw = NOTHING
    provider: str | None = None
    workdir: str | None = None
    sandbox: Raw = NOTHING


ROLLOUT = frozenset(
    {
        "session_meta", "turn_context", "response_item", "event_msg", "compacted", "event",
        "inter_agent_communication", "inter_agent_communication_metadata", "world_state",
        "token_usage_record", "retained_context", "realtime_item",
    }
)  # fmt: skip
"""Types of lines with a payload; `event` is that of a fork of Codex."""
STREAM = frozenset(
    {
        "thread.started", "turn.started", "turn.completed", "turn.failed",
        "item.started", "item.updated", "item.completed",
    }
)  # fmt: skip
"""Types of lines of `codex exec --json`."""
CALLS = frozenset(
    {
        "function_call", "custom_tool_call", "local_shell_call", "tool_search_call",
        "web_search_call", "image_generation_call",
    }
)  # fmt: skip
OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output", "tool_search_output"})
_MESSAGES = frozenset(
    {
        "session_configured", "task_started", "task_complete", "turn_started", "turn_complete",
        "turn_aborted", "user_message", "agent_message", "agent_message_delta", "agent_reasoning",
        "agent_reasoning_delta", "agent_reasoning_section_break", "agent_reasoning_raw_content",
        "token_count", "exec_command_begin", "exec_command_output_delta", "exec_command_end",
        "mcp_tool_call_begin", "mcp_tool_call_end", "patch_apply_begin", "patch_apply_end",
        "web_search_begin", "web_search_end", "plan_update", "turn_diff", "error", "stream_error",
        "background_event", "shutdown_complete",
    }
)  # fmt: skip
"""Types of the messages that the first `codex exec --json` wrote."""
_OLD = CALLS | OUTPUTS | {"message"}
KINDS = ROLLOUT | STREAM | _OLD
"""Types of all lines."""

_lines = TypedLines(Line)
line_of, lines_of = _lines.line, _lines.lines


def fitted_line(document: Document) -> Line:
    """The line that an object tells, values of the wrong kind left out."""
    line = _lines.fitted(document)
    if line.timestamp is None:
        # Only times as the standard has them are decoded with the line.
        line.timestamp = parse_time(document.get("timestamp"))
    return line


def is_codex(line: Line) -> bool:
    """Known by a type of line with its payload, or by the lines of the first versions."""
    kind = line.type
    if kind in ROLLOUT:
        payload = line.payload
        return payload is not None and (kind != "event" or payload.msg is not None)
    if kind in STREAM:
        return True
    if kind is None:
        if line.record_type == "state" or (line.workdir is not None and line.model is not None):
            return True
        if line.msg is not None:
            return line.msg.type in _MESSAGES
        return bool(line.id and line.git and line.instructions)
    if kind == "message":
        # A raw answer of Anthropic's API has the same type, and a model.
        listed = line.content is not NOTHING and bytes(line.content)[:1] == b"["
        return listed and line.role is not None and line.model is None
    return kind in _OLD and line.call_id is not None
