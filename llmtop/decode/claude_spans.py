"""The spans of a Claude Code session: turns, calls, tools, subagents and the API's errors."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from msgspec import Raw

from llmtop.decode import errors
from llmtop.decode.claude_lines import NOTHING, Line, Message, Part, ToolUseResult, Usage
from llmtop.decode.messages import message
from llmtop.decode.values import parsed, text
from llmtop.span import Flag, Fragment

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = int(Flag.OPENED | Flag.ENDED)
_LONGEST_MESSAGE = 500


class Spot:
    """Where a line stands: in which session, when (seconds since the epoch), in which place."""

    __slots__ = ("at", "place", "session")

    def __init__(self, session: str | None) -> None:
        self.session = session
        self.at: float | None = None
        self.place = -1


def turn(spot: Spot, span_id: str, name: str) -> Fragment:
    """A turn: a prompt, and all that is done until the next one."""
    return Fragment(
        span_id=span_id,
        trace_id=spot.session,
        name=name,
        operation="turn",
        start=spot.at,
        flags=_BOTH,
        status="ok",
        session_id=spot.session,
        place=spot.place,
    )


def call(
    spot: Spot,
    line: Line,
    told: Message,
    span_id: str,
    above: str | None,
    began: float | None,
    flags: int,
) -> Fragment:
    """A call, as far as one line tells it."""
    model, session, lasted = told.model, spot.session, line.durationMs
    used = NO_USAGE if told.usage is None else counts(told.usage)
    # Of what there is most, the fields are given in their order: more names cost their time.
    fragment = Fragment(
        span_id,
        session,
        above,
        None,
        None,
        "chat",
        _HOSTS.get((told.id or "")[:8]) or (provider_of(model) if model else None),
        model,
        None,
        began,
        spot.at,
        None if lasted is None else lasted / 1000.0,
        None,
        "ok",
        input_tokens=used[0],
        output_tokens=used[1],
        cache_read_tokens=used[2],
        cache_write_tokens=used[3],
        session_id=session,
        # A session that is resumed or forked may begin with copies of another one's lines.
        response_id=span_id,
        flags=flags,
        place=spot.place,
    )
    fragment.cost = line.costUSD
    fragment.finish_reason = told.stop_reason
    if line.agentId is not None:
        fragment.agent = line.agentId
    if told.usage is not None:
        use_rest(fragment, told.usage)
    return fragment


NO_USAGE = (None, None, None, None)


def counts(usage: Usage) -> tuple[int | None, int | None, int | None, int | None]:
    """Input, output, read from the cache and written to it; input includes both of these.

    Zeros alone are no usage: some servers tell none of streams.
    """
    sent, output = usage.input_tokens, usage.output_tokens
    read, written = usage.cache_read_input_tokens, usage.cache_creation_input_tokens
    kept = usage.cache_creation
    if written is None and kept is not None:
        written = (kept.ephemeral_5m_input_tokens or 0) + (kept.ephemeral_1h_input_tokens or 0)
    if not (sent or read or written or output):
        return NO_USAGE
    return None if sent is None else sent + (read or 0) + (written or 0), output, read, written


def use_rest(fragment: Fragment, usage: Usage) -> None:
    """Put the rarer parts of a usage into a call."""
    if usage.cache_creation is not None:
        fragment.cache_write_1h_tokens = usage.cache_creation.ephemeral_1h_input_tokens or None
    if usage.output_tokens_details is not None:
        fragment.reasoning_tokens = usage.output_tokens_details.thinking_tokens


_HOSTS = {"msg_bdrk": "aws.bedrock", "msg_vrtx": "gcp.vertex_ai"}
"""Who served an answer, by how its id begins."""


@lru_cache(maxsize=256)
def provider_of(model: str) -> str | None:
    """Who serves a model, by its name."""
    if "anthropic.claude" in model:
        return "aws.bedrock"
    if not model.startswith("claude"):
        return None
    return "gcp.vertex_ai" if "@" in model else "anthropic"


def tool(spot: Spot, part: Part, above: str | None) -> Fragment:
    """The beginning of a tool's run."""
    return Fragment(
        span_id=part.id,
        trace_id=spot.session,
        parent_id=above,
        name=part.name,
        operation="execute_tool",
        start=spot.at,
        flags=_OPENED,
        session_id=spot.session,
        place=spot.place,
    )


