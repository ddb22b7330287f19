"""Parts of a message in the shapes that SDKs write them in: text, tool calls, results, media."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from llmtop.decode.values import mapping, parsed, shown, text
from llmtop.payload import ToolCall

_CALLS = frozenset(
    {
        "custom_tool_call",
        "function_call",
        "mcp_tool_use",
        "server_tool_call",
        "server_tool_use",
        "tool-call",
        "toolCall",
        "tool_call",
        "tool_use",
    }
)
_RESULTS = frozenset(
    {
        "custom_tool_call_output",
        "function_call_output",
        "mcp_tool_result",
        "server_tool_call_response",
        "tool-result",
        "tool_call_response",
        "tool_result",
    }
)
_REASONING = frozenset({"reasoning", "redacted_thinking", "thinking"})
_WRAPPED = {
    "function_call": "tool_call",
    "functionCall": "tool_call",
    "function_response": "tool_result",
    "functionResponse": "tool_result",
    "reasoningContent": "reasoning",
    "toolRequest": "tool_call",
    "toolResponse": "tool_result",
    "toolResult": "tool_result",
    "toolUse": "tool_call",
}
"""Parts without a type, whose only name tells it: those of Bedrock, Gemini and Genkit."""
_MEDIA = frozenset(
    {
        "audio",
        "document",
        "fileData",
        "file_data",
        "image",
        "inlineData",
        "inline_data",
        "json",
        "media",
        "video",
    }
)
_WRITTEN = frozenset(
    {"image", "image_url", "input_text", "output_text", "text", *_CALLS, *_RESULTS, *_REASONING}
)
_IDS = ("id", "toolCallId", "tool_call_id", "tool_use_id", "call_id", "toolUseId", "ref")
_ARGUMENTS = ("input", "arguments", "args", "server_tool_call")
_ANSWERS = ("content", "response", "result", "output", "server_tool_call_response")
_TEXTS = ("text", "content", "input_text", "output_text", "refusal", "transcript")
_THOUGHTS = ("content", "thinking", "text", "reasoning", "summary", "reasoningText")
_LONGEST_ADDRESS = 300


class Parts(Struct):
    """What the parts of a message say, and the tools they call and answer for."""

    texts: list[str]
    calls: list[ToolCall]
    answered: list[str | None]
    """The ids of the tool calls that are answered, one for each text of a result."""
    depth: int = 0


_DEEPEST = 20
"""Parts within parts from here on are shown as they are written."""


def parts_of(told: object) -> Parts:
    """All parts of a message, from a list of them, one of them, a text, or JSON in a text."""
    found = Parts([], [], [])
    found.texts = _texts(told, found)
    return found


def is_part(told: Mapping[str, Any]) -> bool:
    """Whether an object without a role is a part of a message, and not a message."""
    return (
        "role" not in told
        and "message" not in told
        and ("type" in told or "text" in told or _is_wrapped(told))
    )


def _is_wrapped(told: Mapping[str, Any]) -> bool:
    return len(told) == 1 and any(
        name in told and isinstance(told[name], dict) for name in (*_WRAPPED, *_MEDIA)
    )


def _is_written_part(part: object) -> bool:
    """Whether an entry of JSON in a text is a part of a message, and not what was said."""
    return isinstance(part, dict) and (
        text(part.get("type")) in _WRITTEN
        or (len(part) == 1 and isinstance(part.get("text"), str))
        or _is_wrapped(part)
    )


def _texts(parts: object, found: Parts) -> list[str]:
    if found.depth >= _DEEPEST:
        return [shown(parts)]
    found.depth += 1
    texts = [said for said in _said(parts, found) if said]
    found.depth -= 1
    return texts


def _said(parts: object, found: Parts) -> Iterable[str]:
    if isinstance(parts, str):
        told = parsed(parts) if parts[:2] == "[{" else None
        if not isinstance(told, list) or not all(map(_is_written_part, told)):
            yield parts
            return
        parts = told
    if isinstance(parts, dict):
        parts = [parts]
    if isinstance(parts, list):
        for part in parts:
            if isinstance(part, dict):
                yield _part(part, found)
            elif part is not None:
                yield shown(part)
    elif parts is not None:
        yield shown(parts)


def _part(part: Mapping[str, Any], found: Parts) -> str:
    kind, part = _unwrapped(part)
    if kind in _CALLS:
        found.calls.append(call_of(part))
        return ""
    if kind in _RESULTS:
        found.answered.append(text(_first(part, _IDS)))
        return "\n".join(_texts(_first(part, _ANSWERS), found))
    if kind in _REASONING or part.get("thought") is True:
        thought = "\n".join(_texts(_first(part, _THOUGHTS), found))
        return f"[reasoning] {thought}".rstrip()
    if "value" in part and kind in {"text", "json", "content", "error-text", "error-json"}:
        return "\n".join(_texts(part["value"], found))
    said = next((part[name] for name in _TEXTS if isinstance(part.get(name), str)), None)
    if said is not None and kind not in {"blob", "file"}:
        return str(said)
    nested = part.get("content")
    if isinstance(nested, list):
        return "\n".join(_texts(nested, found))
    return shown(part["json"]) if "json" in part else _medium(part, kind)


def _unwrapped(part: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    kind = text(part.get("type")) or text(part.get("kind")) or ""
    if not kind:
        for name, wrapped in _WRAPPED.items():
            inner = part.get(name)
            if isinstance(inner, dict):
                return wrapped, inner
    return kind, part


def _first(part: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((part[name] for name in names if part.get(name) is not None), None)


def _medium(part: Mapping[str, Any], kind: str) -> str:
    """What is not text, in brackets: its kind, and where it lies if that is told shortly."""
    modality = text(part.get("modality")) or kind
    if not modality:
        modality = next((name for name in part if name in _MEDIA), "")
        if not modality:
            return "" if "cachePoint" in part else shown(part)
    address = text(_first(part, ("uri", "file_id")))
    if address is None or len(address) > _LONGEST_ADDRESS or address.startswith("data:"):
        return f"[{modality}]"
    return f"[{modality} {address}]"


def call_of(told: object) -> ToolCall:
    """A tool that is called, as an object of whatever SDK tells it."""
    call = mapping(told)
    call = mapping(call.get("tool_call")) or call
    function = mapping(call.get("function")) or call
    name = text(function.get("name")) or text(call.get("toolName"))
    arguments = _first(function, _ARGUMENTS)
    if arguments is None:
        arguments = call.get("function.arguments")
        name = name or text(call.get("function.name"))
    return ToolCall(
        name=name,
        arguments=None if arguments is None else shown(arguments),
        id=text(_first(call, _IDS)),
    )
