"""Writes spans as OTLP's JSON: lines that collectors, Jaeger, Phoenix and llmtop read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

from msgspec import Struct

from llmtop.emit.encode import encode
from llmtop.history.otlp_spans import Origin, otlp_span, pairs, resource_of
from llmtop.payload import Payload
from llmtop.span import Span
from llmtop.version import __version__

LINE_BYTES = 4 * 1024 * 1024
"""A line holds about so much: one document if that is all."""

Told = tuple[Span, Payload, Origin]


class _Line(Struct):
    """Spans that are gathered for one line, by resource and scope."""

    size: int = 0
    groups: dict[tuple[bytes, str | None], list[bytes]] = {}

    def add(self, told: Told) -> None:
        """Take a span in."""
        span, payload, origin = told
        resource = {"service.name": "unknown_service", **resource_of(payload)}
        data = encode(otlp_span(span, payload, origin))
        self.groups.setdefault((_resource(resource), origin.scope), []).append(data)
        self.size += len(data)

    def text(self) -> bytes:
        """The line."""
        by_resource: dict[bytes, list[bytes]] = {}
        for (resource, scope), spans in self.groups.items():
            about = encode({"name": scope} if scope else {"name": "llmtop", "version": __version__})
            group = b'{"scope":' + about + b',"spans":[' + b",".join(spans) + b"]}"
            by_resource.setdefault(resource, []).append(group)
        told = (
            b'{"resource":' + resource + b',"scopeSpans":[' + b",".join(groups) + b"]}"
            for resource, groups in by_resource.items()
        )
        return b'{"resourceSpans":[' + b",".join(told) + b"]}\n"


def write_otlp(spans: Iterable[Told], out: IO[bytes]) -> int:
    """Write spans; returns how many."""
    count = 0
    line = _Line()
    for told in spans:
        line.add(told)
        count += 1
        if line.size >= LINE_BYTES:
            out.write(line.text())
            line = _Line()
    if line.groups or not count:
        out.write(line.text())
    return count


def _resource(attributes: dict[str, Any]) -> bytes:
    return encode({"attributes": pairs(attributes)})
