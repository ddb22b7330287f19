"""What a whole answer of OpenAI's or Anthropic's client library tells: objects and mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Fields = dict[str, Any]
"""Fields of a response record."""


def get(holder: Any, name: str) -> Any:
    """A value of an object or of a mapping, or `None`."""
    if isinstance(holder, Mapping):
        return holder.get(name)
    if isinstance(holder, _PLAIN):
        return None  # their attributes are Python's, not an answer's
    return getattr(holder, name, None)


_PLAIN = (str, bytes, int, float, list, tuple)


def type_of(holder: Any) -> str:
    """What a part of an answer says it is."""
    kind = get(holder, "type")
    return kind if isinstance(kind, str) else ""


def rows(value: Any) -> Sequence[Any]:
    """The entries of a list; of anything else there are none."""
    return value if isinstance(value, list | tuple) else ()


def told_by(response: Any) -> Fields:
    """The fields of a response record that an answer tells; what it does not tell is left out."""
    fields: Fields = {"model": get(response, "model"), "response_id": get(response, "id")}
    choices = get(response, "choices")
    if choices is not None:
        _add_choices(fields, rows(choices))
    elif get(response, "output") is not None:
        _add_output(fields, response)
    elif isinstance(get(response, "content"), list | tuple):
        _add_blocks(fields, response)
    elif get(response, "data") is not None and get(response, "object") == "list":
        data = rows(get(response, "data"))
        fields["content"] = f"[{len(data)} embeddings]" if len(data) != 1 else "[1 embedding]"
    fields.update(usage_of(get(response, "usage")))
    return {name: value for name, value in fields.items() if value is not None and _is_told(value)}


def _is_told(value: Any) -> bool:
    # Mocks of client libraries answer anything to anything.
    return isinstance(value, str | int | float | list | dict)


def _add_choices(fields: Fields, choices: Sequence[Any]) -> None:
    texts: list[str] = []
    calls: list[Fields] = []
    for choice in choices:
        message = get(choice, "message")
        text = get(message, "content") if message is not None else get(choice, "text")
        refusal = get(message, "refusal")
        if isinstance(text, str) and text:
            texts.append(text)
        if isinstance(refusal, str) and refusal:
            fields["refusal"] = refusal
        calls.extend(tool_call(call) for call in rows(get(message, "tool_calls")))
        fields.setdefault("finish_reason", get(choice, "finish_reason"))
    if texts:
        fields["content"] = "\n\n".join(texts)
    elif "refusal" in fields:
        fields["content"] = fields["refusal"]
    if calls:
        fields["tool_calls"] = calls


def tool_call(call: Any) -> Fields:
    """A tool call in the words of records, from OpenAI's or Anthropic's."""
    function = get(call, "function") or get(call, "custom") or call
    arguments = get(function, "arguments")
    if arguments is None:
        arguments = get(function, "input")
    return {
        "id": get(call, "call_id") or get(call, "id"),
        "type": "function",
        "function": {"name": get(function, "name"), "arguments": arguments},
    }


def _add_output(fields: Fields, response: Any) -> None:
    """OpenAI's Responses API."""
    texts: list[str] = []
    calls: list[Fields] = []
    for item in rows(get(response, "output")):
        kind = type_of(item)
        if kind == "message":
            for part in rows(get(item, "content")):
                text = get(part, "text")
                refusal = get(part, "refusal")
                if isinstance(text, str) and text:
                    texts.append(text)
                if isinstance(refusal, str) and refusal:
                    fields["refusal"] = refusal
        elif kind in {"function_call", "custom_tool_call", "mcp_call"}:
            calls.append(tool_call(item))
    status = get(response, "status")
    reason = get(get(response, "incomplete_details"), "reason")
    fields["finish_reason"] = reason or ("tool_calls" if calls else status)
    if texts:
        fields["content"] = "\n\n".join(texts)
    elif "refusal" in fields:
        fields["content"] = fields["refusal"]
    if calls:
        fields["tool_calls"] = calls
    error = get(response, "error")
    if error is not None and get(error, "message") is not None:
        fields["error"] = get(error, "message")
        fields["error_type"] = get(error, "code") or "error"
        fields["status"] = "error"


def _add_blocks(fields: Fields, response: Any) -> None:
    """Anthropic's Messages API."""
    texts: list[str] = []
    calls: list[Fields] = []
    for block in get(response, "content"):
        kind = type_of(block)
        if kind == "text":
            texts.append(str(get(block, "text")))
        elif kind == "thinking":
            texts.append(f"[reasoning] {get(block, 'thinking')}")
        elif kind in {"tool_use", "server_tool_use", "mcp_tool_use"}:
            calls.append(tool_call(block))
    fields["finish_reason"] = get(response, "stop_reason")
    if fields["finish_reason"] == "refusal":
        fields["refusal"] = "\n".join(texts) or "refusal"
    if texts:
        fields["content"] = "\n".join(texts)
    if calls:
        fields["tool_calls"] = calls


def usage_of(usage: Any) -> Fields:
    """Tokens and cost; input tokens include cached ones, whatever the provider's words say."""
    if usage is None:
        return {}
    inputs = _count(usage, "prompt_tokens", "input_tokens")
    outputs = _count(usage, "completion_tokens", "output_tokens")
    details = get(usage, "prompt_tokens_details") or get(usage, "input_tokens_details")
    produced = get(usage, "completion_tokens_details") or get(usage, "output_tokens_details")
    read = _count(details, "cached_tokens")
    written = None
    fields: Fields = {}
    if _count(usage, "cache_read_input_tokens", "cache_creation_input_tokens") is not None:
        # Anthropic counts what was cached apart.
        read = _count(usage, "cache_read_input_tokens")
        written = _count(usage, "cache_creation_input_tokens")
        if inputs is not None and _count(usage, "prompt_tokens") is None:
            inputs += (read or 0) + (written or 0)
        hour = _count(get(usage, "cache_creation"), "ephemeral_1h_input_tokens")
        fields["cache_write_1h_tokens"] = hour or None
    elif read is None:
        read = _count(usage, "prompt_cache_hit_tokens")
    cost = get(usage, "cost")
    fields |= {
        "prompt_tokens": inputs,
        "completion_tokens": outputs,
        "total_tokens": None if inputs is None or outputs is None else inputs + outputs,
        "cache_read_tokens": read,
        "cache_write_tokens": written,
        "reasoning_tokens": _count(produced, "reasoning_tokens"),
        "estimated_cost": cost if type(cost) in (int, float) else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _count(holder: Any, *names: str) -> int | None:
    for name in names:
        found = get(holder, name)
        if type(found) is int:
            return found
    return None
