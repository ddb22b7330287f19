"""The tools of a Codex session, from the model's items, the client's events and exec's items."""

from __future__ import annotations

import re

from msgspec import Raw

from llmtop.decode.codex_lines import CALLS, OUTPUTS, Told
from llmtop.decode.codex_session import Session, decoded
from llmtop.decode.messages import message
from llmtop.decode.values import mapping, number, parsed, shown, text
from llmtop.span import Flag, Fragment

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED
_AT_ONCE = frozenset({"web_search_call", "image_generation_call"})
"""Items of what the provider runs itself: the item tells the end too."""
_NAMES = {
    "function_call": "shell",
    "custom_tool_call": "tool",
    "local_shell_call": "shell",
    "tool_search_call": "tool_search",
    "web_search_call": "web_search",
    "image_generation_call": "image_generation",
    "exec_command": "shell",
    "patch_apply": "apply_patch",
    "mcp_tool_call": "mcp_tool",
    "web_search": "web_search",
    "image_generation": "image_generation",
    "command_execution": "shell",
    "file_change": "apply_patch",
    "collab_tool_call": "collab_tool",
    "CommandExecution": "shell",
    "FileChange": "apply_patch",
    "WebSearch": "web_search",
    "McpToolCall": "mcp_tool",
    "DynamicToolCall": "tool",
}
_CARRIED = frozenset(
    {"CommandExecution", "FileChange", "WebSearch", "McpToolCall", "DynamicToolCall"}
)
"""Items of a turn that are tools, as newer versions tell that they are completed."""
_ITEMS = frozenset(
    {"command_execution", "file_change", "mcp_tool_call", "collab_tool_call", "web_search"}
)
"""Items of `codex exec --json` that are tools."""
_LONGEST_MESSAGE = 500
_MOST_TOOLS = 10_000


def item(told: Told, session: Session, found: list[Fragment]) -> None:
    """A call that the model makes of a tool, or what the tool answered."""
    kind, call = told.type, told.call_id or told.id
    if kind in CALLS:
        if call is None and kind not in _AT_ONCE:
            return
        fragment = _begin(told, call, session, found)
        if kind in _AT_ONCE:
            fragment.start, fragment.end = None, session.at
            fragment.flags, fragment.status = _BOTH, "ok"
            session.searched = session.searched or call is None
    elif kind in OUTPUTS and call is not None:
        failed = _has_failed(told.output)
        found.append(
            Fragment(
                span_id=call,
                trace_id=session.trace,
                operation="execute_tool",
                end=session.at,
                status="error" if failed else "ok",
                error_type="tool_error" if failed else None,
                flags=_ENDED,
                place=session.place,
            )
        )


def began(told: Told, session: Session, found: list[Fragment]) -> None:
    """The client has begun to run a tool."""
    if told.call_id is not None:
        _begin(told, told.call_id, session, found)


def ended(told: Told, session: Session, found: list[Fragment]) -> None:
    """The client has run a tool, whose call it may or may not have told before."""
    if told.type == "web_search_end" and session.searched:
        return  # the model's item told of it, without the name
    if told.call_id is not None:
        _end(told, told.call_id, session, found)


def carried(item: Told, told: Told, session: Session, found: list[Fragment]) -> None:
    """An item that is a tool and is completed; when it was, the event about it tells."""
    if item.type not in _CARRIED or item.id is None:
        return
    if item.type == "WebSearch" and session.searched:
        return  # the model's item told of it, without the name
    fragment = _end(item, item.id, session, found)
    if told.started_at_ms is not None and told.completed_at_ms is not None:
        fragment.duration = (told.completed_at_ms - told.started_at_ms) / 1000.0


def running(told: Told, session: Session, found: list[Fragment]) -> None:
    """An item of `codex exec --json` that is a tool, and has begun."""
    if told.id is not None and told.type in _ITEMS:
        _begin(told, _item_id(told.id, session), session, found)


def completed(told: Told, session: Session, found: list[Fragment]) -> None:
    """An item of `codex exec --json` that is a tool, and is over."""
    if told.id is not None and told.type in _ITEMS:
        _end(told, _item_id(told.id, session), session, found)


