"""The heavy part of a span, from its attributes and events, in every convention's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode import event_messages
from llmtop.decode.attribute_names import RULES
from llmtop.decode.messages import conversation, indexed, message, unfolded
from llmtop.decode.values import mapping, parsed, shown, text
from llmtop.payload import Event, Message, Payload

_INPUTS = (
    "gen_ai.input.messages",
    "gen_ai.request.messages",
    "pydantic_ai.all_messages",
    "ai.prompt.messages",
    "ai.prompt",
    "ai.toolCall.args",
    "ai.documents",
    "ai.values",
    "ai.value",
    "langfuse.observation.input",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.input",
    "gen_ai.tool.args",
    "gen_ai.retrieval.query.text",
    "gen_ai.embeddings.input",
    "gcp.vertex.agent.tool_call_args",
    "gcp.vertex.agent.llm_request",
    "genkit:input",
    "mlflow.spanInputs",
    "spring.ai.tool.call.arguments",
    "db.vector.query.content",
    "lmnr.span.input",
    "lk.chat_ctx",
    "lk.input_text",
    "lk.function_tool.arguments",
    "llm.messages",
    "agent.messages",
    "request_data",
    "llm.prompt",
    "input.value",
    "reranker.query",
    "traceloop.entity.input",
    "tool_arguments",
    "gen_ai.prompt",
    "gen_ai.prompt_json",
    "braintrust.input_json",
)
_OUTPUTS = (
    "gen_ai.output.messages",
    "langfuse.observation.output",
    "ai.response.text",
    "ai.result.text",
    "ai.response.object",
    "ai.result.object",
    "ai.toolCall.result",
    "ai.ranking",
    "gen_ai.response.text",
    "gen_ai.response.object",
    "gen_ai.tool.call.result",
    "gen_ai.tool.output",
    "gen_ai.retrieval.documents",
    "gcp.vertex.agent.tool_response",
    "gcp.vertex.agent.llm_response",
    "genkit:output",
    "mlflow.spanOutputs",
    "spring.ai.tool.call.result",
    "lmnr.span.output",
    "lk.response.text",
    "lk.function_tool.output",
    "response_data",
    "llm.completion",
    "output.value",
    "traceloop.entity.output",
    "tool_response",
    "gen_ai.completion",
    "gen_ai.completion_json",
    "braintrust.output_json",
    "response.model_output",
)
_BARE_INPUTS = ("user_prompt", "new_context", "tool_input", "input", "inputs")
_BARE_OUTPUTS = ("final_result", "output")
"""Names of Claude Code, pydantic-ai, Pipecat, Promptflow and VoltAgent; others may mean else."""
_INDEXED_INPUTS = ("gen_ai.prompt", "llm.input_messages", "llm.prompts")
_INDEXED_OUTPUTS = ("gen_ai.completion", "llm.output_messages", "llm.completions", "llm.choices")
_REASONING = ("ai.response.reasoning", "ai.result.reasoning")
_TOOL_CALLS = ("ai.response.toolCalls", "ai.result.toolCalls", "gen_ai.response.tool_calls")
_EVENTS = ("events", "all_messages_events")
_SYSTEM = "gen_ai.system_instructions"
_PARAMETERS = ("gen_ai.request.", "llm.request.")
_PARAMETER_OBJECTS = ("llm.invocation_parameters", "langfuse.observation.model.parameters")
_NO_PARAMETERS = frozenset({"model", "model_name", "messages", "input", "prompt", "contents"})
"""What a request holds beside its parameters: told as the call's model and its input."""
_CONTENT = frozenset({*_INPUTS, *_OUTPUTS, *_REASONING, *_TOOL_CALLS, _SYSTEM, *_PARAMETER_OBJECTS})
_NOTHING: tuple[object, ...] = (None, "", [], {}, "<REDACTED>")
"""Values that stand for content that was not captured."""
_OFTEN_EMPTY = frozenset({"gcp.vertex.agent.llm_request", "gcp.vertex.agent.llm_response"})
_VECTORS = (".embedding.vector", "ai.embedding", "ai.embeddings", "gen_ai.embeddings.vector")
_DOCUMENTS = ("retrieval.documents", "reranker.output_documents", "output.documents")


