"""The file sink: daily files, for several processes, through rotation and full disks."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from llmtop.emit import file
from llmtop.emit.file import FileSink
from tests.emit.monitor import monitoring


def lines(folder: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [1_700_000_000.0]

    class Clock:
        strftime = staticmethod(time.strftime)
        gmtime = staticmethod(time.gmtime)
        time = staticmethod(lambda: moment[0])

    monkeypatch.setattr(file, "time", Clock)
    return moment


def test_each_day_has_a_file_that_only_its_owner_reads(tmp_path: Path, clock: list[float]) -> None:
    sink = FileSink(str(tmp_path / "logs"))
    sink.send({"n": 1})
    clock[0] += 86400
    sink.send({"n": 2})
    sink.close()
    found = sorted((tmp_path / "logs").iterdir())
    assert [path.name for path in found] == [
        "llm_logs_2023-11-14.jsonl",
        "llm_logs_2023-11-15.jsonl",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600}
    assert [line["n"] for line in lines(tmp_path / "logs")] == [1, 2]


def test_nothing_is_opened_before_the_first_record(tmp_path: Path) -> None:
    sink = FileSink(str(tmp_path / "logs"))
    assert not (tmp_path / "logs").exists()
    sink.close()
    assert sink.stats()[f"file:{tmp_path / 'logs'}"] == (0, 0, {})


def test_the_monitor_reads_what_was_written(tmp_path: Path) -> None:
    sink = FileSink(str(tmp_path))
    sink.send({"type": "request", "request_id": "r", "timestamp": 1_700_000_000, "model": "m"})
    sink.send({"type": "response", "request_id": "r", "latency_ms": 5.0, "prompt_tokens": 3})
    sink.close()
    with monitoring(str(tmp_path)) as monitor:
        assert monitor.call().input_tokens == 3


def test_a_file_that_is_moved_away_is_begun_anew(tmp_path: Path, clock: list[float]) -> None:
    sink = FileSink(str(tmp_path))
    sink.send({"n": 1})
    (today,) = tmp_path.iterdir()
    today.rename(tmp_path / "old.jsonl")
    clock[0] += 1
    sink.send({"n": 2})
    sink.close()
    assert json.loads(today.read_text()) == {"n": 2}


def write_many(folder: str, first: int) -> None:
    sink = FileSink(folder)
    for number in range(first, first + 500):
        sink.send({"n": number, "text": "x" * (number % 1000)})
    sink.close()


def test_several_processes_write_whole_lines_into_one_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [
        context.Process(target=write_many, args=(str(tmp_path), at * 500)) for at in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert sorted(line["n"] for line in lines(tmp_path)) == list(range(2000))


def test_threads_write_through_the_change_of_days(tmp_path: Path, clock: list[float]) -> None:
    sink = FileSink(str(tmp_path))

    def work(first: int) -> None:
        for number in range(first, first + 200):
            clock[0] += 3600
            sink.send({"n": number})

    threads = [threading.Thread(target=work, args=(at * 200,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sink.close()
    assert sorted(line["n"] for line in lines(tmp_path)) == list(range(800))
    assert sink.dropped == {}


def test_a_full_disk_is_counted_and_tears_no_other_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = FileSink(str(tmp_path))
    sink.send({"n": 1})
    real = os.write
    room = [5]

    def nearly_full(descriptor: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = real(descriptor, data[: room[0]])
        room[0] -= written
        return written

    monkeypatch.setattr(os, "write", nearly_full)
    sink.send({"n": 2})
    monkeypatch.undo()
    sink.send({"n": 3})
    sink.close()
    (path,) = tmp_path.iterdir()
    first, torn, last = path.read_text().splitlines()
    assert (json.loads(first), torn, json.loads(last)) == ({"n": 1}, '{"n":', {"n": 3})
    assert sink.dropped == {"No space left on device": 1}
    assert sink.sent == 2


def test_a_folder_that_cannot_be_made_is_counted(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    sink = FileSink(str(tmp_path / "taken"))
    sink.send({"n": 1})
    assert list(sink.dropped.values()) == [1]
    assert sink.sent == 0


def test_a_forked_child_does_not_wait_for_a_lock_of_its_parent(tmp_path: Path) -> None:
    sink = FileSink(str(tmp_path))
    sink.send({"n": 1})
    with sink._lock:
        child = os.fork()
        if child == 0:
            sink.send({"n": 2})
            os._exit(0 if sink.sent == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    sink.close()
    assert [line["n"] for line in lines(tmp_path)] == [1, 2]


def test_a_program_may_change_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sink = FileSink("logs")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    sink.send({"n": 1})
    sink.close()
    assert lines(tmp_path / "logs") == [{"n": 1}]
