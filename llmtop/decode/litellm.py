"""LiteLLM's StandardLoggingPayload and its table of spending: one object a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmtop.decode import errors, export_shapes, operations, providers, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.timestamps import parse_time, utc_time
from llmtop.decode.values import count, mapping, number, parsed, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_BOTH = int(Flag.OPENED | Flag.ENDED)
_STREAM = int(Flag.STREAM)

_OTHER_KINDS = {
    "call_mcp_tool": "execute_tool",
    "list_mcp_tools": "other",
    "vector_store_search": "retrieval",
    "moderation": "guardrail",
    "generate_content_stream": "generate_content",
    "text_completion": "text_completion",
    "image_edit": "image_generation",
}
_NO_CALLS = (
    "assistant", "batch", "container", "file", "fine_tuning", "get_", "delete_", "cancel_", "list_",
    "message", "sandbox", "thread", "vector_store", "video", "skill",
)  # fmt: skip
"""In the names of kinds of calls that manage something and generate nothing."""


class LiteLlm(Format):
    """What LiteLLM's proxy and SDK hand to their logging callbacks, and what they keep of it."""

    name = "LiteLLM"
    shape = export_shapes.LITELLM

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the kind of call beside the cost of the response, or beside what was spent."""
        if _KEPT in document:
            return "call_type" in mapping(document[_KEPT])
        if "call_type" in document:
            return "startTime" in document and ("response_cost" in document or "spend" in document)
        page = document.get("data")
        return isinstance(page, list) and bool(page) and all(map(_is_row, page))

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The whole call; `response_time` is not its latency where the answer was streamed."""
        return [_fragment(each, place) for each in _rows(document)]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Messages, answer, parameters, and what LiteLLM adds."""
        for told in _rows(document):
            if tells_of(_fragment(told, span.opened_at), span):
                _show(told, payload)
                return


_KEPT = "standard_logging_object"
"""Where a callback finds the payload among all that it is handed."""


def _is_row(row: object) -> bool:
    return isinstance(row, dict) and "call_type" in row and "spend" in row


def _rows(document: Document) -> Iterator[Document]:
    if _KEPT in document:
        yield mapping(document[_KEPT])
        return
    if "call_type" in document:
        yield document
        return
    page = document.get("data")
    yield from filter(_is_row, page if isinstance(page, list) else ())


def _fragment(told: Document, place: int) -> Fragment:
    of = told.get
    kept = "spend" in told and "response_cost" not in told
    # A table's times are in UTC; a payload's, where they are texts, are the proxy's own.
    moment = utc_time if kept else parse_time
    start, end = moment(of("startTime")), moment(of("endTime"))
    first = moment(of("completionStartTime"))
    hidden, answer = mapping(of("metadata")), mapping(of("response"))
    failed = of("status") == "failure" or hidden.get("status") == "failure"
    copied = of("cache_hit") in (True, "True", "true")
    stream = of("stream") is True
    fragment = Fragment(
        span_id=text(of("request_id") if kept else of("id")),
        trace_id=text(of("session_id") if kept else of("trace_id")),
        session_id=text(of("session_id")),
        operation=_operation(of("call_type")),
        provider=providers.provider(of("custom_llm_provider") or None),
        model=text(of("model")) or text(of("model_group")),
        start=start,
        end=end,
        status="error" if failed else "ok",
        user_id=text(of("end_user"))
        or text(of("user"))
        or text(hidden.get("user_api_key_user_id")),
        # An answer from the cache bears the id of the call that it is a copy of.
        response_id=None if copied else text(answer.get("id")),
        flags=_BOTH | (_STREAM if stream else 0),
        place=place,
    )
    if (
        first is not None
        and start is not None
        and (stream or (kept and _between(start, first, end)))
    ):
        fragment.ttft = first - start
    if fragment.operation == "execute_tool":
        fragment.name = text(of("mcp_namespaced_tool_name")) or text(of("model"))
    _count(fragment, told, hidden, answer)
    if failed:
        _fail(fragment, told, hidden)
    fragment.cost = _cost(fragment, told, hidden, copied=copied)
    if fragment.operation == "other" and (fragment.output_tokens or fragment.cost):
        # Passed on to a provider, or a batch whose results were fetched: it was paid for.
        fragment.operation = "chat"
    fragment.finish_reason = _finish_reason(answer)
    return fragment


def _between(start: float, first: float, end: float | None) -> bool:
    """Whether a first token came before the end, as it does in streams only."""
    return end is not None and start < first < end


def _operation(call_type: object) -> str:
    told = (text(call_type) or "").lower()
    name = told.removeprefix("_").removeprefix("a") if told.startswith(("a", "_a")) else told
    for each in (told, name):
        known = _OTHER_KINDS.get(each) or operations.operation(each)
        if known is not None and known != "other":
            return known
    return "other" if any(part in name for part in _NO_CALLS) else "chat"


def _count(
    fragment: Fragment, told: Document, hidden: Mapping[str, Any], answer: Mapping[str, Any]
) -> None:
    sent, said = count(told.get("prompt_tokens")), count(told.get("completion_tokens"))
    if fragment.status == "error" and not sent and not said:
        return
    fragment.input_tokens, fragment.output_tokens = sent, said
    used = mapping(hidden.get("usage_object")) or mapping(answer.get("usage"))
    if used:
        usage.read(fragment, used, exclusive=False)
    else:
        # Of a kept call only what goes beyond the plain counts is told with it.
        usage.read(fragment, mapping(hidden.get("additional_usage_values")), exclusive=False)


def _cost(
    fragment: Fragment, told: Document, hidden: Mapping[str, Any], *, copied: bool
) -> float | None:
    """US dollars; 0 for a model that LiteLLM has no price of is unknown."""
    cost = number(told.get("response_cost", told.get("spend")))
    if cost or cost is None:
        return cost
    if fragment.status == "error":
        return None
    known = mapping(told.get("model_map_information") or hidden.get("model_map_information"))
    unpriced = told.get("response_cost_failure_debug_info") or (
        "model_map_value" in known and known["model_map_value"] is None
    )
    return None if unpriced and not copied else cost


def _fail(fragment: Fragment, document: Document, hidden: Mapping[str, Any]) -> None:
    told = mapping(document.get("error_information")) or mapping(hidden.get("error_information"))
    fragment.error_message = text(document.get("error_str")) or text(told.get("error_message"))
    fragment.error_type = (
        text(told.get("error_class"))
        or text(told.get("error_code"))
        or errors.kind_of(fragment.error_message)
    )


def _finish_reason(answer: Mapping[str, Any]) -> str | None:
    choices = answer.get("choices")
    if isinstance(choices, list) and choices:
        return text(mapping(choices[0]).get("finish_reason"))
    return text(answer.get("stop_reason"))


def _show(told: Document, payload: Payload) -> None:
    asked = mapping(told.get("proxy_server_request"))
    asked = mapping(asked.get("body")) or asked
    messages = parsed(told.get("messages")) or asked.get("messages", asked.get("input"))
    payload.input += conversation(messages)
    answer = parsed(told.get("response"))
    payload.output += conversation(answer or None, "assistant")
    parameters = mapping(told.get("model_parameters")) or asked
    for name, value in parameters.items():
        if name not in {"messages", "input", "model", "metadata"}:
            payload.parameters[name] = value
    for name, value in told.items():
        if name not in {"messages", "response", "model_parameters", "proxy_server_request"}:
            payload.attributes[name] = value
