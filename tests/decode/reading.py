"""Records of made-up logs, read as the pump reads them: decoder, what is true now, payloads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from llmtop.decode.decoder import Counts, Decoder
from llmtop.decode.documents import lines_of, values_of
from llmtop.decode.payload_places import places_of
from llmtop.decode.registry import formats
from llmtop.live.live import Live
from llmtop.live.view import Figures, Query
from llmtop.payload import Payload
from llmtop.sources.chunk import Chunk, split_place
from llmtop.span import Fragment, Span
from tests.live.fragments import NOON
from tests.rates import PerMillion

NOW = NOON + 3600.0


class Reading:
    """Everything that came from one source, or from several."""

    def __init__(self, mapped: dict[str, tuple[str, ...]] | None = None) -> None:
        self.decoder = Decoder(formats(mapped))
        self.live = Live(PerMillion(), follow=False)
        self._chunks: list[Chunk] = []

    def feed(self, data: bytes, *, source: int = 0, whole: bool = False) -> list[Fragment]:
        """Read one chunk."""
        chunk = Chunk(len(self._chunks), source, data, whole)
        self._chunks.append(chunk)
        found = self.decoder.decode(chunk)
        self.live.apply(found, NOW)
        return found

    def lines(self, *records: Any, source: int = 0) -> Reading:
        """Read records as JSON lines."""
        self.feed(lines(*records), source=source)
        return self

    def document(self, record: Any, *, source: int = 0) -> Reading:
        """Read a document that is laid out over lines."""
        self.feed(json.dumps(record, indent=2).encode(), source=source, whole=True)
        return self

    @property
    def spans(self) -> list[Span]:
        """All spans, in the order they came."""
        return list(self.live.index)

    @property
    def calls(self) -> list[Span]:
        """The calls that count."""
        return [span for span in self.spans if span.counted]

    @property
    def call(self) -> Span:
        """The only call."""
        (found,) = self.calls
        return found

    def of(self, operation: str) -> list[Span]:
        """The spans of one operation."""
        return [span for span in self.spans if span.series.operation == operation]

    @property
    def figures(self) -> Figures:
        """The figures of all time."""
        return self.live.view(Query(window="all"), NOW).figures

    def counts(self, source: int = 0) -> Counts:
        """What was read from a source."""
        return self.decoder.counts(source)

    def payload(self, span: Span) -> Payload:
        """The heavy part of a span, from the lines that tell of it."""
        records = []
        for at in places_of(span):
            number, index = split_place(at)
            chunk = self._chunks[number]
            if chunk.whole:
                records.append((at, chunk.data))
            elif index < len(lines_of(chunk.data)):
                records.append((at, lines_of(chunk.data)[index]))
        return self.decoder.payload(records, span)

    def tree(self, trace_id: str) -> list[str]:
        """The rows of a trace: indentation, operation and name."""
        trace = self.live.trace(trace_id, NOW)
        assert trace is not None
        return [
            f"{'  ' * row.depth}{row.span.series.operation} {row.span.name or ''}".rstrip()
            for row in trace.rows
        ]


def lines(*records: Any) -> bytes:
    """Records as JSON lines; texts as they are."""
    return b"".join(
        (record if isinstance(record, str) else json.dumps(record)).encode() + b"\n"
        for record in records
    )


def read(*records: Any) -> Reading:
    """What JSON lines tell."""
    return Reading().lines(*records)


def said(messages: Sequence[Any]) -> list[tuple[str, str]]:
    """Messages as pairs of role and text."""
    return [(each.role, each.text) for each in messages]


def documents(data: bytes) -> list[Any]:
    """The values of a text."""
    return values_of(data)[0]
