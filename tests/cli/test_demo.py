"""`llmtop demo --write` leaves logs that the other commands read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import run


def test_the_traffic_it_writes_is_read_back_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "logs"
    written = run(capsys, "demo", "--write", folder, "--rate", "0.5", "--seed", "4")
    assert written.code == 0
    assert f"llmtop --follow {folder}" in written.out
    lines = [
        json.loads(line)
        for path in folder.glob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    asked = {line["request_id"] for line in lines if line["type"] == "request"}
    told = json.loads(run(capsys, "summary", folder, "--json").out)
    assert told["calls"] == len(asked) > 500
    assert told["errors"] > 0
    assert told["unpriced_calls"] > 0
    assert told["traces"] > 0
    assert sum(source["rejected"] for source in told["sources"]) == 0
    for path in folder.glob("*.jsonl"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file")
    told = run(capsys, "demo", "--write", tmp_path / "taken")
    assert told.code != 0
    assert "Traceback" not in told.err
