"""Makes exports of spans and log records, as SDKs write them."""

from __future__ import annotations

from typing import Any

START = 1_750_000_000_000_000_000
"""Nanoseconds since the epoch."""
TRACE = "0af7651916cd43dd8448eb211c80319c"


def span_id(number: int) -> str:
    return f"{number:016x}"


def value(told: Any) -> dict[str, Any]:
    """A value of AnyValue's union."""
    match told:
        case bool():
            return {"boolValue": told}
        case int():
            return {"intValue": str(told)}
        case float():
            return {"doubleValue": told}
        case list():
            return {"arrayValue": {"values": [value(each) for each in told]}}
        case dict():
            return {"kvlistValue": {"values": pairs(told)}}
    return {"stringValue": told}


def pairs(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value(each)} for key, each in told.items()]


def span(
    number: int,
    attributes: dict[str, Any],
    *,
    parent: int | None = None,
    name: str = "chat",
    start_ms: float = 0,
    ms: float | None = 1000,
    trace: str = TRACE,
    **told: Any,
) -> dict[str, Any]:
    """A span that began `start_ms` after START."""
    begun = START + int(start_ms * 1e6)
    made = {
        "traceId": trace,
        "spanId": span_id(number),
        "name": name,
        "kind": 3,
        "startTimeUnixNano": str(begun),
        "attributes": pairs(attributes),
        "status": {},
        **told,
    }
    if ms is not None:
        made["endTimeUnixNano"] = str(begun + int(ms * 1e6))
    if parent is not None:
        made["parentSpanId"] = span_id(parent)
    return made


def event(name: str, attributes: dict[str, Any] | None = None, *, ms: float = 0) -> dict[str, Any]:
    """An event of a span, so long after START."""
    return {
        "name": name,
        "timeUnixNano": str(START + int(ms * 1e6)),
        "attributes": pairs(attributes or {}),
    }


def export(*spans: dict[str, Any], scope: str = "app", **resource: Any) -> dict[str, Any]:
    """One export of spans of one instrumentation."""
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": pairs({"service.name": "app", **resource})},
                "scopeSpans": [{"scope": {"name": scope}, "spans": list(spans)}],
            }
        ]
    }


def record(attributes: dict[str, Any], *, number: int | None = None, **told: Any) -> dict[str, Any]:
    """A log record, within a span if a number is given."""
    made = {
        "timeUnixNano": str(START + 900_000_000),
        "attributes": pairs(attributes),
        **told,
    }
    if number is not None:
        made |= {"traceId": TRACE, "spanId": span_id(number)}
    return made


def logs(*records: dict[str, Any], **resource: Any) -> dict[str, Any]:
    """One export of log records."""
    return {
        "resourceLogs": [
            {
                "resource": {"attributes": pairs(resource)},
                "scopeLogs": [{"scope": {"name": "app"}, "logRecords": list(records)}],
            }
        ]
    }
