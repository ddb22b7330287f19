"""Bytes to fragments: finds each source's format, reads it, and counts what cannot be read."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from msgspec import DecodeError, json, structs

from llmtop.decode.described import payload_of
from llmtop.decode.documents import line_count, lines_of, values_of
from llmtop.decode.explanation import Explanation
from llmtop.decode.format import Format, Unreadable, with_plain_type
from llmtop.decode.registry import FORMATS
from llmtop.decode.reject import UNKNOWN, Reject, beginning, looks_like_a_call
from llmtop.decode.skimmed import skimmed
from llmtop.decode.source_reader import Counts, SourceReader
from llmtop.decode.strangers import Strangers
from llmtop.decode.values import laid_out
from llmtop.decode.wrapped import (
    MOST_WRAPPERS,
    carrier_of,
    numbered,
    objects_of,
    record_in_text,
    records_in,
    with_time_of,
)
from llmtop.payload import Payload
from llmtop.sources.chunk import MAX_DOCUMENTS, Chunk, place
from llmtop.span import Fragment, Span

__all__ = ["MOST_REJECTS", "Counts", "Decoder"]

MOST_REJECTS = 200
"""Rejected lines that are kept for showing; all are counted."""


class Decoder:
    """Reads chunks of any source; never raises, whatever the bytes."""

    def __init__(self, formats: Sequence[type[Format]] = FORMATS) -> None:
        self._formats = formats
        self.lines = 0
        self.rejected = 0
        self.rejects: deque[Reject] = deque(maxlen=MOST_REJECTS)
        self._readers: dict[int, SourceReader] = {}
        self._strangers = Strangers(formats)

    def counts(self, source: int) -> Counts:
        """What was read from a source."""
        reader = self._readers.get(source)
        if reader is None:
            return Counts()
        if reader.current is not None:
            reader.counts.note = reader.current.note
        return reader.counts

    def explain(self, source: int) -> list[Explanation]:
        """How a source is understood: one entry a format, the last found first."""
        reader = self._readers.get(source)
        if reader is None:
            return []
        found = [each.explain() for each in reader.known.values()]
        if reader.carrier is None:
            return found
        within = f", in the text under {reader.carrier}"
        return [structs.replace(each, confidence=each.confidence + within) for each in found]

    def decode(self, chunk: Chunk) -> list[Fragment]:
        """What a chunk tells, in its order."""
        reader = self._readers.get(chunk.source)
        if reader is None:
            reader = self._readers[chunk.source] = SourceReader(chunk.source)
        if chunk.whole:
            return self._read_whole(reader, chunk)
        first = place(chunk.number, 0)
        fragments: Sequence[Fragment] | None = None
        if reader.current is None:
            for kind in self._formats:
                if chunk.data.startswith(kind.beginnings):
                    reader.use(kind)
        if reader.current is not None and reader.current.reads_chunks and not reader.carrier:
            count = line_count(chunk.data)
            fragments = self._read_lines(reader.current, chunk.data, count, first)
        if fragments is None:
            lines = lines_of(chunk.data)
            count = len(lines)
            fragments = self._read_each(reader, lines, first)
        self.lines += count
        reader.counts.lines += count
        reader.counts.fragments += len(fragments)
        return fragments if isinstance(fragments, list) else list(fragments)

    def _read_each(self, reader: SourceReader, lines: list[bytes], first: int) -> list[Fragment]:
        """Lines one by one; as soon as they have shown the format, the rest of them at once."""
        found: list[Fragment] = []
        for index, line in enumerate(lines):
            current = reader.current
            quick = self._read_quickly(reader, current, line, first + index)
            if quick is not None:
                found += quick
                continue
            found += self._read_line(reader, line, first + index)
            if current is None and reader.current is not None and reader.current.reads_chunks:
                rest = lines[index + 1 :]
                at_once = self._read_lines(
                    reader.current, b"\n".join(rest), len(rest), first + index + 1
                )
                if at_once is not None:
                    found += at_once
                    break
        return found

    def _read_quickly(
        self, reader: SourceReader, current: Format | None, line: bytes, at: int
    ) -> Sequence[Fragment] | None:
        """A line that is like earlier ones; `None` for another, or one that is not in order."""
        try:
            if reader.carrier is not None and current is not None:
                carried = self._read_carried_quickly(current, reader.carrier, line, at)
                if carried is not None:
                    return carried
            if current is not None and current.is_certain:
                return current.read_line(line, at)
            document = skimmed(line)
            if type(document) is not dict:
                return None
            found = None if current is None else current.read_known(document, at)
            if found is None and self._strangers.know(document):
                found = self._pass_over(reader, document, at, line)
            return found
        except Exception:
            # The usual way tells what is wrong with the line.
            return None

    @staticmethod
    def _read_carried_quickly(
        current: Format, carrier: str, line: bytes, at: int
    ) -> Sequence[Fragment] | None:
        """A line that carries a record as a text where the last one did."""
        document = json.decode(line)
        told = document.get(carrier)
        if type(told) is not str or told[:1] != "{":
            return None
        if not current.is_certain:
            return current.read_known(with_time_of(document, json.decode(told)), at)
        found = current.read_line(told.encode(), at)
        if found is None or any(each.start is None and each.end is None for each in found):
            # What carried the record has to tell when it was.
            return None
        return found

    def _read_lines(
        self, current: Format, data: bytes, lines: int, first: int
    ) -> Sequence[Fragment] | None:
        try:
            return current.read_lines(data, lines, first)
        except Exception:
            return None  # one by one, the lines tell which of them is at fault

    def _read_whole(self, reader: SourceReader, chunk: Chunk) -> list[Fragment]:
        values, problem = values_of(chunk.data)
        found: list[Fragment] = []
        first = place(chunk.number, 0)
        count = len(values) + (problem is not None)
        self.lines += count
        reader.counts.lines += count
        for index, value in enumerate(values):
            at = first + min(index, MAX_DOCUMENTS - 1)
            found.extend(self._read_value(reader, value, at, b""))
        if problem is not None:
            self._reject(reader, first, problem, chunk.data)
        reader.counts.fragments += len(found)
        return found

    def _read_line(self, reader: SourceReader, line: bytes, at: int) -> Sequence[Fragment]:
        try:
            value = json.decode(line)
        except RecursionError:
            return self._reject(reader, at, "not read: nested too deeply", line)
        except (DecodeError, UnicodeDecodeError) as error:
            return self._read_damaged(reader, line, at, str(error))
        if isinstance(value, list):
            return self._read_array(reader, value, at)
        if isinstance(value, dict) and self._strangers.know(value):
            return self._pass_over(reader, value, at, line)
        return self._read_value(reader, value, at, line)

    def _read_array(self, reader: SourceReader, values: list[Any], at: int) -> Sequence[Fragment]:
        """Records that stand in one line, so that their place alone does not tell them apart."""
        documents = list(objects_of(values))
        if not documents:
            return self._reject(reader, at, "JSON, but not an object", _text_of(values))
        found: list[Fragment] = []
        for index, document in enumerate(documents):
            found += numbered(self._read_value(reader, document, at, b""), at, index)
        return found

    def _read_damaged(
        self, reader: SourceReader, line: bytes, at: int, problem: str
    ) -> Sequence[Fragment]:
        """A line that is not JSON as it stands: its text may be in another encoding."""
        if line.lstrip()[:1] in {b"{", b"["}:
            values, _ = values_of(line.strip(b"\0 \t\r"))
            if values and isinstance(values[0], dict):
                return [
                    fragment
                    for value in values
                    for fragment in self._read_value(reader, value, at, line)
                ]
            reason = f"not JSON: {problem}"
        else:
            reason = "not JSON: a line of text"
        inner = record_in_text(line)
        if inner is not None:
            return self._read_value(reader, inner, at, line)
        return self._reject(reader, at, reason, line)

    def _read_value(
        self, reader: SourceReader, value: Any, at: int, line: bytes
    ) -> Sequence[Fragment]:
        if not isinstance(value, dict):
            start = line or laid_out(value).encode("utf-8", "replace")
            return self._reject(reader, at, "JSON, but not an object", start)
        try:
            found = self._read_document(reader, value, at)
            if found is None:
                self._strangers.meet(value)
        except Unreadable as error:
            return self._reject(reader, at, str(error), line or _text_of(value))
        except RecursionError:
            return self._reject(reader, at, "not read: nested too deeply", line)
        except Exception as error:
            # Whatever a record holds, the other ones of its source are read.
            reason = f"not understood ({type(error).__name__})"
            return self._reject(reader, at, reason, line or _text_of(value))
        if found is None:
            return self._pass_over(reader, value, at, line)
        if not found:
            reader.counts.skipped += 1
        return found

    def _pass_over(
        self, reader: SourceReader, value: dict[str, Any], at: int, line: bytes
    ) -> Sequence[Fragment]:
        """A record that no format knows."""
        if reader.current is not None and not looks_like_a_call(value):
            reader.counts.skipped += 1
            return ()
        return self._reject(reader, at, UNKNOWN, line or _text_of(value))

    def _read_document(
        self, reader: SourceReader, document: dict[str, Any], at: int, wrappers: int = 0
    ) -> Sequence[Fragment] | None:
        """What a document tells, or what it carries; `None` if no format knows it."""
        document = with_plain_type(document)
        current = reader.current
        if current is not None and current.is_certain and current.recognises(document):
            found = current.read(document, at)
            if found is not None:
                return found
        for kind in self._formats:
            if kind.recognises(document):
                format_ = reader.use(kind) if kind.is_certain else reader.of(kind)
                found = format_.read(document, at)
                if found is not None:
                    reader.take(format_)
                    return found
        if wrappers >= MOST_WRAPPERS:
            return None
        found = self._read_carried(reader, list(records_in(document)), at, wrappers + 1)
        if found and not wrappers:
            reader.carrier = carrier_of(document)
        return found

    def _read_carried(
        self, reader: SourceReader, records: list[dict[str, Any]], at: int, wrappers: int
    ) -> Sequence[Fragment] | None:
        """The records that a document carries; none, if no format knows any of them."""
        if len(records) == 1:
            return self._read_document(reader, records[0], at, wrappers)
        found: list[Fragment] | None = None
        for index, record in enumerate(records):
            try:
                told = self._read_document(reader, record, at, wrappers)
            except Unreadable as error:
                told = self._reject(reader, at, str(error), _text_of(record))
            if told is not None:
                found = found or []
                found += numbered(told, at, index)
        return found

    def _reject(
        self, reader: SourceReader, at: int, reason: str, line: bytes
    ) -> Sequence[Fragment]:
        self.rejected += 1
        reader.counts.rejected += 1
        self.rejects.append(Reject(reader.number, at, reason, beginning(line)))
        return ()

    def payload(self, records: Sequence[tuple[int, bytes]], span: Span) -> Payload:
        """The heavy part of a span, from the places and bytes of the records that tell of it."""
        return payload_of(self._formats, records, span)


def _text_of(value: object) -> bytes:
    return laid_out(value).encode("utf-8", "replace")
