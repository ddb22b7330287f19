"""What a format is: it knows its records by sight, reads them, and finds the payload in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from llmtop.decode.explanation import Explanation
from llmtop.decode.shapes import Shape
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

Document = Mapping[str, Any]
"""One decoded JSON object."""


class Unreadable(ValueError):  # noqa: N818 - it is a verdict on a record, not a fault
    """A record that is of the format and makes no sense; its text is the reason."""


class Format:
    """Base of all formats; there is one instance a source, so that a format can remember."""

    name: ClassVar[str]
    """As `llmtop formats` and the sources' list show it."""
    beginnings: ClassVar[tuple[bytes, ...]] = ()
    """Beginnings of lines by which the format is certain, however long the line."""
    shape: ClassVar[Shape | None] = None
    """What of a line has to be decoded for its figures, where that is less than all of it."""
    is_certain: ClassVar[bool] = True
    """Whether no other format could know better what a document is that this one recognises."""
    reads_chunks: ClassVar[bool] = True
    """Whether many lines at once are quicker than one by one."""

    @property
    def note(self) -> str | None:
        """A sentence on what a source of this format cannot tell, or `None`."""
        return None

    def explain(self) -> Explanation:
        """How records of this format are understood."""
        return Explanation(self.name, "certain: records have names of the format's own")

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Whether a document is certainly of this format."""
        raise NotImplementedError

    @classmethod
    def may_be(cls, document: Document) -> bool:
        """Whether a record with these keys may be of this format, its values plain or absent."""
        return cls.recognises(document)

    def read_known(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What a document tells that is like one that was read; `None` sends it the usual way."""
        return self.read(document, place)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """What a document tells; `None` if it isn't of this format, empty if it tells nothing.

        Raises Unreadable for a record that is of the format and broken.
        """
        raise NotImplementedError

    def read_line(self, line: bytes, place: int) -> Sequence[Fragment] | None:
        """A quicker way to read one line; `None` sends it the usual way.

        Raises Unreadable, which sends it the usual way too.
        """
        document = self.shape.line(line) if self.shape is not None else None
        if document is None or not self.recognises(document):
            return None
        return self.read(document, place)

    def read_lines(self, data: bytes, lines: int, place: int) -> Sequence[Fragment] | None:
        """A quicker way to read all lines of a chunk; `None` sends them one by one.

        Nothing is remembered of lines that are sent on.
        """
        documents = self.shape.lines(data, lines) if self.shape is not None else None
        if documents is None or not all(map(self.recognises, documents)):
            return None
        found: list[Fragment] = []
        for at, document in enumerate(documents, place):
            fragments = self.read(document, at)
            if fragments is not None:
                found += fragments
        return found

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Add what a document tells of a span's heavy part."""
        raise NotImplementedError


def with_plain_type(document: dict[str, Any]) -> dict[str, Any]:
    """The document, its type left out if it is no text: formats look a type up by its name."""
    if isinstance(document.get("type"), str | None):
        return document
    return {**document, "type": None}


_BOTH = int(Flag.OPENED | Flag.ENDED)


def lasts_until(span_id: str, operation: str, trace_id: str | None, end: float | None) -> Fragment:
    """A turn or an agent goes on until a moment; told whole, also if its beginning is left out."""
    return Fragment(
        span_id=span_id, trace_id=trace_id, operation=operation, end=end, flags=_BOTH, status="ok"
    )


def tells_of(fragment: Fragment, span: Span) -> bool:
    """Whether a fragment is of this span."""
    if fragment.span_id is not None:
        key = span.span_id.removeprefix(f"{span.trace_id}/")
        return fragment.span_id == key
    if fragment.request_id is not None:
        return fragment.request_id in (span.request_id, span.span_id) or span.span_id.startswith(
            f"{fragment.request_id}#"
        )
    return True
