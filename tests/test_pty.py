"""The installed command in a pseudo-terminal, as a person at a keyboard has it."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.terminal import Terminal, installed

pytestmark = pytest.mark.pty


@pytest.fixture(params=[(160, 50), (80, 24)], ids=["160x50", "80x24"])
def demo(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    columns, rows = request.param
    port = free_port(socket.SOCK_DGRAM)
    command = [installed(), "demo", "--seed", "3", "--udp", f"127.0.0.1:{port}"]
    terminal = Terminal(command, columns, rows)
    yield terminal
    terminal.child.close(force=True)


def test_a_call_is_followed_to_its_prompt_and_its_trace_and_back(demo: Terminal) -> None:
    before = demo.wait_for(r"demo ● live[^│]*?\n(?s:.)*(?:gpt-4o|claude|gemini)")
    demo.wait(lambda text: text != before, "the screen live")
    demo.child.send("j" * 14)
    demo.wait_for(r"held")
    demo.child.send("i")
    demo.wait_for(r"(?i)(?:user|system|input)(?s:.)*esc back")
    demo.child.send("\r")
    demo.wait_for(r"span (?s:.)*[━█▬](?s:.)*esc back")
    demo.child.send("\x1b")
    demo.wait_for(r"o output(?s:.)*esc back")
    demo.child.send("\x1b")
    demo.wait_for(r"Requests(?s:.)*held(?s:.)*q quit")
    demo.child.send("q")
    assert demo.leave() == 0
    assert_terminal_is_given_back(demo)


def test_a_terminated_demo_gives_the_terminal_back(demo: Terminal) -> None:
    demo.wait_for(r"● live")
    demo.child.kill(signal.SIGTERM)
    demo.leave()
    assert_terminal_is_given_back(demo)


def test_a_log_is_followed_and_filtered(tmp_path: Path) -> None:
    log = tmp_path / "app.jsonl"
    log.write_text(line("first", "gpt-4o"), "utf-8")
    terminal = Terminal([installed(), "--no-udp", "--follow", str(tmp_path)], 120, 36)
    try:
        terminal.wait_for(r"gpt-4o")
        with log.open("a", encoding="utf-8") as opened:
            opened.write(line("second", "claude-haiku-4-5"))
        terminal.wait_for(r"claude-haiku-4-5")
        terminal.child.send("/model:claude\r")
        terminal.wait(lambda text: "gpt-4o" not in text, "only Claude's calls")
        terminal.child.send("q")
        assert terminal.leave() == 0
    finally:
        terminal.child.close(force=True)


@pytest.mark.parametrize(
    ("environment", "colours"),
    [
        ({"COLORTERM": "truecolor"}, {"24 bit", "reverse or 16"}),
        ({"TERM": "xterm"}, {"reverse or 16"}),
        ({"NO_COLOR": "1"}, set()),
    ],
    ids=["truecolor", "16 colours", "NO_COLOR"],
)
def test_only_colours_that_the_terminal_has_are_used(
    tmp_path: Path, environment: dict[str, str], colours: set[str]
) -> None:
    (tmp_path / "app.jsonl").write_text(line("first", "gpt-4o"), "utf-8")
    command = [installed(), "--no-udp", "--follow", str(tmp_path)]
    terminal = Terminal(command, 120, 36, **environment)
    try:
        terminal.wait_for(r"gpt-4o")
        terminal.child.send("q")
        terminal.leave()
    finally:
        terminal.child.close(force=True)
    told = re.findall(rb"\x1b\[([\d;]*)m", terminal.received)
    assert told
    kinds = {kind for codes in told for kind in kinds_of_colour(codes.decode().split(";"))}
    assert kinds <= colours
    assert len(kinds) == bool(colours) or kinds == colours


def kinds_of_colour(codes: list[str]) -> set[str]:
    """What colours an SGR sequence uses."""
    if "38" in codes or "48" in codes:
        return {"24 bit" if "2" in codes else "256"}
    plain = {int(code) for code in codes if code}
    return {"reverse or 16"} if plain & {*range(30, 38), *range(40, 48), *range(90, 108)} else set()


def line(request: str, model: str) -> str:
    opening = {"type": "request", "request_id": request, "model": model, "timestamp": time.time()}
    return json.dumps(opening) + "\n"


def assert_terminal_is_given_back(terminal: Terminal) -> None:
    received = terminal.received
    assert b"\x1b[?1049h" in received, "never took the alternate screen"
    assert received.rindex(b"\x1b[?1049l") > received.rindex(b"\x1b[?1049h")
    assert received.rindex(b"\x1b[?25h") > received.rindex(b"\x1b[?25l")
    assert b"Traceback" not in received
