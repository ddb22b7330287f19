"""The honest-numbers screen tells of each sender what it sent and what of it came."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from llmtop.live.view import EmitterState, SourceState
from tests.tui.stage import Stage, call, drawn, frame, read_all, the_app, until


def _emitter(name: str, sent: int, lost: int = 0, *, left: bool = False) -> EmitterState:
    return EmitterState(
        name=name, sent=sent, received=sent - lost, lost=lost, duplicates=2, left=left
    )


async def _shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *sources: SourceState, width: int = 80
) -> str:
    stage = Stage(tmp_path)
    stage.write(call(1))
    async with stage.app((width, 90)) as pilot:
        monkeypatch.setattr(the_app(pilot).pump, "source_states", lambda: sources)
        stage.write(call(2))
        await read_all(pilot)
        await pilot.press("exclamation_mark")
        return await until(pilot, lambda text: "127.0.0.1" in text, "the port")


async def test_each_emitter_of_a_port_has_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitters = (_emitter("a1b2", 12_345, 45), _emitter("[/red]\x1b[1m", 7, left=True))
    port = SourceState("udp 127.0.0.1:8127", "udp", "native", "listening", emitters=emitters)
    shown = await _shown(tmp_path, monkeypatch, port)
    assert re.search(r"emitter +sent +received +lost +twice", shown)
    assert re.search(r"a1b2 +12,345 +12,300 +45 +2 ", shown)
    assert re.search(r"\[/red\]␛\[1m +7 +7 +0 +2  finished", shown)


async def test_of_many_emitters_the_rest_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitters = tuple(_emitter(f"e{number}", 10, 1) for number in range(50))
    port = SourceState("udp 127.0.0.1:8127", "udp", "native", "listening", emitters=emitters)
    shown = await _shown(tmp_path, monkeypatch, port)
    assert " e19 " in shown
    assert " e20 " not in shown
    assert "and 30 heard of longer ago, 30 lost" in shown


async def test_what_came_by_otlp_is_told_by_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = {"requests": 4, "spans": 1_234, "log records": 0, "metric data points": 56}
    port = SourceState("otlp 127.0.0.1:4318", "otlp", "otlp", "listening", received=came)
    shown = await _shown(tmp_path, monkeypatch, port)
    assert "4 requests · 1,234 spans · 0 log records · 56 metric data points" in shown


async def test_a_long_path_is_told_to_its_end_with_its_state(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write([*call(1), "{"], "x" * 90 + ".log")
    async with stage.app((80, 24)) as pilot:
        await pilot.press("exclamation_mark", "end")
        await drawn(pilot)
        lines = [line.strip("│┃ ") for line in frame(pilot).splitlines()]
        assert any(line.endswith("x.log  following") for line in lines)
        assert any("3 lines · 1 rejected" in line and "bytes read" in line for line in lines)
        assert any(line.startswith("not JSON") and line.endswith("…") for line in lines)