def tool_result(spot: Spot, part: Part, result: ToolUseResult | None) -> Fragment:
    """The end of a tool's run; the client may have taken its time, without the user's consent."""
    failed = part.is_error is True
    return Fragment(
        span_id=part.tool_use_id,
        trace_id=spot.session,
        operation="execute_tool",
        end=spot.at,
        duration=None if result is None else lasted(result),
        flags=_ENDED,
        status="error" if failed else "ok",
        error_type="tool_error" if failed else None,
        error_message=_said(part.content) if failed else None,
        place=spot.place,
    )


def lasted(result: ToolUseResult) -> float | None:
    """Seconds that a tool took, where the client tells it."""
    if result.durationMs is not None:
        return result.durationMs / 1000.0
    return result.durationSeconds


def denied(spot: Spot, tool: str) -> Fragment:
    """A tool that was not allowed to run."""
    return Fragment(
        span_id=tool,
        trace_id=spot.session,
        operation="execute_tool",
        end=spot.at,
        flags=_ENDED,
        status="error",
        error_type="permission_denied",
        place=spot.place,
    )


def agent(spot: Spot, name: str, parent: str | None, kind: str | None = None) -> Fragment:
    """The span of a subagent, below the tool that started it."""
    return Fragment(
        span_id=f"agent:{name}",
        trace_id=spot.session,
        parent_id=parent,
        name=f"subagent {kind or name}",
        operation="invoke_agent",
        start=spot.at,
        flags=_BOTH,
        status="ok",
        session_id=spot.session,
        agent=name,
    )


def api_error(spot: Spot, line: Line, told: Message, above: str | None) -> Fragment:
    """A message that the client made up itself, most often to say that the API failed."""
    failed = line.isApiErrorMessage is True
    said = told.content if isinstance(told.content, str) else None
    if isinstance(told.content, list):
        said = "\n".join(filter(None, map(text_of, told.content)))
    kind = _failure(line.error)[0] or errors.kind_of(said) or "api_error"
    return Fragment(
        span_id=line.uuid or told.id,
        trace_id=spot.session,
        parent_id=above,
        name="API error" if failed else "synthetic message",
        operation="other",
        start=spot.at,
        flags=_BOTH,
        status="error" if failed else "ok",
        error_type=kind if failed else None,
        error_message=(said or "")[:_LONGEST_MESSAGE] if failed else None,
        session_id=spot.session,
        place=spot.place,
    )


def retry(spot: Spot, line: Line, above: str | None) -> Fragment:
    """An attempt that the API refused, after which the client tries again."""
    kind, said, status = _failure(line.error)
    status = text(line.error_status) or status
    attempt = line.attempt if line.attempt is not None else line.retryAttempt
    return Fragment(
        span_id=line.uuid,
        trace_id=spot.session,
        parent_id=above,
        name=f"API retry {attempt or ''}".strip(),
        operation="other",
        start=spot.at,
        flags=_BOTH,
        status="error",
        error_type=kind or status or "api_error",
        error_message=(said or (f"HTTP status {status}" if status else None)),
        session_id=spot.session,
        place=spot.place,
    )


def text_of(part: Part) -> str | None:
    """The text of a part, or `None` if it has none."""
    return None if part.text is NOTHING else text(decoded(part.text))


def decoded(value: Raw) -> Any:
    """The value that was left undecoded; `None` if there is none."""
    data = bytes(value)
    return parsed(data.decode("utf-8", "replace")) if data and data != b"null" else None


def _said(content: Raw) -> str | None:
    return message({"content": decoded(content)}).text[:_LONGEST_MESSAGE] or None


_DEEPEST_ERROR = 4


def _failure(error: Raw) -> tuple[str | None, str | None, str | None]:
    """The type, the message and the HTTP status of an error: a word, or objects in each other."""
    told, kind, said, status = decoded(error), None, None, None
    if not isinstance(told, dict):
        named, message_told = errors.told(told)
        return named or message_told, None, None
    for _ in range(_DEEPEST_ERROR):
        if not isinstance(told, dict):
            break
        status = status or text(told.get("status"))
        named = text(told.get("type") or told.get("code"))
        kind = named if named not in (None, "error") else kind
        said = text(told.get("message")) or said
        told = told.get("error") or told.get("connection") or told.get("cause")
    return kind or errors.kind_of(said), said, status