def _item_id(item_id: str, session: Session) -> str:
    """Items are numbered from zero in each run, of which a file may hold many."""
    return f"{session.turn or session.name}:{item_id}"


def _name(told: Told) -> str:
    name = told.name or told.tool
    if told.invocation is not None:
        name = told.invocation.tool
    space = told.namespace or told.server
    if told.invocation is not None:
        space = told.invocation.server
    if name is not None:
        return f"{space}.{name}" if space else name
    kind = (told.type or "").removesuffix("_begin").removesuffix("_end")
    return _NAMES.get(kind, kind or "tool")


def _begin(told: Told, span_id: str | None, session: Session, found: list[Fragment]) -> Fragment:
    session.go_on(found)
    if span_id is not None:
        if len(session.tools) >= _MOST_TOOLS:
            session.tools.clear()
        session.tools.add(span_id)
    fragment = Fragment(
        span_id=span_id,
        trace_id=session.trace,
        parent_id=session.turn or session.agent,
        name=_name(told),
        operation="execute_tool",
        start=session.at,
        session_id=session.id,
        flags=_OPENED,
        place=session.place,
    )
    found.append(fragment)
    return fragment


def _end(told: Told, span_id: str, session: Session, found: list[Fragment]) -> Fragment:
    """The end of a tool; it is all that is told of it where no line told its beginning."""
    known = span_id in session.tools
    fragment = _begin(told, span_id, session, found)
    fragment.flags = _ENDED if known else _BOTH
    fragment.start = None
    fragment.end = session.at
    fragment.duration = _seconds(told.duration)
    fragment.status = "ok"
    status, failure = bytes(told.status), _failure(told)
    if failure is not None or status in (b'"failed"', b'"declined"'):
        fragment.status = "error"
        fragment.error_type = "declined" if status == b'"declined"' else "tool_error"
        fragment.error_message = failure
    return fragment


def _failure(told: Told) -> str | None:
    """Why a tool failed, if it did."""
    if told.exit_code:
        return f"exit code {told.exit_code}"
    error = decoded(told.error)
    if error is not None:
        return (text(mapping(error).get("message")) or shown(error))[:_LONGEST_MESSAGE]
    view = memoryview(told.result)
    end = bytes(view[-_RESULT_END:]).replace(b" ", b"")
    if b'"Err"' in bytes(view[:20]) or b'rror":true' in end:
        result = mapping(decoded(told.result))
        said = result.get("Err")
        if said is not None:
            return shown(said)[:_LONGEST_MESSAGE]
        answer = mapping(result.get("Ok")) or result
        if answer.get("isError") or answer.get("is_error"):
            return message({"content": answer.get("content")}).text[:_LONGEST_MESSAGE]
    return "it had no success" if told.success is False else None


def _seconds(duration: Raw) -> float | None:
    """Seconds, from a duration as Rust's serializers write it."""
    told = mapping(decoded(duration))
    seconds, rest = number(told.get("secs")), number(told.get("nanos"))
    return None if seconds is None else seconds + (rest or 0.0) / 1e9


_RESULT_END = 1000
"""How much of a server's answer (bytes) tells whether it is an error: that stands behind it."""
_EDGE = 200
"""How much of an output's beginning or end (bytes) tells how it went; the rest is what it said."""
_EXITED = re.compile(
    rb'"(?:Chunk ID: [^\\]*\\n)?(?:Wall time: [^\\]*\\n)?'
    rb"(?:Exit code|Process exited with code):? (\d+)"
)
_EXIT_CODE = re.compile(rb'exit_code\\?"\s*:\s*(-?\d+)')


def _has_failed(output: Raw) -> bool:
    """Whether an output tells that the tool failed: by its exit code, or by having no success."""
    view = memoryview(output)
    head = bytes(view[:_EDGE])
    if head.startswith((b'"{', b"{")):
        code = _EXIT_CODE.search(view[-_EDGE:])
        if (code is None or code.group(1) == b"0") and head.startswith(b'"'):
            return False
        told = mapping(parsed(decoded(output)))
        code_told = mapping(told.get("metadata")).get("exit_code")
        return told.get("success") is False or (isinstance(code_told, int) and code_told != 0)
    exited = _EXITED.match(head)
    return exited is not None and int(exited.group(1)) != 0
