"""A monitor for tests: a real UDP port, decoder and index, as behind the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from llmtop.decode.decoder import Decoder
from llmtop.live.live import Live
from llmtop.payload import Payload
from llmtop.pricing import Prices
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from llmtop.span import Span
from tests.waiting import wait_until


class Monitor:
    """What arrived, read when it is asked for."""

    def __init__(self, *specs: str) -> None:
        self.sources = Sources(
            specs, follow=False, udp=None if specs else ("127.0.0.1", 0), udp_required=not specs
        )
        self.live = Live(Prices())
        self.pump = Pump(self.sources, Decoder(), self.live)

    @property
    def address(self) -> str:
        return f"udp://127.0.0.1:{self.pump.udp_port}"

    def read(self) -> None:
        """Take in what has come so far."""
        while self.pump.step(0.05):
            pass

    def wait(self, condition: Callable[[], bool]) -> None:
        """Read until something is true."""
        self.read()
        wait_until(
            condition,
            between=self.read,
            told=lambda: f"it never came; there is {self.spans()[:20]}",
        )

    def spans(self) -> list[Span]:
        """All spans, by their start."""
        return sorted(self.live.index, key=lambda span: span.start)

    def calls(self) -> list[Span]:
        return [span for span in self.spans() if span.is_call]

    def named(self, name: str) -> Span:
        (span,) = [span for span in self.spans() if span.name == name]
        return span

    def call(self) -> Span:
        """The one call there is, once it has ended."""
        self.wait(lambda: bool(self.calls()) and not any(span.running for span in self.calls()))
        (span,) = self.calls()
        return span

    def payload(self, span: Span) -> Payload:
        return self.pump.payload(span)


@contextmanager
def monitoring(*specs: str) -> Iterator[Monitor]:
    monitor = Monitor(*specs)
    try:
        yield monitor
    finally:
        monitor.pump.close()
