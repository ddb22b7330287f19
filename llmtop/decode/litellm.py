"""LiteLLM's StandardLoggingPayload: one object a call, in lines or in arrays."""

from __future__ import annotations

from collections.abc import Sequence

from llmtop.decode import errors, export_shapes, operations, providers, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_BOTH = int(Flag.OPENED | Flag.ENDED)
_STREAM = int(Flag.STREAM)


class LiteLlm(Format):
    """What LiteLLM's proxy and SDK hand to their logging callbacks."""

    name = "LiteLLM"
    shape = export_shapes.LITELLM

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the kind of call beside the cost of the response."""
        return "call_type" in document and "response_cost" in document and "startTime" in document

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The whole call; `response_time` is not its latency where the answer was streamed."""
        start = parse_time(document.get("startTime"))
        end = parse_time(document.get("endTime"))
        first = parse_time(document.get("completionStartTime"))
        stream = document.get("stream") is True
        failed = document.get("status") == "failure"
        hidden = mapping(document.get("metadata"))
        fragment = Fragment(
            span_id=text(document.get("id")),
            trace_id=text(document.get("trace_id")),
            operation=operations.operation(document.get("call_type")),
            provider=providers.provider(document.get("custom_llm_provider")),
            model=text(document.get("model")),
            start=start,
            end=end,
            ttft=first - start if stream and first is not None and start is not None else None,
            status="error" if failed else "ok",
            cost=None if failed else number(document.get("response_cost")),
            user_id=text(document.get("end_user")) or text(hidden.get("user_api_key_user_id")),
            # An answer from the cache bears the id of the call that it is a copy of.
            response_id=None
            if document.get("cache_hit") is True
            else text(mapping(document.get("response")).get("id")),
            flags=_BOTH | (_STREAM if stream else 0),
            place=place,
        )
        if fragment.operation == "other":
            fragment.operation = "chat"
        if not failed:
            fragment.input_tokens = count(document.get("prompt_tokens"))
            fragment.output_tokens = count(document.get("completion_tokens"))
            used = mapping(hidden.get("usage_object")) or mapping(
                mapping(document.get("response")).get("usage")
            )
            if used:
                usage.read(fragment, used, exclusive=False)
        else:
            self._fail(fragment, document)
        choices = mapping(document.get("response")).get("choices")
        if isinstance(choices, list) and choices:
            fragment.finish_reason = text(mapping(choices[0]).get("finish_reason"))
        return (fragment,)

    def _fail(self, fragment: Fragment, document: Document) -> None:
        told = mapping(document.get("error_information"))
        fragment.error_message = text(document.get("error_str")) or text(told.get("error_message"))
        fragment.error_type = (
            text(told.get("error_class"))
            or text(told.get("error_code"))
            or errors.kind_of(fragment.error_message)
        )

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Messages, answer, parameters, and what LiteLLM adds."""
        if not any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            return
        payload.input += conversation(document.get("messages"))
        payload.output += conversation(document.get("response"), "assistant")
        payload.parameters.update(mapping(document.get("model_parameters")))
        for name, value in document.items():
            if name not in {"messages", "response", "model_parameters"}:
                payload.attributes[name] = value
