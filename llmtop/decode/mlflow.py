"""MLflow's traces, of all versions and from wherever they are taken: spans with JSON in text.

`Trace.to_json`, the artifact `traces.json`, rows of `search_traces` and the tracking server's API
put the same spans into different wrappers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Raw, json

from llmtop.decode import attributes, errors, export_shapes, mlflow_attributes, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.found_documents import texts_of
from llmtop.decode.messages import conversation
from llmtop.decode.otlp_values import attributes_of, identifier, moment, objects
from llmtop.decode.timestamps import utc_time
from llmtop.decode.values import mapping, parsed, text
from llmtop.payload import Event, Payload
from llmtop.span import CALL_OPERATIONS, Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_STREAM = int(Flag.STREAM)

_KIND = mlflow_attributes.KIND
_USAGE = "mlflow.chat.tokenUsage"
_INPUTS = "mlflow.spanInputs"
_OUTPUTS = "mlflow.spanOutputs"
_UNKNOWN_KINDS = frozenset({None, "", "UNKNOWN"})
_CHUNK = "mlflow.chunk.item."
_STARTS = ("start_time_unix_nano", "start_time", "startTimeUnixNano", "start_time_ns")
_ENDS = ("end_time_unix_nano", "end_time", "endTimeUnixNano", "end_time_ns")

Told = Mapping[str, Any]


class MlFlow(Format):
    """A document is a trace, a list of traces, a row of a table of them, or a span."""

    name = "MLflow trace"
    shape = export_shapes.MLFLOW

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by what is told of the trace beside its spans, or by MLflow's own attributes."""
        if _is_trace(document) or _is_span(document):
            return True
        inner = document.get("trace")
        if inner is None and "traces" in document:
            listed = document["traces"]
            inner = listed[0] if isinstance(listed, list) and listed else None
        if isinstance(inner, str):
            return inner.startswith('{"info"')
        return isinstance(inner, dict) and _is_trace(inner)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """A span a span."""
        return [_fragment(span, info, place) for span, info in _spans(document)]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Inputs, outputs and attributes of one span."""
        for told, info in _spans(document):
            if not tells_of(_fragment(told, info, span.opened_at), span):
                continue
            own = {name: parsed(value) for name, value in attributes_of(told).items()}
            sent = own.pop(_INPUTS, None)
            payload.input += conversation(sent)
            payload.output += conversation(texts_of(own.pop(_OUTPUTS, None)), "assistant")
            if isinstance(sent, dict) and "messages" in sent:
                kept = {"messages", "model", "tools"}
                payload.parameters.update({name: sent[name] for name in sent.keys() - kept})
            payload.attributes.update(own)
            payload.events += tuple(_events(told))
            return


def _is_trace(document: Told) -> bool:
    info, data = document.get("info"), document.get("data")
    if isinstance(info, dict) and isinstance(data, dict):
        return isinstance(data.get("spans"), list) and ("trace_id" in info or "request_id" in info)
    spans = document.get("spans")
    return isinstance(spans, list) and ("trace_info" in document or any(map(_is_span, spans[:3])))


def _is_span(span: object) -> bool:
    if not isinstance(span, dict):
        return False
    told = span.get("attributes")
    if isinstance(told, dict):
        return any(name.startswith("mlflow.") for name in told)
    return any(str(pair.get("key")).startswith("mlflow.") for pair in objects(told))


def _spans(document: Document) -> Iterator[tuple[Told, Told]]:
    """Each span, and what is told of its trace."""
    listed = document.get("traces")
    for each in objects(listed) if isinstance(listed, list) else (document,):
        trace = each if _is_trace(each) else mapping(each.get("trace")) or each
        info, data = mapping(trace.get("info")), mapping(trace.get("data"))
        spans = data.get("spans", trace.get("spans"))
        if isinstance(spans, list):
            about = info or mapping(trace.get("trace_info")) or trace
            for span in objects(spans):
                yield span, about
        elif _is_span(each):
            yield each, {}


def _first(span: Told, *names: str) -> Any:
    for name in names:
        value = span.get(name)
        if value is not None:
            return value
    return None


def _wanted(span: Told) -> dict[str, Any]:
    """The attributes that tell of a span's figures, out of the JSON that each is written in."""
    told: dict[str, Any] = {}
    for name, value in attributes_of(span).items():
        if name == _INPUTS:
            told[name] = value
        elif name in attributes.WANTED or name == _KIND:
            told[name] = parsed(json.decode(value) if type(value) is Raw else value)
        elif name == _OUTPUTS:
            told[name] = json.decode(value) if type(value) is Raw else value
    return told


