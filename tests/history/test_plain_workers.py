"""Several processes sum large logs up, to the very figures of one, and none of them stays."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from llmtop.history import files, plain_workers, scan
from llmtop.history.parts import parts
from llmtop.history.plain_records import OutOfTheOrdinary
from llmtop.history.plain_workers import Work, summed
from llmtop.history.query import Answer, Question
from llmtop.history.totals import Found, rows_of
from llmtop.pricing import Override, Prices
from tests.history.logs import DAY, NOON, call, request, response, write

PRICES = Prices((Override("gpt-4o*", 1.0, 4.0),))


@pytest.fixture(params=["fork", "spawn"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways in which systems start processes."""
    context = multiprocessing.get_context(request.param)
    monkeypatch.setattr(plain_workers, "_context", lambda: context)
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for day in range(3):
        begun = [request(f"late{day - 1}", NOON + (day - 1) * DAY)] if day == 0 else []
        write(
            tmp_path / "logs" / f"llm_logs_2025-11-{24 + day}.jsonl",
            *begun,
            response(f"late{day - 1}", NOON + day * DAY, latency_ms=500.0),
            *(
                each
                for n in range(200)
                for each in call(
                    f"{day}-{n}",
                    NOON + day * DAY + n,
                    error="boom" if n % 9 == 0 else None,
                    model=f"gpt-4o{n % 2 or ''}",
                )
            ),
            request(f"late{day}", NOON + day * DAY + 300),
        )
    return tmp_path / "logs"


def work(folder: Path, size: int = 10_000) -> Work:
    return Work(list(parts(files.find([folder]), size)), "model", PRICES, None, None)


def asked(folder: Path, workers: int, **told: Any) -> list[dict[str, Any]]:
    return list(Answer(Question((folder,), by="model"), prices=PRICES, workers=workers, **told))


def test_several_processes_give_the_figures_of_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    found = summed(work(folder), 3, lambda read, total: told.append((read, total)))
    assert list(rows_of(found, "model")) == asked(folder, 1)
    assert sum(tally.calls for tally in found.values()) == 604
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert told[-1] == (size, size)
    assert told == sorted(told)

    def unexpected(*_: object) -> Found:
        raise AssertionError("small logs are not worth other processes")

    monkeypatch.setattr(plain_workers, "summed", unexpected)
    assert asked(folder, 3)


def test_large_logs_are_shared_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "WORTH_SHARING", 1)
    shared = []
    monkeypatch.setattr(
        plain_workers, "summed", lambda *args: (shared.append(args[1]), summed(*args))[1]
    )
    assert asked(folder, 2) == asked(folder, 1)
    assert shared == [2]


@pytest.mark.parametrize("odd", ["told twice", "another format", "missing"])
def test_what_one_process_finds_odd_is_left_to_the_rules(folder: Path, odd: str) -> None:
    last = folder / "llm_logs_2025-11-26.jsonl"
    asked_for = work(folder)
    if odd == "told twice":
        write(folder / "llm_logs_2025-11-27.jsonl", *call("0-0", NOON + 3 * DAY))
        asked_for = work(folder)
    elif odd == "another format":
        last.write_bytes(last.read_bytes().rpartition(b"\n{")[0] + b'\n{"usage": {}}\n')
    else:
        last.unlink()
    with pytest.raises(OutOfTheOrdinary):
        summed(asked_for, 2)
    assert multiprocessing.active_children() == []


class Deadly(Prices):
    """Ends the process that asks."""

    def rates(self, *_: object) -> None:
        os._exit(9)


def test_a_worker_that_dies_is_no_answer(folder: Path) -> None:
    asked_for = work(folder)
    asked_for.prices = Deadly()
    with pytest.raises(OutOfTheOrdinary):
        summed(asked_for, 2)
    assert multiprocessing.active_children() == []


def test_no_process_stays_when_the_asking_is_broken_off(folder: Path) -> None:
    def interrupted(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        summed(work(folder), 2, interrupted)
    assert multiprocessing.active_children() == []


KILLED = """
import multiprocessing, os, signal, sys
from pathlib import Path
from llmtop.history import files, plain_workers
from llmtop.history.parts import parts
from llmtop.pricing import Prices

way, folder = sys.argv[1:]
found = list(parts(files.find([Path(folder)]), 10_000))
plain_workers._context = lambda: multiprocessing.get_context(way)
work = plain_workers.Work(found, "model", Prices(), None, None)
plain_workers.summed(work, 2, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_workers_end_when_the_process_that_asks_is_killed(folder: Path, way: str) -> None:
    # What it writes ends when all that write there have ended.
    done = subprocess.run(
        [sys.executable, "-c", KILLED, way, str(folder)],
        stdout=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL


def test_without_processes_the_rules_read_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refused(multiprocessing.Process):
        def start(self) -> None:
            raise BlockingIOError("no more processes")

    class Context:
        Pipe = staticmethod(multiprocessing.Pipe)
        Process = Refused
        get_start_method = staticmethod(multiprocessing.get_start_method)

    monkeypatch.setattr(scan, "WORTH_SHARING", 1)
    monkeypatch.setattr(plain_workers, "_context", Context)
    assert asked(folder, 2) == asked(folder, 1)
