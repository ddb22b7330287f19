"""`llmtop --otlp`: the installed command in a pseudo-terminal takes spans and shows the calls."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import click
import httpx
import pytest

from tests.cli.run import run
from tests.otlp.exports import call_span, protobuf
from tests.ports import free_port
from tests.terminal import Terminal, installed


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def terminal(port: int, tmp_path: Path) -> Iterator[Terminal]:
    before = Path.cwd()
    os.chdir(tmp_path)  # where there is no folder of logs
    command = [installed(), "--otlp", str(port), "--no-udp"]
    found = Terminal(command, 120, 36)
    os.chdir(before)
    yield found
    found.child.close(force=True)


@pytest.mark.pty
def test_calls_that_are_sent_appear_and_the_port_is_free_afterwards(
    terminal: Terminal, port: int
) -> None:
    terminal.wait_for(rf"otlp 127\.0\.0\.1:{port}")
    url = f"http://localhost:{port}/v1/traces"
    headers = {"content-type": "application/x-protobuf"}
    assert httpx.post(url, content=protobuf(call_span(0)), headers=headers).status_code == 200
    terminal.wait_for(r"gpt-4o(?s:.)*1 call|Requests · 1\b")
    terminal.child.send("q")
    assert terminal.leave() == 0
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_port_that_is_taken_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ran = run(capsys, "--otlp", port, "--no-udp")
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert f"Port {port} is taken" in ran.err


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The address that the command asks for, and whether it must be had."""
    found: list[object] = []

    def pump(*given: object, **named: object) -> object:
        assert given
        found.extend((named["otlp"], named["otlp_required"]))
        raise click.UsageError("Enough.")

    monkeypatch.setattr("llmtop.cli.assemble.pump", pump)
    return found


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (("--otlp",), ("127.0.0.1", 4318)),
        (("--otlp", "--no-udp"), ("127.0.0.1", 4318)),
        (("--otlp", "5000"), ("127.0.0.1", 5000)),
        (("--otlp", "0.0.0.0:5000"), ("0.0.0.0", 5000)),
        (("--otlp=[::1]:5000",), ("::1", 5000)),
    ],
)
def test_without_an_address_it_is_the_one_that_sdks_send_to(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    asked: list[object],
    arguments: tuple[str, ...],
    address: tuple[str, int],
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert run(capsys, *arguments).err == "llmtop: Enough.\n"
    assert asked == [address, True]


def test_the_environment_opens_the_port_as_well_and_then_it_may_be_taken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, asked: list[object]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    run(capsys)
    assert asked == [None, False]
    monkeypatch.setenv("LLMTOP_OTLP", "4999")
    run(capsys)
    assert asked[2:] == [("127.0.0.1", 4999), False]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--otlp", "nonsense"), "is not a port"),
        (("--otlp", "99999"), "is not a port"),
        (("--otlp", "4318", "--no-follow", "."), "--no-follow"),
    ],
)
def test_a_mistake_with_the_port_is_one_sentence(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    ran = run(capsys, *arguments)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert said in ran.err
