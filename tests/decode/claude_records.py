"""Made-up lines of Claude Code's transcripts and of its stream-json."""

from __future__ import annotations

from typing import Any

SESSION = "5e551011-0000-4000-8000-000000000001"


def line(kind: str, second: float, **told: Any) -> dict[str, Any]:
    told.setdefault("uuid", f"u{second}")
    return {
        "type": kind,
        "sessionId": SESSION,
        "timestamp": f"2026-01-02T03:04:{second:06.3f}Z",
        "version": "2.1.0",
        **told,
    }


def user(second: float, content: Any, **told: Any) -> dict[str, Any]:
    return line("user", second, message={"role": "user", "content": content}, **told)


def answer(
    second: float, message_id: str, content: Any, usage: dict[str, Any], **told: Any
) -> dict[str, Any]:
    message = {
        "id": message_id,
        "role": "assistant",
        "model": told.pop("model", "claude-sonnet-4-5"),
        "stop_reason": told.pop("stop_reason", None),
        "content": content,
        "usage": usage,
    }
    told.setdefault("requestId", f"req-{message_id}")
    return line("assistant", second, message=message, **told)


def text(said: str) -> dict[str, str]:
    return {"type": "text", "text": said}


USAGE = {"input_tokens": 5, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20}


def used(output: int) -> dict[str, Any]:
    """Usage with so many output tokens."""
    return {**USAGE, "output_tokens": output}


def tool(name: str, tool_id: str, **told: Any) -> dict[str, Any]:
    """The part of an answer that calls a tool."""
    return {"type": "tool_use", "id": tool_id, "name": name, "input": told}


def result(tool_id: str, content: Any = "done", **told: Any) -> dict[str, Any]:
    """The part of a message that tells a tool's result."""
    return {"type": "tool_result", "tool_use_id": tool_id, "content": content, **told}


def streamed(kind: str, **told: Any) -> dict[str, Any]:
    """A line of stream-json."""
    return {"type": kind, "session_id": "s", "parent_tool_use_id": None, **told}


def partial(kind: str, **told: Any) -> dict[str, Any]:
    """A partial message of stream-json."""
    return streamed("stream_event", uuid="e", event={"type": kind, **told})
