"""Bytes to fragments: finds each source's format, reads it, and counts what cannot be read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import DecodeError, Struct, json

from llmtop.decode.documents import line_count, lines_of, values_of
from llmtop.decode.explanation import Explanation
from llmtop.decode.format import Format, Unreadable, tells_of
from llmtop.decode.registry import FORMATS
from llmtop.decode.reject import UNKNOWN, Reject, beginning
from llmtop.decode.values import laid_out
from llmtop.payload import Payload
from llmtop.sources.chunk import MAX_DOCUMENTS, Chunk, place, split_place
from llmtop.span import Fragment, Span

MOST_REJECTS = 200
"""Rejected lines that are kept for showing; all are counted."""


class Counts(Struct):
    """What was read from one source."""

    format: str | None = None
    """The formats found, the last one first; `None` until a record was understood."""
    lines: int = 0
    fragments: int = 0
    rejected: int = 0
    skipped: int = 0
    """Records understood as telling nothing about calls."""
    note: str | None = None
    """A sentence on what the source cannot tell, such as calls where there are only metrics."""


class _Reader:
    """What is remembered of one source."""

    __slots__ = ("counts", "current", "known", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.counts = Counts()
        self.current: Format | None = None
        self.known: dict[str, Format] = {}

    def use(self, kind: type[Format]) -> Format:
        """The instance of a format for this source, made the current one."""
        found = self.known.get(kind.name)
        if found is None:
            found = self.known[kind.name] = kind()
            names = [kind.name, *(name for name in self.known if name != kind.name)]
            self.counts.format = ", ".join(names)
        self.current = found
        return found


class Decoder:
    """Reads chunks of any source; never raises, whatever the bytes."""

    def __init__(self, formats: Sequence[type[Format]] = FORMATS) -> None:
        self._formats = formats
        self.lines = 0
        self.rejected = 0
        self.rejects: deque[Reject] = deque(maxlen=MOST_REJECTS)
        self._readers: dict[int, _Reader] = {}

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
        return [] if reader is None else [each.explain() for each in reader.known.values()]

    def decode(self, chunk: Chunk) -> list[Fragment]:
        """What a chunk tells, in its order."""
        reader = self._readers.get(chunk.source)
        if reader is None:
            reader = self._readers[chunk.source] = _Reader(chunk.source)
        if chunk.whole:
            return self._read_whole(reader, chunk)
        first = place(chunk.number, 0)
        fragments: Sequence[Fragment] | None = None
        if reader.current is None:
            for kind in self._formats:
                if chunk.data.startswith(kind.beginnings):
                    reader.use(kind)
        if reader.current is not None and reader.current.reads_chunks:
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

    def _read_each(self, reader: _Reader, lines: list[bytes], first: int) -> list[Fragment]:
        """Lines one by one; as soon as they have shown the format, the rest of them at once."""
        found: list[Fragment] = []
        for index, line in enumerate(lines):
            current = reader.current
            if current is not None:
                try:
                    quick = current.read_line(line, first + index)
                except Exception:
                    # The usual way tells what is wrong with the line.
                    quick = None
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

    def _read_lines(
        self, current: Format, data: bytes, lines: int, first: int
    ) -> Sequence[Fragment] | None:
        try:
            return current.read_lines(data, lines, first)
        except Exception:
            return None  # one by one, the lines tell which of them is at fault

    def _read_whole(self, reader: _Reader, chunk: Chunk) -> list[Fragment]:
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

    def _read_line(self, reader: _Reader, line: bytes, at: int) -> Sequence[Fragment]:
        try:
            value = json.decode(line)
        except RecursionError:
            return self._reject(reader, at, "not read: nested too deeply", line)
        except (DecodeError, UnicodeDecodeError) as error:
            return self._read_damaged(reader, line, at, str(error))
        if isinstance(value, list):
            return self._read_array(reader, value, at)
        return self._read_value(reader, value, at, line)

    def _read_array(self, reader: _Reader, values: list[Any], at: int) -> Sequence[Fragment]:
        """Records that stand in one line, so that their place alone does not tell them apart."""
        documents = list(_documents_in(values, 0))
        if not documents:
            return self._reject(reader, at, "JSON, but not an object", _text_of(values))
        found: list[Fragment] = []
        for index, document in enumerate(documents):
            for fragment in self._read_value(reader, document, at, b""):
                if fragment.span_id is None and fragment.request_id is None:
                    fragment.span_id = f"@{at}.{index}"
                found.append(fragment)
        return found

    def _read_damaged(
        self, reader: _Reader, line: bytes, at: int, problem: str
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
            return self._reject(reader, at, f"not JSON: {problem}", line)
        return self._reject(reader, at, "not JSON: a line of text", line)

    def _read_value(self, reader: _Reader, value: Any, at: int, line: bytes) -> Sequence[Fragment]:
        if not isinstance(value, dict):
            start = line or laid_out(value).encode("utf-8", "replace")
            return self._reject(reader, at, "JSON, but not an object", start)
        try:
            found = self._read_document(reader, value, at)
        except Unreadable as error:
            return self._reject(reader, at, str(error), line or _text_of(value))
        except RecursionError:
            return self._reject(reader, at, "not read: nested too deeply", line)
        except Exception as error:
            # Whatever a record holds, the other ones of its source are read.
            reason = f"not understood ({type(error).__name__})"
            return self._reject(reader, at, reason, line or _text_of(value))
        if found is None:
            if reader.current is not None and not looks_like_a_call(value):
                reader.counts.skipped += 1
                return ()
            return self._reject(reader, at, UNKNOWN, line or _text_of(value))
        if not found:
            reader.counts.skipped += 1
        return found

    def _read_document(
        self, reader: _Reader, document: dict[str, Any], at: int
    ) -> Sequence[Fragment] | None:
        document = _with_plain_type(document)
        current = reader.current
        if current is not None and current.is_certain and current.recognises(document):
            found = current.read(document, at)
            if found is not None:
                return found
        for kind in self._formats:
            if kind.recognises(document):
                found = reader.use(kind).read(document, at)
                if found is not None:
                    return found
        return None

    def _reject(self, reader: _Reader, at: int, reason: str, line: bytes) -> Sequence[Fragment]:
        self.rejected += 1
        reader.counts.rejected += 1
        self.rejects.append(Reject(reader.number, at, reason, beginning(line)))
        return ()

    def payload(self, records: Sequence[tuple[int, bytes]], span: Span) -> Payload:
        """The heavy part of a span, from the places and bytes of the records that tell of it."""
        payload = Payload()
        for at, data in records:
            values, _ = values_of(data)
            if len(values) > 1 and span.span_id.startswith("@"):
                values = _anonymous(values, span.span_id, at)
            own = at in (span.opened_at, span.ended_at)
            for value in values:
                if isinstance(value, dict):
                    self._describe(value, span, payload, own=own and len(values) == 1)
        if records and not payload.raw:
            payload.missing = "The records of this call could not be read again."
        return payload

    def _describe(self, value: dict[str, Any], span: Span, payload: Payload, *, own: bool) -> None:
        value = _with_plain_type(value)
        for kind in self._formats:
            if kind.recognises(value):
                before = (payload.input, payload.output, len(payload.attributes))
                records = len(payload.raw)
                try:
                    if span.failed:
                        payload.error = _error_of(kind(), value, span) or payload.error
                    kind().describe(value, span, payload)
                except Exception:  # noqa: S112 - what cannot be shown of a record is left out
                    continue
                told = before != (payload.input, payload.output, len(payload.attributes))
                if len(payload.raw) == records and (own or told):
                    payload.raw += (laid_out(value),)
                return


def _with_plain_type(document: dict[str, Any]) -> dict[str, Any]:
    """The document, its type left out if it is no text: formats look a type up by its name."""
    if isinstance(document.get("type"), str | None):
        return document
    return {**document, "type": None}


def _error_of(reader: Format, value: dict[str, Any], span: Span) -> str | None:
    """The message of a span's error as its record has it, whatever its length."""
    told = (each for each in reader.read(value, span.opened_at) or () if tells_of(each, span))
    return next((each.error_message for each in told if each.error_message), None)


_DEEPEST_ARRAY = 4


def _documents_in(values: list[Any], depth: int) -> Iterator[dict[str, Any]]:
    """The objects of an array; recorders of calls write labels and arrays around them."""
    for value in values:
        if isinstance(value, dict):
            yield value
        elif isinstance(value, list) and depth < _DEEPEST_ARRAY:
            yield from _documents_in(value, depth + 1)


def _anonymous(values: list[Any], span_id: str, at: int) -> list[Any]:
    """The one of several records that a span without an id of its own came from."""
    _, point, number = span_id.partition(".")
    if point and number.isdigit():
        index = int(number)
        return list(_documents_in(values, 0))[index : index + 1]
    index = split_place(at)[1]
    return values[index : index + 1]


def _text_of(value: object) -> bytes:
    return laid_out(value).encode("utf-8", "replace")


_TELLING = ("usage", "prompt_tokens", "completion_tokens", "input_tokens", "output_tokens")


def looks_like_a_call(document: dict[str, Any]) -> bool:
    """Whether leaving a record out could lose a call: then it is rejected, and said."""
    return any(name in document for name in _TELLING)
