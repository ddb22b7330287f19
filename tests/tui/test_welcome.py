"""Until something comes, the screen says exactly how to make something come."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from llmtop.decode.decoder import Decoder
from llmtop.live.live import Live
from llmtop.pricing import Prices
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from llmtop.tui.app import LlmTop
from tests.tui.stage import NOON, frame, read_all, until


def pump_on(port: int) -> Pump:
    sources = Sources([], udp=("127.0.0.1", port))
    return Pump(sources, Decoder(), Live(Prices()), clock=lambda: NOON)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        yield other.getsockname()[1]


async def test_the_address_that_is_listened_on_is_told_and_works() -> None:
    pump = pump_on(0)
    try:
        async with LlmTop(pump).run_test(size=(80, 24)) as pilot:
            await read_all(pilot)
            assert f"export LLMTOP_SINK=udp://127.0.0.1:{pump.udp_port}" in frame(pilot)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as app:
                record = b'{"type": "request", "request_id": "r1", "model": "my-model"}\n'
                app.sendto(record, ("127.0.0.1", pump.udp_port))
            await until(pilot, lambda text: "my-model" in text, "the call that was sent")
    finally:
        pump.close()


async def test_a_port_that_another_program_has_is_not_advised(taken_port: int) -> None:
    pump = pump_on(taken_port)
    try:
        async with LlmTop(pump).run_test(size=(80, 24)) as pilot:
            await read_all(pilot)
            shown = frame(pilot)
            assert "failed" in shown
            assert "LLMTOP_SINK" not in shown
            assert "--follow" in shown
    finally:
        pump.close()
