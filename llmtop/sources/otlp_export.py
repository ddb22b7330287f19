"""Sorts an OTLP request: the spans that can be kept, cut into lines of OTLP JSON, and the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import DecodeError, Raw, json

from llmtop.sources.otlp_receiver import Export

SPANS_A_LINE = 32
"""A line is read again whole to show one of its spans, so it holds only a few."""

_TRACE_ID = re.compile(r"[0-9a-fA-F]{32}|[A-Za-z0-9+/_-]{22}(?:==)?")
_SPAN_ID = re.compile(r"[0-9a-fA-F]{16}|[A-Za-z0-9+/_-]{11}=?")
_NO_ID = re.compile(r"[0A]+=*")

Document = dict[str, Any]


class BadExportError(Exception):
    """A request that is no OTLP export, said in a sentence."""


def from_json(body: bytes) -> Document:
    """The request of a JSON body. Raises BadExportError."""
    try:
        document = json.decode(body or b"{}")
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        document = _from_lenient_json(body, str(error))
    if not isinstance(document, dict):
        raise BadExportError("The body is JSON, but not an object with resourceSpans.")
    return document


def _from_lenient_json(body: bytes, problem: str) -> object:
    """Some write halves of surrogate pairs, or NaN, which strict readers refuse."""
    import json as lenient  # rarely wanted

    try:
        told = lenient.loads(body.decode(), parse_constant=str)
        text = lenient.dumps(told, ensure_ascii=False)
        return json.decode(text.encode("utf-8", "replace"))
    except RecursionError:
        raise BadExportError("The body is nested too deeply.") from None
    except (ValueError, DecodeError):
        raise BadExportError(f"The body is not JSON: {problem}.") from None


def traces(document: Document) -> Export:
    """The spans of a request; one without valid ids is rejected, and so is what is no span."""
    lines: list[bytes] = []
    export = Export(lines=lines)
    for resource, scope, spans in _groups(document, "Spans", "spans"):
        kept = [span for span in spans if _is_span(span)]
        export.spans += len(kept)
        export.rejected += len(spans) - len(kept)
        lines.extend(_lines(resource, scope, kept, "Spans", "spans"))
    if export.rejected:
        export.reason = (
            "Spans need a traceId of 16 bytes and a spanId of 8 bytes that are not all zero."
        )
    return export


def logs(document: Document) -> Export:
    """The log records of a request."""
    lines: list[bytes] = []
    export = Export(lines=lines)
    for resource, scope, records in _groups(document, "Logs", "logRecords"):
        kept = [record for record in records if isinstance(record, dict)]
        export.log_records += len(kept)
        export.rejected += len(records) - len(kept)
        lines.extend(_lines(resource, scope, kept, "Logs", "logRecords"))
    if export.rejected:
        export.reason = "Log records are JSON objects."
    return export


def metrics(document: Document) -> Export:
    """How many data points a request of metrics holds; nothing of it is kept."""
    export = Export()
    for _, _, found in _groups(document, "Metrics", "metrics"):
        for metric in found:
            if isinstance(metric, dict):
                export.data_points += _data_points(metric)
    return export


def _data_points(metric: Document) -> int:
    return sum(
        len(points)
        for kind in metric.values()
        if isinstance(kind, dict)
        and isinstance(points := _either(kind, "dataPoints", "data_points"), list)
    )


def _groups(
    document: Document, signal: str, members: str
) -> Iterator[tuple[Document, Document, list[Any]]]:
    """Each resource's scopes, with their members; what is not laid out so raises BadExportError."""
    snake = re.sub("([A-Z])", lambda capital: "_" + capital[0].lower(), members)
    for resource in _list(document, f"resource{signal}", f"resource_{signal.lower()}"):
        if not isinstance(resource, dict):
            raise BadExportError(f"resource{signal} holds something that is not an object.")
        for scope in _list(resource, f"scope{signal}", f"scope_{signal.lower()}"):
            if not isinstance(scope, dict):
                raise BadExportError(f"scope{signal} holds something that is not an object.")
            yield resource, scope, _list(scope, members, snake)


def _either(document: Document, camel: str, snake: str) -> Any:
    found = document.get(camel)
    return document.get(snake) if found is None else found


def _list(document: Document, camel: str, snake: str) -> list[Any]:
    found = _either(document, camel, snake)
    if found is None:
        return []
    if not isinstance(found, list):
        raise BadExportError(f"{camel} is not a list.")
    return found


def _is_span(span: object) -> bool:
    return (
        isinstance(span, dict)
        and _is_id(_either(span, "traceId", "trace_id"), _TRACE_ID)
        and _is_id(_either(span, "spanId", "span_id"), _SPAN_ID)
    )


def _is_id(told: object, pattern: re.Pattern[str]) -> bool:
    return (
        isinstance(told, str)
        and pattern.fullmatch(told) is not None
        and _NO_ID.fullmatch(told) is None
    )


def _lines(
    resource: Document, scope: Document, members: list[Any], signal: str, name: str
) -> Iterator[bytes]:
    """The members as lines, each with what is shared by them."""
    if not members:
        return
    told_resource = Raw(json.encode(resource.get("resource") or {}))
    told_scope = Raw(json.encode(scope.get("scope") or {}))
    for start in range(0, len(members), SPANS_A_LINE):
        held = {"scope": told_scope, name: members[start : start + SPANS_A_LINE]}
        line = {f"resource{signal}": [{"resource": told_resource, f"scope{signal}": [held]}]}
        yield json.encode(line) + b"\n"
