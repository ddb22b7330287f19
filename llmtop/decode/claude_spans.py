"""The spans of a Claude Code session: turns, calls, tools, subagents and the API's errors."""

from __future__ import annotations

from msgspec import Raw

from llmtop.decode import errors
from llmtop.decode.claude_lines import NOTHING, Line, Message, Part
from llmtop.decode.messages import message
from llmtop.decode.values import parsed, text
from llmtop.span import Flag, Fragment

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = int(Flag.OPENED | Flag.ENDED)
_LOWER_BOUND = int(Flag.LOWER_BOUND)
_LONGEST_MESSAGE = 500


def turn(span_id: str, name: str, session: str | None, at: float | None, place: int) -> Fragment:
    """A turn: a prompt, and all that is done until the next one."""
    return Fragment(
        span_id=span_id,
        trace_id=session,
        name=name,
        operation="turn",
        start=at,
        end=at,
        flags=_BOTH,
        status="ok",
        session_id=session,
        place=place,
    )


def call(
    line: Line,
    told: Message,
    span_id: str,
    session: str | None,
    above: str | None,
    at: float | None,
    place: int,
) -> Fragment:
    """A call, as far as one line tells it; its output is at least what is told."""
    model = told.model
    fragment = Fragment(
        span_id=span_id,
        trace_id=session,
        parent_id=above,
        operation="chat",
        provider="anthropic" if model is not None and model.startswith("claude") else None,
        model=model,
        end=at,
        status="ok",
        finish_reason=told.stop_reason,
        session_id=session,
        agent=line.agentId,
        cost=line.costUSD,
        flags=_BOTH | _LOWER_BOUND,
        place=place,
    )
    usage = told.usage
    if usage is None:
        return fragment
    read, written = usage.cache_read_input_tokens, usage.cache_creation_input_tokens
    sent = usage.input_tokens
    if not (sent or read or written or usage.output_tokens):
        # Servers that do not tell the usage of streams write zeros.
        return fragment
    fragment.input_tokens = None if sent is None else sent + (read or 0) + (written or 0)
    fragment.output_tokens = usage.output_tokens
    fragment.cache_read_tokens = read
    fragment.cache_write_tokens = written
    if usage.cache_creation is not None:
        fragment.cache_write_1h_tokens = usage.cache_creation.ephemeral_1h_input_tokens or None
    if usage.output_tokens_details is not None:
        fragment.reasoning_tokens = usage.output_tokens_details.thinking_tokens
    return fragment


def tool(
    part: Part, session: str | None, above: str | None, at: float | None, place: int
) -> Fragment:
    """The beginning of a tool's run."""
    return Fragment(
        span_id=part.id,
        trace_id=session,
        parent_id=above,
        name=part.name,
        operation="execute_tool",
        start=at,
        flags=_OPENED,
        session_id=session,
        place=place,
    )


def tool_result(part: Part, session: str | None, at: float | None, place: int) -> Fragment:
    """The end of a tool's run."""
    failed = part.is_error is True
    return Fragment(
        span_id=part.tool_use_id,
        trace_id=session,
        operation="execute_tool",
        end=at,
        flags=_ENDED,
        status="error" if failed else "ok",
        error_type="tool_error" if failed else None,
        error_message=_said(part.content) if failed else None,
        place=place,
    )


def agent(name: str, session: str | None, parent: str | None, at: float | None) -> Fragment:
    """The span of a subagent, below the tool that started it."""
    return Fragment(
        span_id=f"agent:{name}",
        trace_id=session,
        parent_id=parent,
        name=f"subagent {name}",
        operation="invoke_agent",
        start=at,
        end=at,
        flags=_BOTH,
        status="ok",
        session_id=session,
        agent=name,
    )


def api_error(
    line: Line,
    told: Message,
    session: str | None,
    above: str | None,
    at: float | None,
    place: int,
) -> Fragment:
    """A message that the client made up itself, most often to say that the API failed."""
    failed = line.isApiErrorMessage is True
    said = told.content if isinstance(told.content, str) else None
    if isinstance(told.content, list):
        said = "\n".join(filter(None, map(text_of, told.content)))
    return Fragment(
        span_id=line.uuid or told.id,
        trace_id=session,
        parent_id=above,
        name="API error" if failed else "synthetic message",
        operation="other",
        start=at,
        end=at,
        flags=_BOTH,
        status="error" if failed else "ok",
        error_type=(_kind(line.error) or "api_error") if failed else None,
        error_message=(said or "")[:_LONGEST_MESSAGE] if failed else None,
        session_id=session,
        place=place,
    )


def retry(
    line: Line, session: str | None, above: str | None, at: float | None, place: int
) -> Fragment:
    """An attempt that the API refused, after which the client tries again."""
    status = text(line.error_status)
    return Fragment(
        span_id=line.uuid,
        trace_id=session,
        parent_id=above,
        name=f"API retry {line.attempt or ''}".strip(),
        operation="other",
        start=at,
        end=at,
        flags=_BOTH,
        status="error",
        error_type=_kind(line.error) or status or "api_error",
        error_message=f"HTTP status {status}" if status else None,
        session_id=session,
        place=place,
    )


def text_of(part: Part) -> str | None:
    """The text of a part, or `None` if it has none."""
    if part.text is NOTHING:
        return None
    return text(parsed(bytes(part.text).decode("utf-8", "replace")))


def _said(content: Raw) -> str | None:
    if content is NOTHING:
        return None
    told = parsed(bytes(content).decode("utf-8", "replace"))
    return message({"content": told}).text[:_LONGEST_MESSAGE] or None


def _kind(error: Raw) -> str | None:
    if error is NOTHING:
        return None
    kind, said = errors.told(parsed(bytes(error).decode("utf-8", "replace")))
    return kind or said
