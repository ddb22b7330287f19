"""Messages of a conversation, from the shapes that SDKs and conventions write them in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from llmtop.decode.values import mapping, parsed, shown, text
from llmtop.payload import Message, ToolCall


def conversation(value: object, role: str = "user") -> tuple[Message, ...]:
    """Messages from a list of them, one of them, a text, or JSON in a text."""
    value = parsed(value)
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return (Message(role, value),)
    if isinstance(value, dict):
        for name in ("messages", "message", "choices", "output", "contents", "candidates"):
            inner = value.get(name)
            if isinstance(inner, list | dict) and inner:
                return conversation(inner, role)
        if not _SPOKEN.intersection(value):
            return (Message(role, shown(value)),)
        return (message(value, role),)
    if isinstance(value, list):
        if value and all(isinstance(part, dict) and _is_part(part) for part in value):
            return (message({"role": role, "content": value}, role),)
        return tuple(each for entry in value for each in conversation(_unwrapped(entry), role))
    return (Message(role, shown(value)),)


_SPOKEN = frozenset(
    {"role", "content", "parts", "text", "tool_calls", "function_call", "type", "refusal"}
)
"""Names of which a message has at least one; other objects are shown as they are."""


def _unwrapped(entry: object) -> object:
    """The message within an OpenAI choice or an OpenInference wrapper."""
    if isinstance(entry, dict) and isinstance(entry.get("message"), dict):
        return entry["message"]
    return entry


def _is_part(part: Mapping[str, Any]) -> bool:
    return "role" not in part and "message" not in part and ("type" in part or "text" in part)


def _is_written_part(part: object) -> bool:
    """Whether an entry of JSON in a text is a part of a message, and not what was said."""
    return isinstance(part, dict) and (
        part.get("type") in _PART_TYPES or (len(part) == 1 and isinstance(part.get("text"), str))
    )


_PART_TYPES = frozenset(
    {"text", "image_url", "image", "input_text", "output_text", "tool_use", "tool_result"}
)


def message(told: Mapping[str, Any], role: str = "user") -> Message:
    """One message; its parts become text, and what is not text is said in brackets."""
    calls: list[ToolCall] = [_tool_call(call) for call in _list(told.get("tool_calls"))]
    function = told.get("function_call")
    if isinstance(function, dict):
        calls.append(_tool_call(function))
    said_role = text(told.get("role")) or role
    if told.get("type") == "function_call":
        calls.append(_tool_call(told))
    answers: list[str] = []
    parts = told.get("content")
    if parts is None:
        parts = told.get("parts", told.get("text"))
    texts = [part for part in _texts(parts, calls, answers) if part]
    if told.get("type") == "function_call_output":
        said_role = "tool"
        texts.append(shown(told.get("output")))
    refusal = text(told.get("refusal"))
    if refusal:
        texts.append(refusal)
    thought = text(told.get("reasoning_content"))
    if thought:
        texts.insert(0, f"[reasoning] {thought}")
    return Message(
        role="tool"
        if answers and said_role == "user" and len(texts) == len(answers)
        else said_role,
        text="\n".join(texts),
        tool_calls=tuple(calls),
        tool_call_id=text(told.get("tool_call_id") or told.get("call_id")),
        name=text(told.get("name")) if said_role == "tool" else None,
    )


def _list(value: object) -> list[Any]:
    value = parsed(value)
    return value if isinstance(value, list) else []


def _tool_call(told: object) -> ToolCall:
    call = mapping(told)
    call = mapping(call.get("tool_call")) or call
    function = mapping(call.get("function")) or call
    name = text(function.get("name"))
    arguments = function.get("arguments", function.get("input", function.get("args")))
    if arguments is None:
        arguments = call.get("function.arguments")
        name = name or text(call.get("function.name"))
    return ToolCall(
        name=name,
        arguments=None if arguments is None else shown(arguments),
        id=text(call.get("id") or call.get("call_id")),
    )


def _texts(parts: object, calls: list[ToolCall], answers: list[str]) -> Iterable[str]:
    parts = parsed(parts) if not isinstance(parts, str) else parts
    if parts is None:
        return
    if isinstance(parts, str):
        told = parsed(parts) if parts[:2] == "[{" else None
        if not isinstance(told, list) or not all(map(_is_written_part, told)):
            yield parts
            return
        parts = told
    if isinstance(parts, dict):
        parts = [parts]
    if not isinstance(parts, list):
        yield shown(parts)
        return
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            yield _part(part, calls, answers)
        elif part is not None:
            yield shown(part)


def _part(part: Mapping[str, Any], calls: list[ToolCall], answers: list[str]) -> str:
    kind = str(part.get("type") or part.get("kind") or "")
    if kind in {
        "tool_use",
        "tool_call",
        "server_tool_use",
        "server_tool_call",
        "tool-call",
        "toolCall",
    }:
        calls.append(
            ToolCall(
                text(part.get("name") or part.get("toolName")),
                shown(part.get("input", part.get("arguments", part.get("args")))),
                text(part.get("id") or part.get("toolCallId")),
            )
        )
        return ""
    if kind in {"tool_result", "tool_call_response", "tool-result", "server_tool_call_response"}:
        answer = part.get("content", part.get("response", part.get("result", part.get("output"))))
        said = "\n".join(_texts(answer, calls, answers))
        answers.append(said)
        return said
    if kind in {"reasoning", "thinking"}:
        return f"[reasoning] {shown(part.get('content', part.get('thinking', part.get('text'))))}"
    for name in ("text", "content", "input_text", "output_text"):
        if isinstance(part.get(name), str):
            return str(part[name])
    if "functionCall" in part:
        calls.append(_tool_call(part["functionCall"]))
        return ""
    if "functionResponse" in part:
        return shown(mapping(part["functionResponse"]).get("response"))
    modality = text(part.get("modality")) or kind or next(iter(part), "part")
    return f"[{modality}]"


def indexed(attributes: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """Rows that are spread over attributes, such as `gen_ai.prompt.0.role`.

    Numbers in the rest of a name make lists: `tool_calls.0.name` is the name of the first.
    """
    rows: dict[int, dict[str, Any]] = {}
    start = f"{prefix}."
    for name, value in attributes.items():
        if not name.startswith(start):
            continue
        number, _, rest = name[len(start) :].partition(".")
        if number.isdigit() and rest and len(number) < 6:
            _put(rows.setdefault(int(number), {}), rest.split("."), value)
    return [_with_lists(rows[number]) for number in sorted(rows)]


def _put(row: dict[str, Any], path: list[str], value: object) -> None:
    for step in path[:-1]:
        inner = row.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        row = inner
    row[path[-1]] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    told = {name: _with_lists(inner) for name, inner in value.items()}
    if told and all(name.isdigit() for name in told):
        return [told[name] for name in sorted(told, key=int)]
    return told


def unfolded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of OpenInference attributes as a message: `message.contents.N.message_content.text`."""
    told = dict(mapping(row.get("message")) or row)
    contents = told.get("contents")
    if isinstance(contents, list) and "content" not in told:
        told["content"] = [mapping(entry.get("message_content")) or entry for entry in contents]
    return told
