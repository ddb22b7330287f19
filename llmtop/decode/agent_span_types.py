"""Spans that name what they do in `span.type`: those of Claude Code, and those of VoltAgent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode import operations
from llmtop.decode.values import count, number, text
from llmtop.span import Fragment

KIND = "span.type"
ENTITY = "entity.type"
BARE = frozenset(
    {
        "agent_id",
        "cache_creation_tokens",
        "cache_read_tokens",
        "error",
        "input_tokens",
        "model",
        "output_tokens",
        "request_id",
        "stop_reason",
        "success",
        "tool_name",
        "ttft_ms",
        "user_prompt",
    }
)
"""Attributes of Claude Code, whose names mean this in its spans alone."""
_SPANS = {
    "llm_request": "chat",
    "interaction": "turn",
    "tool": "execute_tool",
    "tool.execution": "chain",
    "tool.blocked_on_user": "other",
    "hook": "other",
}
_LONGEST_NAME = 200


def tell(fragment: Fragment, told: Mapping[str, Any]) -> None:
    """Put in what a span of Claude Code or of VoltAgent tells."""
    kind = (text(told.get(KIND)) or "").removeprefix("claude_code.")
    if not (fragment.name or "").startswith("claude_code."):
        operation = operations.operation(kind or told.get(ENTITY))
        if fragment.operation is None and operation != "other":
            fragment.operation = operation
        return
    fragment.operation = _SPANS.get(kind, "other")
    if kind == "llm_request":
        _call(fragment, told)
    elif kind == "tool":
        fragment.name = text(told.get("tool_name")) or fragment.name
    elif kind == "interaction":
        asked = text(told.get("user_prompt"))
        if asked is not None and asked != "<REDACTED>":
            fragment.name = asked.partition("\n")[0][:_LONGEST_NAME]
    if told.get("success") in (False, "false"):
        fragment.status = "error"
        fragment.error_message = text(told.get("error")) or fragment.error_message


def _call(fragment: Fragment, told: Mapping[str, Any]) -> None:
    fragment.model = fragment.model or text(told.get("model"))
    fragment.provider = fragment.provider or "anthropic"
    read, written = count(told.get("cache_read_tokens")), count(told.get("cache_creation_tokens"))
    sent = count(told.get("input_tokens"))
    if sent is not None:
        # Claude Code passes on Anthropic's count, which leaves out cached tokens.
        fragment.input_tokens = sent + (read or 0) + (written or 0)
    output = count(told.get("output_tokens"))
    fragment.output_tokens = fragment.output_tokens if output is None else output
    fragment.cache_read_tokens, fragment.cache_write_tokens = read, written
    waited = number(told.get("ttft_ms"))
    if waited is not None:
        fragment.ttft = waited / 1000.0
    fragment.finish_reason = fragment.finish_reason or text(told.get("stop_reason"))
    fragment.agent = fragment.agent or text(told.get("agent_id"))
    # The event of the same call names it by the request.
    fragment.response_id = text(told.get("request_id")) or fragment.response_id
