"""Followed files and folders: whatever happens to them, each line comes once and none is lost."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from llmtop.sources import file_set, file_tail
from llmtop.sources.file_set import LINGER_S
from tests.sources.following import append, following, numbered, text


def test_lines_come_once_as_they_are_appended_and_are_found_again(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 5))
    with following(path) as seen:
        assert seen.lines == numbered(0, 5)
        append(path, numbered(5, 9))
        assert seen.look() == numbered(5, 9)
        assert seen.look() == []
        assert seen.read_again() == numbered(0, 9)
        assert seen.status(path).state == "following"


def test_a_file_that_is_empty_at_first_is_read_when_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.touch()
    with following(path) as seen:
        append(path, numbered(0, 2))
        assert seen.look() == numbered(0, 2)


def test_a_file_that_vanishes_and_returns_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 3))
    away = tmp_path.parent / f"{tmp_path.name}-away"
    with following(tmp_path) as seen:
        path.rename(away)
        seen.wait(3 * LINGER_S)
        assert seen.status(path).state == "gone"
        append(away, numbered(3, 4))
        away.rename(path)
        append(path, numbered(4, 5))
        assert seen.look() == numbered(3, 5)
        assert seen.status(path).state == "following"


def test_a_new_file_with_the_name_of_one_that_vanished_is_read(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 3))
    with following(path) as seen:
        path.unlink()
        seen.wait(3 * LINGER_S)
        assert seen.status(path).state == "gone"
        append(path, numbered(10, 13))
        assert seen.look() == numbered(10, 13)


def test_lines_written_to_a_deleted_file_that_is_still_open_are_read(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 3))
    with following(path) as seen, path.open("ab") as writer:
        path.unlink()
        writer.write(text(numbered(3, 5)))
        writer.flush()
        assert seen.look() == numbered(3, 5)
        writer.write(b'{"half":')
        writer.flush()
        assert seen.wait(4 * LINGER_S) == [b'{"half":']  # nothing more will come


def test_a_deleted_file_is_said_to_be_ending_as_soon_as_it_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 3))
    with following(tmp_path) as seen:
        assert seen.status(path).state == "following"
        path.unlink()
        seen.look()
        status = seen.status(path)
        assert (status.state, status.detail) == ("ending", file_tail.NAMELESS)
        seen.wait(3 * LINGER_S)
        assert (status.state, status.detail) == ("gone", None)


def test_a_file_that_only_changed_its_name_is_followed_as_before(tmp_path: Path) -> None:
    path, renamed = tmp_path / "app.jsonl", tmp_path / "app.jsonl.1"
    append(path, numbered(0, 3))
    with following(tmp_path) as seen:
        path.rename(renamed)
        append(path, numbered(3, 5))
        assert seen.look() == numbered(3, 5)
        assert [status.state for status in seen.statuses] == ["following", "following"]


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".jsonl.gz"])
def test_an_inode_used_again_is_another_file(tmp_path: Path, suffix: str) -> None:
    for attempt in range(20):  # whether a number is used again at once is up to the file system
        old = tmp_path / f"old{attempt}{suffix}"
        content = text(numbered(0, 3, f"old{attempt}."))
        if suffix == ".json":
            content = b'{\n  "laid": "out",\n  "over": "lines"\n}\n'
        old.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
        with following(tmp_path) as seen:
            number = old.stat().st_ino
            for known in seen.files._known.values():
                known.member.release()
            old.unlink()
            new = tmp_path / "new.jsonl"
            append(new, numbered(0, 3, "new"))
            same = new.stat().st_ino == number
            assert seen.look() == numbered(0, 3, "new")
            new.unlink()
        if same:
            return
    pytest.skip("this file system does not use inodes again at once")


def test_thousands_of_files_are_all_read_and_then_left_in_peace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1500):
        append(tmp_path / f"{number}.jsonl", numbered(number, number + 1))
    with following(tmp_path) as seen:
        assert sorted(seen.lines) == sorted(numbered(0, 1500))
        assert len(list(Path("/proc/self/fd").iterdir())) < file_set.MOST_OPEN + 100
        asked: list[Path] = []
        poll = file_set.FileTail.poll
        monkeypatch.setattr(
            file_set.FileTail,
            "poll",
            lambda tail, *more: (asked.append(tail.path), poll(tail, *more))[1],
        )
        append(tmp_path / "700.jsonl", numbered(9000, 9001))
        assert seen.look() == numbered(9000, 9001)
        assert set(asked) == {tmp_path / "700.jsonl"}


def test_tail_gives_the_last_lines_of_each_file_and_what_comes(tmp_path: Path) -> None:
    append(tmp_path / "a.jsonl", numbered(0, 100))
    append(tmp_path / "b.jsonl", numbered(100, 101))
    with following(tmp_path, tail_lines=3) as seen:
        assert sorted(seen.lines) == sorted([*numbered(97, 100), *numbered(100, 101)])
        append(tmp_path / "a.jsonl", numbered(200, 210))
        assert seen.look() == numbered(200, 210)


def test_files_not_changed_since_are_left_out(tmp_path: Path) -> None:
    append(tmp_path / "old.jsonl", numbered(0, 3))
    os.utime(tmp_path / "old.jsonl", (1000, 1000))
    append(tmp_path / "new.jsonl", numbered(3, 5))
    with following(tmp_path, since=2000.0) as seen:
        assert seen.lines == numbered(3, 5)
        append(tmp_path / "old.jsonl", numbered(5, 6))
        assert set(numbered(5, 6)) <= set(seen.look())


def test_without_following_what_is_there_is_read_and_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.write_bytes(text(numbered(0, 3)) + b'{"last":"without newline"}')
    with following(path, follow=False) as seen:
        assert seen.lines == [*numbered(0, 3), b'{"last":"without newline"}']
        assert seen.status(path).state == "read"
        append(path, numbered(3, 5))
        assert seen.look() == []


def test_a_compressed_file_is_read_once_and_not_what_was_read_before(tmp_path: Path) -> None:
    old = tmp_path / "2025.jsonl.gz"
    old.write_bytes(gzip.compress(text(numbered(0, 5, "old"))))
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 5))
    with following(tmp_path) as seen:
        found = seen.lines + seen.look()
        assert sorted(found) == sorted([*numbered(0, 5, "old"), *numbered(0, 5)])
        os.utime(old)
        assert seen.look() == []
        append(path, numbered(5, 6))
        packed = tmp_path / "app-1.jsonl.gz"
        packed.write_bytes(gzip.compress(path.read_bytes() + text(numbered(6, 7))))
        path.unlink()
        assert sorted(seen.look() + seen.look()) == numbered(5, 7)


def test_a_document_written_anew_under_its_name_stays_one_source(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    path.write_text('{\n  "a": 1\n}\n')
    with following(tmp_path) as seen:
        first = seen.chunks[0]
        temporary = tmp_path / "session.tmp"
        temporary.write_text('{\n  "a": 1,\n  "b": 2\n}\n')
        temporary.rename(path)
        seen.look()
        seen.look()
        last = seen.chunks[-1]
        assert b'"b": 2' in last.data
        assert (last.source, last.number) == (first.source, first.number)
        seen.wait(3 * LINGER_S)
        assert [status.state for status in seen.statuses] == ["following"]