def _fragment(span: Told, info: Told, place: int) -> Fragment:
    context = mapping(span.get("context")) or span
    told = _wanted(span)
    sent, answered = told.pop(_INPUTS, None), told.pop(_OUTPUTS, None)
    about = {**mapping(info.get("request_metadata")), **mapping(info.get("trace_metadata"))}
    end = moment(_first(span, *_ENDS))
    fragment = Fragment(
        span_id=identifier(_first(context, "span_id", "spanId"), 16),
        trace_id=_trace_id(_first(context, "trace_id", "traceId") or info.get("trace_id")),
        parent_id=identifier(_first(span, "parent_span_id", "parentSpanId", "parent_id"), 16),
        name=text(span.get("name")),
        start=moment(_first(span, *_STARTS)),
        end=end,
        flags=_OPENED | (_ENDED if end is not None else 0),
        user_id=text(about.get("mlflow.trace.user")),
        session_id=text(about.get("mlflow.trace.session")),
        place=place,
    )
    if text(told.get(_KIND)) in _UNKNOWN_KINDS and _USAGE in told and "mlflow.llm.model" in told:
        told[_KIND] = "CHAT_MODEL"
    attributes.apply(fragment, told)
    fragment.operation = fragment.operation or "other"
    if fragment.operation in CALL_OPERATIONS:
        _call(fragment, told, sent, answered)
    _finish(fragment, span)
    return fragment


def _trace_id(told: object) -> str | None:
    """MLflow's own name of a trace has OpenTelemetry's id at its end."""
    name = text(told)
    return None if name is None else _id_in(name)


@lru_cache(maxsize=256)
def _id_in(name: str) -> str | None:
    return identifier(name.rpartition("/")[2].removeprefix("tr-") or name, 32)


def _call(fragment: Fragment, told: Told, sent: object, answered: object) -> None:
    """What is told of a call by what it was sent and what it answered."""
    if fragment.model is None:
        fragment.model = _asked_model(sent)
    answer = export_shapes.told(export_shapes.MLFLOW_ANSWERED, answered)
    fragment.response_model = fragment.response_model or text(
        answer.get("model") or answer.get("model_name")
    )
    fragment.response_id = fragment.response_id or text(answer.get("id"))
    choices = answer.get("choices")
    if fragment.finish_reason is None and isinstance(choices, list) and choices:
        fragment.finish_reason = text(mapping(choices[0]).get("finish_reason"))
    fragment.finish_reason = fragment.finish_reason or text(answer.get("stop_reason"))
    if fragment.input_tokens is None and fragment.output_tokens is None:
        usage.read(fragment, mapping(answer.get("usage")))
    hour = mapping(told.get(_USAGE)).get("cache_creation_input_tokens_above_1hr")
    if isinstance(hour, int):
        fragment.cache_write_1h_tokens = hour


_MODEL = re.compile(rb'(?<!\\)\\"model(?:_name)?\\":\s?\\"([^"\\]{1,200})\\"')
"""A model's name among the inputs, which are JSON in a text; texts in it are escaped once more."""


def _asked_model(sent: object) -> str | None:
    """The model that was asked for.

    Inputs that are still as they lie in the line are searched: to decode the whole conversation
    for one name would take longer than all else of the span.
    """
    if type(sent) is Raw:
        found = _MODEL.search(sent)
        return None if found is None else found.group(1).decode("utf-8", "replace")
    asked = export_shapes.told(export_shapes.MLFLOW_ASKED, sent)
    return text(asked.get("model") or asked.get("model_name"))


def _finish(fragment: Fragment, span: Told) -> None:
    events = tuple(_events(span)) if span.get("events") else ()
    for event in events:
        if event.name.startswith(_CHUNK):
            fragment.flags |= _STREAM
            first, start = event.time, fragment.start
            if first is not None and start is not None and first >= start:
                fragment.ttft = fragment.ttft if fragment.ttft is not None else first - start
            break
    fragment.error_type = fragment.error_message = None
    if not fragment.flags & _ENDED:
        fragment.status = None
        return
    status = mapping(span.get("status"))
    fragment.status = "ok"
    if errors.status(status.get("code") or span.get("status_code")) == "error":
        fragment.status = "error"
        fragment.error_message = text(status.get("message") or span.get("status_message"))
        _raise(fragment, events)


def _raise(fragment: Fragment, events: Sequence[Event]) -> None:
    for event in events:
        if event.name == "exception":
            raised = event.attributes
            fragment.error_type = text(raised.get("exception.type"))
            said = text(raised.get("exception.message"))
            told = fragment.error_message
            # The message of the status begins with the type, which is told beside it.
            same = told is not None and said is not None and told.endswith(said)
            fragment.error_message = said if same else told or said
    fragment.error_type = fragment.error_type or errors.kind_of(fragment.error_message)


def _events(span: Told) -> Iterator[Event]:
    for event in objects(span.get("events")):
        at = _first(event, "time_unix_nano", "timeUnixNano", "timestamp")
        yield Event(
            name=text(event.get("name")) or "event",
            time=utc_time(at) if isinstance(at, str) and not at.isdecimal() else moment(at),
            attributes=dict(mapping(attributes_of(event))),
        )
