"""`llmtop serve`: it starts, says where, ends in order, and is careful about who can ask."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from llmtop.cli import serve
from tests.cli.run import run
from tests.waiting import PATIENCE_S, wait_until


class Running:
    """The installed command, serving."""

    def __init__(self, process: subprocess.Popen[str], said: list[str]) -> None:
        self.process = process
        self.said = said
        address = re.search(r"http://[^ )]+", said[0])
        assert address is not None, said
        self.url = address[0]

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.url + path, headers=headers, timeout=PATIENCE_S, trust_env=False)


@contextmanager
def serving(*arguments: object, **environment: str) -> Iterator[Running]:
    program = "from llmtop.cli.main import main; main()"
    command = [sys.executable, "-c", program, "serve", "--port", "0", *map(str, arguments)]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    assert process.stderr is not None
    said = []
    try:
        for line in process.stderr:
            said.append(line.rstrip())
            if line.startswith("llmtop serves"):
                break
        yield Running(process, said[-1:] + said)
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def test_it_serves_a_folder_and_ends_in_order(tmp_path: Path) -> None:
    record = {"type": "request", "request_id": "r1", "timestamp": time.time(), "model": "gpt-4o"}
    (tmp_path / "app.jsonl").write_text(json.dumps(record) + "\n")
    with serving("--follow", tmp_path, "--no-udp") as running:
        wait_until(lambda: running.get("/v1/logs").json()["logs"])
        assert running.get("/v1/logs").json()["logs"][0]["request_id"] == "r1"
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(PATIENCE_S) == 0


def test_a_token_from_the_environment_is_asked_for(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-udp", LLMTOP_TOKEN="secret") as running:
        assert running.get("/v1/logs").status_code == 401
        assert running.get("/v1/logs", Authorization="Bearer secret").status_code == 200
        assert "secret" not in "".join(running.said)


def test_an_alert_is_said_when_it_fires(tmp_path: Path) -> None:
    record = {"type": "request", "request_id": "r1", "timestamp": time.time(), "model": "gpt-4o"}
    (tmp_path / "app.jsonl").write_text(json.dumps(record) + "\n")
    with serving(tmp_path, "--no-udp", "--alert", "in_flight > 0") as running:
        assert running.process.stderr is not None
        for line in running.process.stderr:
            if line.startswith("ALERT"):
                break
        assert line == "ALERT: in_flight > 0: in_flight is 1 (now; limit 0)\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "give a --token, or --open"),
        (["--cors", "app.example"], "an origin is written as https://app.example"),
        (["--cors", "https://app.example/"], "an origin is written as"),
        (["--cors", "https://App.example"], "an origin is written as"),
        (["--cors", "*"], "each is to be named"),
        (["--cors", "http://[::1"], "an origin is written as"),
        (["--alert", "speed > 3"], "there is no figure speed"),
        (["/nowhere/at/all", "--no-udp"], "There is no file or folder"),
        (["--host", "no.such.host.invalid", "--token", "x"], "There is no host named"),
        (["--port", "70000"], "70000"),
        (["--keep", "30d"], "are for what --record writes"),
    ],
)
def test_a_mistake_is_said_in_a_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = run(capsys, "serve", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_port_that_is_taken_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(tmp_path, "--no-udp") as running:
        port = running.url.rpartition(":")[2]
        ran = run(capsys, "serve", tmp_path, "--no-udp", "--port", port)
    assert ran.code == 2
    assert f"Port {port} is taken" in ran.err


def test_serving_others_without_a_token_is_said_loudly(
    capsys: pytest.CaptureFixture[str],
) -> None:
    serve._check_open("0.0.0.0", None, True)
    assert "WARNING: whoever reaches 0.0.0.0 can read prompts" in capsys.readouterr().err
    serve._check_open("0.0.0.0", "secret", False)
    serve._check_open("127.0.0.1", None, False)
    assert capsys.readouterr().err == ""


def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve, "_NEEDED", ("fastapi", "no_such_package_anywhere"))
    ran = run(capsys, "serve")
    assert ran.code == 2
    assert ran.err == f"llmtop: {serve.MISSING}\n"
