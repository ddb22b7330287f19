"""The lines of Claude Code's transcripts and of its stream-json, as far as llmtop reads them."""

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
Dollars = Annotated[float, Meta(ge=0, le=1e9)]


class Written(Struct, gc=False):
    """Tokens that were written to the cache, by how long they are kept."""

    ephemeral_5m_input_tokens: Count | None = None
    ephemeral_1h_input_tokens: Count | None = None


class Details(Struct, gc=False):
    """Parts of the output tokens."""

    thinking_tokens: Count | None = None


class Usage(Struct, gc=False):
    """Usage as Anthropic tells it: input tokens leave out cached ones."""

    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_creation: Written | None = None
    output_tokens_details: Details | None = None


class Part(Struct, gc=False):
    """A part of a message's content; what was said and what tools answered stays undecoded."""

    type: str | None = None
    id: str | None = None
    name: str | None = None
    input: Raw = NOTHING
    text: Raw = NOTHING
    tool_use_id: str | None = None
    is_error: bool | None = None
    content: Raw = NOTHING


class Message(Struct, gc=False):
    """A message, as far as it is written by now."""

    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: Usage | None = None
    content: list[Part] | str | None = None


class AgentMessage(Struct, gc=False):
    """A line of a subagent's, within its parent's transcript."""

    type: str | None = None
    uuid: str | None = None
    timestamp: str | float | None = None
    requestId: str | None = None  # noqa: N815 - as the transcript writes it
    message: Message | None = None


class Progress(Struct, gc=False):
    """What a progress record tells."""

    type: str | None = None
    agentId: str | None = None  # noqa: N815 - as the transcript writes it
    message: AgentMessage | None = None


class ToolUseResult(Struct, gc=False):
    """What the client keeps of a tool's result beside what the model was told."""

    agentId: str | None = None  # noqa: N815 - as the transcript writes it
    totalDurationMs: float | None = None  # noqa: N815 - as the transcript writes it
    durationMs: float | None = None  # noqa: N815 - as the transcript writes it
    durationSeconds: float | None = None  # noqa: N815 - as the transcript writes it


class Origin(Struct, gc=False):
    """The session that a line was copied from, when the conversation was continued in another."""

    sessionId: str | None = None  # noqa: N815 - as the transcript writes it
    messageUuid: str | None = None  # noqa: N815 - as the transcript writes it


class Delta(Struct, gc=False):
    """What the end of a streamed answer tells beside its usage."""

    stop_reason: str | None = None


class StreamEvent(Struct, gc=False):
    """An event of the API's stream, as partial messages pass it on."""

    type: str | None = None
    message: Message | None = None
    delta: Delta | None = None
    usage: Usage | None = None


class Denial(Struct, gc=False):
    """A tool that the user or the settings did not allow to run."""

    tool_use_id: str | None = None


class Line(Struct, gc=False):
    """One line, of any type."""

    parentUuid: str | None = None  # noqa: N815 - as the transcript writes it
    isSidechain: bool | None = None  # noqa: N815 - as the transcript writes it
    sessionId: str | None = None  # noqa: N815 - as the transcript writes it
    agentId: str | None = None  # noqa: N815 - as the transcript writes it
    message: Message | None = None
    requestId: str | None = None  # noqa: N815 - as the transcript writes it
    type: str | None = None
    uuid: str | None = None
    timestamp: datetime | float | None = None
    toolUseResult: ToolUseResult | str | list[Raw] | None = None  # noqa: N815 - as written
    tool_use_result: ToolUseResult | str | list[Raw] | None = None
    subtype: str | None = None
    session_id: str | None = None
    leafUuid: str | None = None  # noqa: N815 - as the transcript writes it
    parent_tool_use_id: str | None = None
    parentToolUseID: str | None = None  # noqa: N815 - as the transcript writes it
    isApiErrorMessage: bool | None = None  # noqa: N815 - as the transcript writes it
    isMeta: bool | None = None  # noqa: N815 - as the transcript writes it
    isCompactSummary: bool | None = None  # noqa: N815 - as the transcript writes it
    forkedFrom: Origin | None = None  # noqa: N815 - as the transcript writes it
    error: Raw = NOTHING
    costUSD: Dollars | None = None  # noqa: N815 - as the transcript writes it
    durationMs: float | None = None  # noqa: N815 - as the transcript writes it
    data: Progress | None = None
    event: StreamEvent | None = None
    ttft_ms: float | None = None
    modelUsage: Raw = NOTHING  # noqa: N815 - as the stream writes it
    usage: Usage | None = None
    total_cost_usd: Dollars | None = None
    cost_usd: Dollars | None = None
    duration_ms: float | None = None
    is_error: bool | None = None
    result: Raw = NOTHING
    errors: Raw = NOTHING
    permission_denials: list[Denial] | None = None
    error_status: int | str | None = None
    attempt: int | None = None
    retryAttempt: int | None = None  # noqa: N815 - as the transcript writes it


TYPES = frozenset(
    {
        "user", "assistant", "system", "progress", "summary", "attachment", "queue-operation",
        "file-history-snapshot", "pr-link", "result", "custom-title", "ai-title",
        "last-prompt", "stream_event", "rate_limit_event", "agent-name", "agent-color",
        "agent-setting", "mode", "permission-mode", "worktree-state", "content-replacement",
        "cost-state", "bridge-session", "file-history-delta", "attribution-snapshot", "tag",
        "task-summary", "tool_progress", "tool_use_summary", "auth_status", "prompt_suggestion",
    }
)  # fmt: skip

NAMELESS = frozenset({"user", "assistant", "summary", "file-history-snapshot"})
"""Types of lines that are known without the session's id."""

_lines = TypedLines(Line)
line_of, lines_of = _lines.line, _lines.lines


def fitted_line(document: Document) -> Line:
    """The line that an object tells, values of the wrong kind left out."""
    line = _lines.fitted(document)
    if line.timestamp is None:
        # Only times as the standard has them are decoded with the line.
        line.timestamp = parse_time(document.get("timestamp"))
    return line


def is_claude(line: Line) -> bool:
    """Whether a line is Claude Code's: by its session beside its type, or by how a file opens."""
    kind = line.type
    if line.sessionId is not None:
        told = line.message
        return kind in TYPES or (kind is None and told is not None and told.usage is not None)
    if kind == "file-history-snapshot" or (kind == "summary" and line.leafUuid is not None):
        return True
    if line.session_id is not None:
        return kind in TYPES and (
            line.uuid is not None or line.message is not None or line.subtype is not None
        )
    # The shortest transcripts that tools write: a type, its message, and a time.
    return (
        kind in ("user", "assistant")
        and line.message is not None
        and line.message.content is not None
        and line.timestamp is not None
    )
