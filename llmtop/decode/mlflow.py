"""MLflow's traces: one document a trace, its spans with attributes that are JSON in text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmtop.decode import attributes, errors, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.otlp_values import either, identifier, moment, objects
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import mapping, parsed, text
from llmtop.payload import Event, Payload
from llmtop.span import CALL_OPERATIONS, Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)


class MlFlow(Format):
    """Traces as `Trace.to_json` and the tracking server's export write them, of all versions."""

    name = "MLflow trace"

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by what is told of the trace beside its spans."""
        info, data = document.get("info"), document.get("data")
        return (
            isinstance(info, dict)
            and isinstance(data, dict)
            and isinstance(data.get("spans"), list)
            and ("trace_id" in info or "request_id" in info)
        )

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """A span a span."""
        info = mapping(document.get("info"))
        return [_fragment(span, info, place) for span in _spans(document)]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Inputs, outputs and attributes of one span."""
        info = mapping(document.get("info"))
        for told in _spans(document):
            if not tells_of(_fragment(told, info, span.opened_at), span):
                continue
            own = _attributes(told)
            payload.input += conversation(own.pop("mlflow.spanInputs", None))
            payload.output += conversation(own.pop("mlflow.spanOutputs", None), "assistant")
            payload.attributes.update(own)
            payload.events += tuple(_events(told))
            return


def _spans(document: Document) -> Iterator[Mapping[str, Any]]:
    return objects(mapping(document.get("data")).get("spans"))


def _attributes(span: Mapping[str, Any]) -> dict[str, Any]:
    return {name: parsed(value) for name, value in mapping(span.get("attributes")).items()}


def _fragment(span: Mapping[str, Any], info: Mapping[str, Any], place: int) -> Fragment:
    context = mapping(span.get("context")) or span
    told = _attributes(span)
    sent = mapping(told.get("mlflow.spanInputs"))
    answer = mapping(told.get("mlflow.spanOutputs"))
    about = {**mapping(info.get("request_metadata")), **mapping(info.get("trace_metadata"))}
    end = moment(either(span, "end_time_unix_nano", "end_time"))
    fragment = Fragment(
        span_id=identifier(context.get("span_id"), 16),
        trace_id=identifier(context.get("trace_id"), 32) or text(info.get("trace_id")),
        parent_id=identifier(either(span, "parent_span_id", "parent_id"), 16),
        name=text(span.get("name")),
        start=moment(either(span, "start_time_unix_nano", "start_time")),
        end=end,
        flags=_OPENED | (_ENDED if end is not None else 0),
        user_id=text(about.get("mlflow.trace.user")),
        session_id=text(about.get("mlflow.trace.session")),
        place=place,
    )
    attributes.apply(fragment, told)
    if fragment.operation in CALL_OPERATIONS:
        fragment.model = fragment.model or text(sent.get("model"))
        answered = text(answer.get("model") or answer.get("model_name"))
        fragment.response_model = fragment.response_model or answered
        fragment.response_id = fragment.response_id or text(answer.get("id"))
        if fragment.input_tokens is None and fragment.output_tokens is None:
            usage.read(fragment, mapping(answer.get("usage")))
    fragment.operation = fragment.operation or "other"
    _finish(fragment, span)
    return fragment


def _finish(fragment: Fragment, span: Mapping[str, Any]) -> None:
    if not fragment.flags & _ENDED:
        fragment.status = None
        return
    status = mapping(span.get("status"))
    code = text(status.get("code") or span.get("status_code"))
    fragment.status = "error" if errors.status(code) == "error" else "ok"
    if fragment.status == "error":
        fragment.error_message = text(status.get("message") or span.get("status_message"))
        for event in _events(span):
            if event.name == "exception":
                raised = event.attributes
                fragment.error_type = text(raised.get("exception.type"))
                fragment.error_message = fragment.error_message or text(
                    raised.get("exception.message")
                )
        fragment.error_type = fragment.error_type or errors.kind_of(fragment.error_message)


def _events(span: Mapping[str, Any]) -> Iterator[Event]:
    for event in objects(span.get("events")):
        at = event.get("time_unix_nano", event.get("timestamp"))
        yield Event(
            name=text(event.get("name")) or "event",
            time=moment(at) if not isinstance(at, str) else parse_time(at),
            attributes=dict(mapping(event.get("attributes"))),
        )
