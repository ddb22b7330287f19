"""Until something comes, the screen says exactly how to make something come."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmtop.decode.decoder import Decoder
from llmtop.live.live import Live
from llmtop.pricing import Prices
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from llmtop.tui.app import LlmTop
from tests.tui.stage import NOON, Stage, frame, read_all, until


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


async def test_lines_that_are_not_understood_are_told_of_with_what_to_do(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write(["what is this?"] * 3, name="my app.log")
    async with stage.app((100, 30)) as pilot:
        shown = unwrapped(frame(pilot))
        assert "no line of a log" not in shown
        assert "3 lines, none understood" in shown
        assert "! shows them and why" in shown
        assert "llmtop formats '" in shown


async def test_a_folder_without_a_line_is_told_as_such(tmp_path: Path) -> None:
    async with Stage(tmp_path).app((100, 30)) as pilot:
        shown = unwrapped(frame(pilot))
        assert f"folder {tmp_path}: no line of a log in it yet" in shown
        assert "not understood" not in shown


def unwrapped(text: str) -> str:
    """The screen's text without the pane's edges and the breaks of long lines."""
    return " ".join(line.strip(" │") for line in text.splitlines())


async def test_files_of_a_folder_are_told_by_their_names_in_it(tmp_path: Path) -> None:
    folder = tmp_path / ("a-folder-with-a-rather-long-name" * 3)
    folder.mkdir()
    stage = Stage(folder)
    stage.write(["nothing to see"], "one.log")
    async with stage.app((80, 24)) as pilot:
        lines = [line.strip("│ ") for line in frame(pilot).splitlines()]
        assert "one.log: following, 1 line, none understood" in lines


async def test_what_is_advised_for_a_strange_file_is_short_where_it_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stage = Stage(tmp_path)
    stage.write(["nothing to see"] * 3, "server-of-the-eu-with-a-long-name-" * 3 + ".log")
    stage.write(["nothing to see"], "two words.log")
    async with stage.app((80, 24)) as pilot:
        assert "llmtop formats 'two words.log'" in frame(pilot)


async def test_the_keys_that_are_told_are_those_that_the_user_has_laid(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write(["nothing to see"])
    async with stage.app(keys={"app.help": "h", "app.honest": "f9"}) as pilot:
        assert "h shows all keys, q quits" in frame(pilot)
        assert "f9 shows them and why" in frame(pilot)
