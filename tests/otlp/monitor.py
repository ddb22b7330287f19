"""A pump with an OTLP port of its own, moved on the test's thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import httpx

from llmtop.decode.decoder import Decoder
from llmtop.live.live import Live
from llmtop.live.view import Figures, Query, SourceState
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from llmtop.span import Span
from tests.rates import PerMillion
from tests.waiting import PATIENCE_S, wait_until


class Monitor:
    """What a user's running llmtop is, without the screen."""

    def __init__(self, port: int = 0) -> None:
        sources = Sources([], otlp=("127.0.0.1", port), otlp_required=True)
        self.sources = sources
        self.pump = Pump(sources, Decoder(), Live(PerMillion(), follow=True))
        assert self.pump.otlp_port is not None
        self.port = self.pump.otlp_port
        self.url = f"http://127.0.0.1:{self.port}"

    def post(
        self, path: str, body: bytes, kind: str = "application/json", **headers: str
    ) -> httpx.Response:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(
            f"{self.url}{path}",
            content=body,
            headers={"content-type": kind, **told},
            timeout=PATIENCE_S,
        )

    def move(self) -> None:
        """Move all that was taken."""
        while self.pump.step():
            pass

    def until(self, condition: Callable[[Figures], bool]) -> Figures:
        """Move what comes until a condition holds of the totals."""
        self.move()
        wait_until(
            lambda: condition(self.totals()),
            between=self.move,
            told=lambda: f"it never came to that: {self.totals()}",
        )
        return self.totals()

    def totals(self) -> Figures:
        view = self.pump.live.view(Query(window="all"), time.time(), self.pump.honest())
        return view.total

    def calls(self) -> Sequence[Span]:
        view = self.pump.live.view(Query(window="all"), time.time(), self.pump.honest())
        return [call for call in view.calls if call.counted]

    @property
    def port_state(self) -> SourceState:
        (state,) = self.pump.source_states()
        return state


@contextmanager
def monitor(port: int = 0) -> Iterator[Monitor]:
    """A monitor that lets go of its port in the end."""
    running = Monitor(port)
    try:
        yield running
    finally:
        running.pump.close()
