"""`llmtop prune` lets go of stored days and of nothing else, and says so."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.run import run
from tests.history.logs import call, text

Capsys = pytest.CaptureFixture[str]


def day(days_ago: int) -> str:
    moment = datetime.now(UTC) - timedelta(days=days_ago)
    return f"llm_logs_{moment:%Y-%m-%d}.jsonl"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    for days_ago in (0, 1, 5, 40):
        (folder / day(days_ago)).write_bytes(text(call(f"r{days_ago}") * 50))
    others = "notes.txt app.jsonl llm_logs_2020-01-01.jsonl.bak llm_logs_2020-13-01.jsonl"
    for name in others.split():
        (folder / name).write_text("mine")
        os.utime(folder / name, (0, 0))
    (folder / "llm_logs_2020-01-02.jsonl").mkdir()
    (folder / "elsewhere").write_text("mine")
    (folder / "llm_logs_2020-01-03.jsonl").symlink_to(folder / "elsewhere")
    return folder


def listed(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_old_days_leave_and_nothing_else_is_touched(capsys: Capsys, store: Path) -> None:
    before = listed(store)
    done = run(capsys, "prune", store, "--keep", "30d")
    assert done.code == 0
    assert listed(store) == before - {day(40)}
    assert done.out.startswith(f"{day(40)} deleted (")


def test_a_dry_run_says_the_same_and_does_nothing(capsys: Capsys, store: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in store.iterdir()}
    done = run(capsys, "prune", store, "--keep", "30d", "--compress", "2d", "--dry-run")
    assert f"{day(40)} would be deleted" in done.out
    assert f"{day(5)} would be compressed" in done.out
    assert {path: path.stat().st_mtime_ns for path in store.iterdir()} == before


def test_the_oldest_leave_until_the_size_holds_but_today_stays(capsys: Capsys, store: Path) -> None:
    size = (store / day(0)).stat().st_size
    run(capsys, "prune", store, "--max-size", str(2 * size))
    assert {name for name in listed(store) if (store / name).stat().st_size == size} == {
        day(0),
        day(1),
    }
    run(capsys, "prune", store, "--max-size", "1")
    assert day(0) in listed(store)
    assert day(1) not in listed(store)


def test_compressed_days_hold_all_and_are_read(capsys: Capsys, store: Path) -> None:
    content = (store / day(5)).read_bytes()
    done = run(capsys, "prune", store, "--compress", "2d")
    assert f"{day(5)} compressed" in done.out
    packed = store / f"{day(5)}.gz"
    assert gzip.decompress(packed.read_bytes()) == content
    assert day(5) not in listed(store)
    assert day(1) in listed(store)
    assert packed.stat().st_mode & 0o777 == 0o600
    assert "r5" in run(capsys, "query", packed).out
    assert run(capsys, "prune", store, "--compress", "2d").out == "Nothing to do.\n"


def test_a_day_that_was_compressed_halfway_is_compressed_once(capsys: Capsys, store: Path) -> None:
    content = (store / day(5)).read_bytes()
    packed = store / f"{day(5)}.gz"
    packed.write_bytes(gzip.compress(content))
    run(capsys, "prune", store, "--compress", "2d")
    assert gzip.decompress(packed.read_bytes()) == content
    # What a late writer adds to a compressed day is added to it.
    (store / day(5)).write_bytes(text(call("late")))
    run(capsys, "prune", store, "--compress", "2d")
    assert gzip.decompress(packed.read_bytes()) == content + text(call("late"))


def test_what_cannot_be_meant_is_said(capsys: Capsys, store: Path, tmp_path: Path) -> None:
    assert "Say what is kept" in run(capsys, "prune", store).err
    assert "There is no folder" in run(capsys, "prune", tmp_path / "gone", "--keep", "1d").err
    assert run(capsys, "prune", store, "--keep", "forever").code == 2


@pytest.mark.parametrize("option", ["--keep", "--compress"])
def test_a_number_that_does_not_say_of_what_is_refused(
    option: str, capsys: Capsys, store: Path
) -> None:
    before = listed(store)
    done = run(capsys, "prune", store, option, "30")
    assert done.code == 2
    assert "30 of what? Say it as in 30d or 30h" in done.err
    assert listed(store) == before
