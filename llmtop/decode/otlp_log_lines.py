"""Exports of log records in good order, decoded typed: most records tell of no call.

Of those that may tell of one the attributes are decoded, and read as the lenient way reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Raw, Struct, json

from llmtop.decode.agent_events import KINDS
from llmtop.decode.event_messages import CHOICE
from llmtop.decode.otlp_logs import CONVENTION, record_fragment
from llmtop.decode.otlp_pairs import NOTHING, Nanoseconds, Pair, Refusals, plain, undecoded
from llmtop.decode.values import text
from llmtop.span import Fragment

BEGINNING = b'{"resourceLogs":'
"""Of a line that is an export of log records."""


class _Record(Struct, gc=False, rename="camel"):
    attributes: list[Pair] = []
    body: Raw = NOTHING
    event_name: str | None = None
    time_unix_nano: Nanoseconds | None = None
    observed_time_unix_nano: Nanoseconds | None = None
    trace_id: str | None = None
    span_id: str | None = None


class _ScopeLogs(Struct, gc=False, rename="camel"):
    log_records: list[_Record]


class _Resource(Struct, gc=False):
    attributes: list[Pair] = []


class _ResourceLogs(Struct, gc=False, rename="camel"):
    scope_logs: list[_ScopeLogs]
    resource: _Resource | None = None


class _Export(Struct, gc=False, rename="camel"):
    resource_logs: list[_ResourceLogs]
    resource_spans: Raw = NOTHING
    resource_metrics: Raw = NOTHING


_exports = json.Decoder(_Export, strict=False)


def fragments_of(line: bytes, place: int) -> list[Fragment] | None:
    """What the records of one export tell, or `None` if it has to be read leniently."""
    return fragments_of_lines(line, 1, place)


def fragments_of_lines(data: bytes, lines: int, place: int) -> list[Fragment] | None:
    """What the exports of so many lines tell, or `None` if any has to be read leniently."""
    found: list[Fragment] = []
    try:
        exports = _exports.decode_lines(data)
        if len(exports) != lines:
            return None
        for at, export in enumerate(exports, place):
            if export.resource_spans is not NOTHING or export.resource_metrics is not NOTHING:
                return None
            for resource in export.resource_logs:
                told = undecoded(resource.resource.attributes if resource.resource else ())
                for group in resource.scope_logs:
                    each = (_fragment(record, told, at) for record in group.log_records)
                    found += [fragment for fragment in each if fragment is not None]
    except Refusals:
        return None
    return found


def _fragment(record: _Record, resource: Mapping[str, Any], place: int) -> Fragment | None:
    body = b"" + record.body
    name = record.event_name or _name_in(record.attributes)
    bears_messages = b"messages" in body
    if name and not (
        bears_messages or name.startswith(CONVENTION) or name.rpartition(".")[2] in KINDS
    ):
        return None
    document: dict[str, Any] = {
        "attributes": {pair.key: plain(pair.value) for pair in record.attributes},
        "eventName": record.event_name,
        "timeUnixNano": record.time_unix_nano,
        "observedTimeUnixNano": record.observed_time_unix_nano,
        "traceId": record.trace_id,
        "spanId": record.span_id,
    }
    if body and (not name or name == CHOICE or bears_messages):
        document["body"] = json.decode(body)
    return record_fragment(document, resource, place)


def _name_in(pairs: list[Pair]) -> str | None:
    second = None
    for pair in pairs:
        if pair.key == "event.name":
            name = text(plain(pair.value))
            if name is not None:
                return name
        elif pair.key == "event_name":
            second = text(plain(pair.value))
    return second
