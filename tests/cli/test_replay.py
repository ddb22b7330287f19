"""`llmtop replay` sends recorded traffic out as it came, and says what it did."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import run
from tests.history.logs import NOON, call, write

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def port() -> Any:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(5)
        yield listening


def received(port: socket.socket, count: int) -> list[dict[str, Any]]:
    found = []
    while len(found) < count:
        header, *lines = port.recv(65536).split(b"\n")
        assert header.startswith(b"#llmtop/1 ")
        found += [json.loads(line) for line in lines if line]
    return found


def address(port: socket.socket) -> str:
    return f"udp://127.0.0.1:{port.getsockname()[1]}"


def test_records_are_sent_in_the_order_of_their_moments(
    capsys: Capsys, tmp_path: Path, port: socket.socket
) -> None:
    write(tmp_path / "llm_logs_2025-11-24.jsonl", *call("late", NOON + 5), *call("early", NOON))
    write(tmp_path / "llm_logs_2025-11-25.jsonl", *call("next", NOON + 86_400))
    done = run(capsys, "replay", tmp_path, "--speed", "max", "--to", address(port))
    assert (done.code, "6 records sent" in done.err) == (0, True)
    found = received(port, 6)
    assert [(each["type"], each["request_id"]) for each in found] == [
        (kind, name) for name in ("early", "late", "next") for kind in ("request", "response")
    ]
    assert found[0]["timestamp"].startswith("2025-11-24T12:00:00")


def test_it_begins_where_it_is_told_and_masks_if_told(
    capsys: Capsys, tmp_path: Path, port: socket.socket
) -> None:
    path = write(
        tmp_path / "a.jsonl", *call("a", NOON), *call("b", NOON + 60, content="ada@example.org")
    )
    done = run(
        capsys, "replay", path, "--speed", "max", "--to", address(port), "--mask",
        "--from", "2025-11-24T12:00:30+00:00",
    )  # fmt: skip
    assert done.code == 0
    asked, answered = received(port, 2)
    assert (asked["request_id"], answered["content"]) == ("b", "[EMAIL]")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--speed", "fast"), "is not a speed, such as 1x"),
        (("--speed", "0x"), "is not a speed"),
        (("--to", "tcp://127.0.0.1:1"), "write it as in udp://"),
        (("--to", "udp://127.0.0.1:1", "--from", "2030-01-01"), "no record with a time"),
        ((), "needs a terminal"),
    ],
)
def test_mistakes_are_said(
    capsys: Capsys, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    path = write(tmp_path / "a.jsonl", *call("a"))
    done = run(capsys, "replay", path, *arguments)
    assert done.code in {1, 2}
    assert said in done.err
