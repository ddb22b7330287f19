"""What panes and screens tell each other: the app and the screens answer, never the sender."""

from __future__ import annotations

from textual.message import Message

from llmtop.span import Span


class SpanSelected(Message):
    """The cursor stands on another span."""

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span


class TraceSpanSelected(Message):
    """The cursor of a trace's tree stands on another span."""

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span


class SpanOpened(Message):
    """Somebody wants to see a span in full; `part` is `""`, `input`, `output` or `attributes`."""

    def __init__(self, span: Span, part: str = "") -> None:
        super().__init__()
        self.span = span
        self.part = part


class TraceOpened(Message):
    """Somebody wants to see a trace in full, with the cursor on a span of it."""

    def __init__(self, trace_id: str, span: Span | None = None) -> None:
        super().__init__()
        self.trace_id = trace_id
        self.span = span


class LatencyRangeSelected(Message):
    """Somebody wants the calls whose latency lies in a range of seconds."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low = low
        self.high = high


class AlertOpened(Message):
    """Somebody wants to see the calls behind an alert: those of this filter."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class FilterRequested(Message):
    """Somebody wants these words added to the filter, as in `model:gpt-4o`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
