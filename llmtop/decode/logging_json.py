"""Native records inside the lines of python-json-logger, structlog and loguru."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmtop.decode import native, native_payload
from llmtop.decode.format import Document, Format, Unreadable, tells_of
from llmtop.decode.values import mapping, text
from llmtop.payload import Payload
from llmtop.span import Fragment, Span

_KINDS = {"LLM_REQUEST": "request", "LLM_RESPONSE": "response", "LLM_SPAN": "span"}
_TYPES = frozenset(_KINDS.values())
_LONGEST_PREFIX = 40
_TIMES = ("timestamp", "time", "asctime", "@timestamp", "ts", "created")


class LoggingJson(Format):
    """`logger.info("LLM_REQUEST", extra={"llm_log": record})`, as formatters write it."""

    name = "native in logging JSON"

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a record under `llm_log`, or by the guide's messages."""
        return _inner(document) is not None

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The fragment of the record within."""
        inner = _inner(document)
        if inner is None:
            return None
        record = native.lenient(inner)
        if not native.finish(record, place):
            raise Unreadable("a logged LLM record without request_id and span_id")
        return (record,)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The payload of the record within."""
        inner = _inner(document)
        if inner is None:
            return
        if any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            native_payload.describe(inner, payload)


def _inner(document: Document) -> dict[str, Any] | None:
    """The record within a line, with the type and the time that the line around it tells."""
    wrapper: Document = document
    record = document.get("record")
    if isinstance(record, dict):
        wrapper = record
    message = wrapper.get("message") or wrapper.get("event") or wrapper.get("msg")
    said = text(message) or ""
    kind = _KINDS.get(said)
    if kind is None and (isinstance(message, dict) or "{" in said[:_LONGEST_PREFIX]):
        # The record itself is what was logged, perhaps behind a word on what it is.
        word, brace, rest = said.partition("{")
        inner = mapping(message) or mapping(brace + rest)
        kind = _KINDS.get(word.strip(" :=-"))
        if kind is not None or text(inner.get("type")) in _TYPES:
            if "request_id" in inner or "span_id" in inner:
                return _completed(dict(inner), kind, wrapper)
            kind = None
    extra = mapping(wrapper.get("extra")) or mapping(document.get("extra"))
    for holder in (wrapper, extra, document):
        inner = mapping(holder.get("llm_log"))
        if inner:
            return _completed(dict(inner), kind, wrapper)
    if kind is None:
        return None
    for holder in (extra, wrapper):
        if "request_id" in holder or "span_id" in holder:
            return _completed(dict(holder), kind, wrapper)
    return None


def _completed(inner: dict[str, Any], kind: str | None, wrapper: Document) -> dict[str, Any]:
    if text(inner.get("type")) not in _TYPES and kind is not None:
        inner["type"] = kind
    if "timestamp" not in inner:
        for name in _TIMES:
            told = wrapper.get(name)
            if isinstance(told, dict):
                told = told.get("timestamp") or told.get("repr")
            if told is not None:
                inner["timestamp"] = told
                break
    return inner
