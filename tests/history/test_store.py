"""The store: what arrives lies in the day's file, in whole lines, whoever is killed meanwhile."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from llmtop.history.store import StoreError, StoreWriter

NOON = 1_764_000_000.0
"""2025-11-24, in seconds since the epoch."""


class Clock:
    now = NOON

    def __call__(self) -> float:
        return self.now


def line(number: int) -> bytes:
    return b'{"n":%d}\n' % number


def numbers(path: Path) -> list[int]:
    return [json.loads(each)["n"] for each in path.read_text().splitlines()]


def test_lines_lie_in_the_file_of_their_day_that_only_the_owner_reads(tmp_path: Path) -> None:
    clock = Clock()
    store = StoreWriter(tmp_path / "new" / "folder", clock)
    store.append(line(1))
    clock.now += 86_400
    store.append(line(2) + line(3))
    store.close()
    first, second = sorted((tmp_path / "new" / "folder").iterdir())
    assert (first.name, second.name) == (
        "llm_logs_2025-11-24.jsonl",
        "llm_logs_2025-11-25.jsonl",
    )
    assert (numbers(first), numbers(second)) == ([1], [2, 3])
    assert stat.S_IMODE(first.stat().st_mode) == 0o600


def test_a_file_that_was_deleted_is_begun_anew(tmp_path: Path) -> None:
    clock = Clock()
    store = StoreWriter(tmp_path, clock)
    store.append(line(1))
    (tmp_path / "llm_logs_2025-11-24.jsonl").unlink()
    clock.now += 1
    store.append(line(2))
    store.close()
    assert numbers(tmp_path / "llm_logs_2025-11-24.jsonl") == [2]


def test_what_a_killed_writer_left_unfinished_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "llm_logs_2025-11-24.jsonl"
    path.write_bytes(line(1) + b'{"n":2, "text": "never fin')
    store = StoreWriter(tmp_path, Clock())
    store.append(line(3))
    store.close()
    assert numbers(path) == [1, 3]


def test_another_writer_does_not_continue_an_unfinished_line(tmp_path: Path) -> None:
    path = tmp_path / "llm_logs_2025-11-24.jsonl"
    one, other = StoreWriter(tmp_path, Clock()), StoreWriter(tmp_path, Clock())
    one.append(line(1))
    with path.open("ab") as dying:
        dying.write(b'{"n":2, "te')
    other.append(line(3))
    one.append(line(4))
    one.close()
    other.close()
    lines = path.read_bytes().splitlines(keepends=True)
    assert lines == [line(1), b'{"n":2, "te\n', line(3), line(4)]


def test_what_cannot_be_written_is_counted_said_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = StoreWriter(tmp_path, Clock())
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        del descriptor, data
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    store.append(line(1))
    assert store.status.state == "failed"
    assert (
        store.status.detail == f"{len(line(1))} bytes were not recorded: no space left on device."
    )
    monkeypatch.setattr(os, "write", write)
    store.append(line(2))
    assert store.status.state == "recording"
    store.close()
    assert numbers(tmp_path / "llm_logs_2025-11-24.jsonl") == [2]


def test_a_folder_that_is_a_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be recorded to"):
        StoreWriter(tmp_path / "file")


RECORDER = """
import sys
from pathlib import Path
from llmtop.history.store import StoreWriter
store = StoreWriter(Path(sys.argv[1]), lambda: 1764000000.0)
number = int(sys.argv[2])
while True:
    store.append(b"".join(
        b'{"n":%d,"text":"%s"}\\n' % (each, b"x" * (each % 3000))
        for each in range(number, number + 50)
    ))
    number += 50
    print(number, flush=True)
"""


def test_killing_the_recorder_leaves_whole_lines_none_twice_and_none_missing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "llm_logs_2025-11-24.jsonl"
    number = 0
    for kill in range(8):
        recorder = subprocess.Popen(
            [sys.executable, "-c", RECORDER, str(tmp_path), str(number)], stdout=subprocess.PIPE
        )
        assert recorder.stdout is not None
        for _ in range(20 + 7 * kill):
            acknowledged = int(recorder.stdout.readline())
        recorder.send_signal(signal.SIGKILL)
        recorder.wait()
        told = recorder.stdout.read().split()
        recorder.stdout.close()
        acknowledged = int(told[-1]) if told else acknowledged
        whole = path.read_bytes()
        whole = whole[: whole.rfind(b"\n") + 1]
        found = [json.loads(each)["n"] for each in whole.splitlines()]
        assert found == list(range(len(found)))
        assert len(found) >= acknowledged
        number = len(found)
    assert number > 8 * 20 * 50
