"""The export menu: which spans go to a file, and in which format."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from llmtop.live.view import TraceView
from llmtop.span import Span

Export = Callable[[Sequence[Span], str, str], Generator[int, None, Path]]
"""Writes spans in a format (`jsonl`, `csv`, `otlp`, `markdown`) to a file whose name begins as
said; yields after each span, and returns where they are."""
_WORDS = {
    "jsonl": "JSON lines, a record each",
    "csv": "CSV, for spreadsheets",
    "otlp": "OTLP JSON (OpenTelemetry)",
    "markdown": "Markdown, to be read",
}


class Choice(NamedTuple):
    """One line of the menu."""

    key: str
    what: str
    """What is written, as in "Wrote 3 spans of this trace"."""
    format: str
    stem: str
    """How the file's name begins."""
    spans: Callable[[], Sequence[Span]]

    @property
    def hint(self) -> str:
        """The format in words."""
        return _WORDS[self.format]


def choices(
    span: Span | None, trace: TraceView | None, calls: Sequence[Span], now: float, form: str
) -> list[Choice]:
    """What there is to export: the selected span, its trace, and the calls of the list."""
    found: list[tuple[str, str, str, Callable[[], Sequence[Span]]]] = []
    if span is not None:
        one = span
        noun = "call" if one.is_call else "span"
        stem = f"llmtop-{noun}-{one.request_id or one.span_id}"
        found += [(f"this {noun}", each, stem, lambda: [one]) for each in ("markdown", "jsonl")]
    if trace is not None:
        rows = trace.rows
        what = "this trace" if len(rows) == 1 else f"this trace, {len(rows):,} spans"
        stem = f"llmtop-trace-{trace.trace_id}"
        found += [
            (what, each, stem, lambda: [row.span for row in rows]) for each in ("otlp", "markdown")
        ]
    if calls:
        what = "the call listed" if len(calls) == 1 else f"the {len(calls):,} calls listed"
        moment = datetime.fromtimestamp(now, UTC if form == "utc" else None)
        stem = f"llmtop-calls-{moment:%Y%m%d-%H%M%S}"
        # The list may go on while it is written.
        found += [(what, each, stem, lambda: list(calls)) for each in ("jsonl", "csv", "otlp")]
    return [Choice(str(number), *each) for number, each in enumerate(found, 1)]