def fill(payload: Payload, attributes: Mapping[str, Any], events: tuple[Event, ...] = ()) -> None:
    """Add to a payload what attributes and events tell."""
    system = conversation(attributes.get(_SYSTEM), "system")
    inputs = _texts(attributes, "embedding.embeddings", "embedding", "user")
    outputs = _documents(attributes)
    if not inputs:  # what comes of embedding are vectors
        inputs = _rows(attributes, _INDEXED_INPUTS, "user") or _first(attributes, _INPUTS, "user")
        outputs = outputs or _answer(attributes)
    used: list[str] = []
    if not inputs or not outputs:
        listed = [*_written(attributes, used), *events]
        asked, answered = event_messages.sides_of(listed)
        inputs, outputs = inputs or asked, outputs or answered
    if not inputs and not payload.input:
        inputs = _bare(attributes, _BARE_INPUTS, "user", used)
    if not outputs and not payload.output:
        outputs = _bare(attributes, _BARE_OUTPUTS, "assistant", used)
    payload.input += _new((*system, *inputs), payload.input)
    payload.output += _new(outputs, payload.output)
    payload.events += events
    for name, value in attributes.items():
        if name in _CONTENT or name in used or _is_indexed(name):
            continue
        parameter = _parameter(name)
        if parameter is not None:
            payload.parameters[parameter] = value
        else:
            payload.attributes[name] = _length(value) if name.endswith(_VECTORS) else value
    for name in _PARAMETER_OBJECTS:
        told = mapping(attributes.get(name))
        payload.parameters.update({key: told[key] for key in told if key not in _NO_PARAMETERS})


def _new(told: tuple[Message, ...], known: tuple[Message, ...]) -> tuple[Message, ...]:
    """Messages that no other record told: log records may repeat what the span says."""
    return tuple(each for each in told if each not in known)


def _written(attributes: Mapping[str, Any], used: list[str]) -> list[Event]:
    found: list[Event] = []
    for name in _EVENTS:
        listed = event_messages.written_out(attributes.get(name))
        if listed:
            used.append(name)
            found += listed
    return found


def _documents(attributes: Mapping[str, Any]) -> tuple[Message, ...]:
    for prefix in _DOCUMENTS:
        found = _texts(attributes, prefix, "document", "tool")
        if found:
            return found
    return ()


def _answer(attributes: Mapping[str, Any]) -> tuple[Message, ...]:
    found = _rows(attributes, _INDEXED_OUTPUTS, "assistant") or (
        _first(attributes, _OUTPUTS, "assistant")
    )
    for name in _REASONING:
        thought = text(attributes.get(name))
        if thought is not None:
            found = (Message("assistant", f"[reasoning] {thought}"), *found)
    for name in _TOOL_CALLS:
        calls = attributes.get(name)
        if calls not in _NOTHING:
            called = message({"role": "assistant", "tool_calls": parsed(calls)})
            found = found if any(each.tool_calls for each in found) else (*found, called)
    return found


def _parameter(name: str) -> str | None:
    if name in RULES:
        return None
    for prefix in _PARAMETERS:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return None


_STARTS = tuple(f"{prefix}." for prefix in (*_INDEXED_INPUTS, *_INDEXED_OUTPUTS))


def _is_indexed(name: str) -> bool:
    for start in _STARTS:
        if name.startswith(start):
            return name[len(start) : len(start) + 1].isdigit()
    return False


def _rows(
    attributes: Mapping[str, Any], prefixes: tuple[str, ...], role: str
) -> tuple[Message, ...]:
    for prefix in prefixes:
        rows = indexed(attributes, prefix)
        if rows:
            return tuple(message(unfolded(row), role) for row in rows)
    return ()


def _texts(
    attributes: Mapping[str, Any], prefix: str, holder: str, role: str
) -> tuple[Message, ...]:
    """Texts of OpenInference that are spread over attributes, one a document."""
    rows = (mapping(row.get(holder)) for row in indexed(attributes, prefix))
    said = (row.get("content", row.get("text")) for row in rows)
    return tuple(Message(role, shown(told)) for told in said if told is not None)


def _first(attributes: Mapping[str, Any], names: tuple[str, ...], role: str) -> tuple[Message, ...]:
    for name in names:
        told = attributes.get(name)
        if told not in _NOTHING and (told != "{}" or name not in _OFTEN_EMPTY):
            return conversation(told, role)
    return ()


def _bare(
    attributes: Mapping[str, Any], names: tuple[str, ...], role: str, used: list[str]
) -> tuple[Message, ...]:
    for name in names:
        told = attributes.get(name)
        if isinstance(told, str | list | dict) and told not in _NOTHING:
            used.append(name)
            return conversation(told, role)
    return ()


def _length(value: object) -> object:
    """How many numbers a vector has: the numbers themselves tell nobody anything."""
    listed = parsed(value)
    return f"[{len(listed)} numbers]" if isinstance(listed, list) else value
