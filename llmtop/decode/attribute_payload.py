"""The heavy part of a span, from its attributes and events, in every convention's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode.attributes import RULES
from llmtop.decode.messages import conversation, indexed, message, unfolded
from llmtop.decode.values import mapping, parsed, shown
from llmtop.payload import Event, Message, Payload

_INPUTS = (
    "gen_ai.input.messages",
    "pydantic_ai.all_messages",
    "ai.prompt.messages",
    "ai.prompt",
    "ai.values",
    "ai.value",
    "langfuse.observation.input",
    "gen_ai.tool.call.arguments",
    "gen_ai.retrieval.query.text",
    "request_data",
    "llm.prompt",
    "input.value",
    "traceloop.entity.input",
    "tool_arguments",
)
_OUTPUTS = (
    "gen_ai.output.messages",
    "langfuse.observation.output",
    "ai.response.text",
    "gen_ai.tool.call.result",
    "gen_ai.retrieval.documents",
    "response_data",
    "llm.completion",
    "output.value",
    "traceloop.entity.output",
    "tool_response",
)
_INDEXED_INPUTS = ("gen_ai.prompt", "llm.input_messages", "llm.prompts")
_INDEXED_OUTPUTS = ("gen_ai.completion", "llm.output_messages", "llm.completions")
_PARAMETERS = ("gen_ai.request.", "llm.request.")
_PARAMETER_OBJECTS = ("llm.invocation_parameters", "langfuse.observation.model.parameters")
_NO_PARAMETERS = frozenset({"model", "model_name", "messages", "input", "prompt", "contents"})
"""What a request holds beside its parameters: told as the call's model and its input."""
_MESSAGE_EVENTS = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
_CONTENT = (*_INPUTS, *_OUTPUTS, "gen_ai.system_instructions", *_PARAMETER_OBJECTS)


def fill(payload: Payload, attributes: Mapping[str, Any], events: tuple[Event, ...] = ()) -> None:
    """Add to a payload what attributes and events tell."""
    system = conversation(attributes.get("gen_ai.system_instructions"), "system")
    inputs = _rows(attributes, _INDEXED_INPUTS) or _first(attributes, _INPUTS, "user")
    outputs = _rows(attributes, _INDEXED_OUTPUTS) or _first(attributes, _OUTPUTS, "assistant")
    tools = attributes.get("ai.response.toolCalls")
    if tools is not None:
        outputs = (*outputs, message({"role": "assistant", "tool_calls": parsed(tools)}))
    if not inputs:
        inputs = _documents(attributes, "embedding.embeddings", "embedding.text", "user")
    if not outputs:
        outputs = _documents(attributes, "retrieval.documents", "document.content", "tool")
    if not inputs and not outputs:
        inputs, outputs = _from_events((*_written_out(attributes.get("events")), *events))
    payload.input += (*system, *inputs)
    payload.output += outputs
    payload.events += events
    for name, value in attributes.items():
        parameter = _parameter(name)
        if parameter is not None:
            payload.parameters[parameter] = value
        elif name not in _CONTENT and not _is_indexed(name):
            payload.attributes[name] = value
    for name in _PARAMETER_OBJECTS:
        told = mapping(attributes.get(name))
        payload.parameters.update({key: told[key] for key in told if key not in _NO_PARAMETERS})


def _parameter(name: str) -> str | None:
    if name in RULES:
        return None
    for prefix in _PARAMETERS:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return None


def _is_indexed(name: str) -> bool:
    return name.startswith(tuple(f"{prefix}." for prefix in (*_INDEXED_INPUTS, *_INDEXED_OUTPUTS)))


def _rows(attributes: Mapping[str, Any], prefixes: tuple[str, ...]) -> tuple[Message, ...]:
    for prefix in prefixes:
        rows = indexed(attributes, prefix)
        if rows:
            role = "assistant" if "completion" in prefix or "output" in prefix else "user"
            return tuple(message(unfolded(row), role) for row in rows)
    return ()


def _documents(
    attributes: Mapping[str, Any], prefix: str, name: str, role: str
) -> tuple[Message, ...]:
    """Texts of OpenInference that are spread over attributes, one a document."""
    holder, _, inner = name.partition(".")
    rows = (mapping(row.get(holder)).get(inner) for row in indexed(attributes, prefix))
    return tuple(Message(role, shown(told)) for told in rows if told is not None)


def _written_out(value: object) -> tuple[Event, ...]:
    """Events that pydantic-ai writes as an attribute of the span."""
    listed = parsed(value)
    return tuple(
        Event(name=str(each.get("event.name")), time=None, attributes=each)
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict) and "event.name" in each
    )


def _first(attributes: Mapping[str, Any], names: tuple[str, ...], role: str) -> tuple[Message, ...]:
    for name in names:
        if attributes.get(name) not in (None, "", [], {}):
            return conversation(attributes[name], role)
    return ()


def _from_events(events: tuple[Event, ...]) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    inputs: list[Message] = []
    outputs: list[Message] = []
    for event in events:
        told = event.attributes
        name = str(told.get("event.name") or event.name)
        body = mapping(told.get("body")) or told
        role = _MESSAGE_EVENTS.get(name)
        if role is not None:
            inputs.append(message(body, role))
        elif name == "gen_ai.choice":
            outputs.extend(conversation(body.get("message") or body, "assistant"))
        elif name == "gen_ai.client.inference.operation.details":
            inputs.extend(conversation(told.get("gen_ai.system_instructions"), "system"))
            inputs.extend(conversation(told.get("gen_ai.input.messages")))
            outputs.extend(conversation(told.get("gen_ai.output.messages"), "assistant"))
        elif name in {"gen_ai.content.prompt", "gen_ai.content.completion"}:
            side, role = (inputs, "user") if name.endswith("prompt") else (outputs, "assistant")
            content = told.get("gen_ai.prompt", told.get("gen_ai.completion"))
            side.extend(conversation(content, role))
    return tuple(inputs), tuple(outputs)


def said(value: object) -> str:
    """A value of an attribute as one line of text."""
    return shown(value)
