"""Messages of a conversation, from the shapes that SDKs and conventions write them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode.message_parts import call_of, is_part, parts_of
from llmtop.decode.values import mapping, parsed, shown, text
from llmtop.payload import Message

_HOLDERS = ("messages", "message", "choices", "output", "contents", "candidates", "generations")
"""Names under which an object holds its messages."""
_OUTER_HOLDERS = ("inputs", "outputs", "input", "content")
"""Names under which an object may hold messages, or anything else."""
_SYSTEM = ("system", "system_instruction", "instructions")
_SPOKEN = frozenset(
    {"role", "content", "parts", "text", "tool_calls", "function_call", "type", "refusal"}
)
"""Names of which a message has at least one; other objects are shown as they are."""
_ROLES = {
    "ai": "assistant",
    "aimessagechunk": "assistant",
    "function": "tool",
    "human": "user",
    "model": "assistant",
}
"""Roles that SDKs have words of their own for."""
_TYPED_ROLES = frozenset({"ai", "AIMessageChunk", "human", "system", "tool"})
"""Types that LangChain's messages have instead of a role."""


def conversation(value: object, role: str = "user") -> tuple[Message, ...]:
    """Messages from a list of them, one of them, a text, or JSON in a text."""
    value = parsed(value)
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return (Message(role, value),)
    if isinstance(value, dict):
        return _of_object(value, role)
    if isinstance(value, list):
        if value and all(isinstance(part, dict) and _is_part(part) for part in value):
            return (message({"role": role, "content": value}, role),)
        return tuple(each for entry in value for each in conversation(_unwrapped(entry), role))
    return (Message(role, shown(value)),)


def _of_object(value: dict[str, Any], role: str) -> tuple[Message, ...]:
    value = _constructed(value)
    for name in _HOLDERS:
        inner = value.get(name)
        if isinstance(inner, list | dict) and inner:
            return (*_system(value), *conversation(inner, role))
    for name in _OUTER_HOLDERS:
        inner = value.get(name)
        if isinstance(inner, list | dict) and _holds_messages(inner):
            return (*_system(value), *conversation(inner, role))
    if "model" in value and _is_text(value.get("input")):
        return conversation(value["input"], role)  # of embeddings
    streamed = text(value.get("combined_chunk_content"))
    if streamed is not None:
        return (Message(role, streamed),)  # as Logfire tells a stream
    asked = text(value.get("prompt"))
    if asked is not None and not _SPOKEN.intersection(value):
        return (*_system(value), Message(role, asked))
    if not _SPOKEN.intersection(value):
        return (Message(role, shown(value)),)
    return (message(value, role),)


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)
    )


def _system(value: Mapping[str, Any]) -> tuple[Message, ...]:
    """The instructions that a request tells beside its messages."""
    for told in (value, mapping(value.get("config"))):
        for name in _SYSTEM:
            if isinstance(told.get(name), str | list | dict) and told[name]:
                return conversation(told[name], "system")
    return ()


def _holds_messages(inner: object) -> bool:
    if isinstance(inner, list):
        objects = [each for each in inner if isinstance(each, dict)]
        return len(objects) == len(inner) and any(
            "role" in each or "lc" in each for each in objects
        )
    return isinstance(inner, dict) and (
        ("role" in inner and "parts" in inner) or any(name in inner for name in _HOLDERS)
    )


def _constructed(told: dict[str, Any]) -> dict[str, Any]:
    """The message that LangChain writes out with its type, or with how it is constructed."""
    inner = told.get("kwargs")
    if "lc" in told and isinstance(inner, dict):
        return inner
    inner = told.get("data")
    if isinstance(inner, dict) and text(told.get("type")) in _TYPED_ROLES:
        return {**inner, "type": told["type"]}
    return told


def _unwrapped(entry: object) -> object:
    """The message within an OpenAI choice or an OpenInference wrapper."""
    if isinstance(entry, dict) and isinstance(entry.get("message"), dict):
        return entry["message"]
    return entry


def _is_part(told: Mapping[str, Any]) -> bool:
    return "lc" not in told and is_part(told) and text(told.get("type")) not in _TYPED_ROLES


def message(told: Mapping[str, Any], role: str = "user") -> Message:
    """One message; its parts become text, and what is not text is said in brackets."""
    parts = parts_of(_parts(told))
    if not parts.calls:
        # LangChain tells the calls of an answer twice.
        parts.calls += [call_of(call) for call in _list(told.get("tool_calls"))]
    if isinstance(told.get("function_call"), dict):
        parts.calls.append(call_of(told["function_call"]))
    elif text(told.get("function_call_name")):
        arguments = told.get("function_call_arguments_json")
        parts.calls.append(call_of({"name": told["function_call_name"], "arguments": arguments}))
    refusal = text(told.get("refusal"))
    if refusal and told.get("type") != "refusal":
        parts.texts.append(refusal)
    thought = text(told.get("reasoning_content"))
    if thought:
        parts.texts.insert(0, f"[reasoning] {thought}")
    said_role = _role(told, "assistant" if parts.calls and _is_alone(told) else role)
    answered = parts.answered
    if answered and said_role in {"user", role} and len(parts.texts) <= len(answered):
        said_role = "tool"
    own = text(told.get("tool_call_id") or told.get("call_id"))
    return Message(
        role=said_role,
        text="\n".join(parts.texts),
        tool_calls=tuple(parts.calls),
        tool_call_id=own or (answered[0] if len(answered) == 1 else None),
        name=text(told.get("name")) if said_role == "tool" else None,
    )


def _parts(told: Mapping[str, Any]) -> object:
    """What the parts of a message stand in; a message may be a part itself."""
    parts = told.get("content")
    if parts is None:
        parts = told.get("parts", told.get("text"))
    if isinstance(parts, dict) and "parts" in parts:
        parts = parts["parts"]
    return told if _is_alone(told) else parts


def _is_alone(told: Mapping[str, Any]) -> bool:
    return "type" in told and "role" not in told and text(told["type"]) not in _TYPED_ROLES


def _role(told: Mapping[str, Any], role: str) -> str:
    said = text(told.get("role"))
    kind = text(told.get("type"))
    if said is None and kind in _TYPED_ROLES:
        said = kind
    return role if said is None else _ROLES.get(said.lower(), said)


def _list(value: object) -> list[Any]:
    value = parsed(value)
    return value if isinstance(value, list) else []


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


_ROWS = ("message", "prompt", "completion")


def unfolded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of OpenInference attributes as a message: `message.contents.N.message_content.text`."""
    held = next((row[name] for name in _ROWS if isinstance(row.get(name), dict)), row)
    told = dict(held)
    contents = told.get("contents")
    if isinstance(contents, list) and "content" not in told:
        told["content"] = [mapping(entry.get("message_content")) or entry for entry in contents]
    return told
