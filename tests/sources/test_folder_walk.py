"""Folders are looked through with their links, once each, and what is closed is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmtop.sources.folder_walk import is_log
from tests.sources.following import append, following, numbered


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("a.jsonl", True),
        ("a.ndjson", True),
        ("a.log", True),
        ("a.json", True),
        ("a.jsonl.gz", True),
        ("a.txt", False),
        ("a.gz", False),
        ("jsonl", False),
    ],
)
def test_names_that_are_logs_of_a_folder(name: str, read: bool) -> None:
    assert is_log(name) == read


def test_files_and_folders_that_appear_later_are_read(tmp_path: Path) -> None:
    with following(tmp_path) as seen:
        assert seen.lines == []
        append(tmp_path / "a.jsonl", numbered(0, 2))
        assert seen.look() == numbered(0, 2)
        deep = tmp_path / "new" / "folder"
        deep.mkdir(parents=True)
        append(deep / "b.log", numbered(2, 4))
        append(deep / "c.txt", numbered(4, 6))
        append(deep / ".hidden.jsonl", numbered(4, 6))
        assert seen.look() == numbered(2, 4)


def test_links_are_followed_and_a_file_with_two_names_comes_once(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    append(real / "a.jsonl", numbered(0, 3))
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "linked.jsonl").symlink_to(real / "a.jsonl")
    (logs / "folder").symlink_to(real)
    os.link(real / "a.jsonl", logs / "hard.jsonl")
    (logs / "broken.jsonl").symlink_to(tmp_path / "nowhere")
    with following(logs) as seen:
        assert seen.lines == numbered(0, 3)
        append(real / "a.jsonl", numbered(3, 4))
        assert seen.look() == numbered(3, 4)


def test_loops_of_links_end(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "up").symlink_to(tmp_path)
    (folder / "self.jsonl").symlink_to(folder / "self.jsonl")
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    append(folder / "app.jsonl", numbered(0, 3))
    with following(tmp_path) as seen:
        assert seen.lines == numbered(0, 3)


def test_a_link_that_is_pointed_elsewhere_leads_to_the_new_file(tmp_path: Path) -> None:
    append(tmp_path / "monday.jsonl", numbered(0, 3))
    append(tmp_path / "tuesday.jsonl", numbered(3, 5))
    link = tmp_path / "current"
    link.symlink_to("monday.jsonl")
    with following(link) as seen:
        assert seen.lines == numbered(0, 3)
        append(tmp_path / "monday.jsonl", numbered(10, 11))
        link.unlink()
        link.symlink_to("tuesday.jsonl")
        assert sorted(seen.look()) == sorted([*numbered(10, 11), *numbered(3, 5)])
        append(tmp_path / "tuesday.jsonl", numbered(5, 6))
        assert seen.look() == numbered(5, 6)


def test_a_file_that_may_not_be_read_is_said_and_read_when_it_may(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 3))
    path.chmod(0)
    with following(tmp_path) as seen:
        assert (seen.status(path).state, seen.status(path).detail) == (
            "failed",
            "Permission denied.",
        )
        path.chmod(0o600)
        assert seen.look() == numbered(0, 3)
        assert seen.status(path).state == "following"


def test_a_folder_that_may_not_be_listed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    append(locked / "a.jsonl", numbered(0, 2))
    append(tmp_path / "b.jsonl", numbered(2, 4))
    scandir = os.scandir
    denied = [str(locked)]

    def guarded(path: str) -> object:
        if path in denied:
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    with following(tmp_path) as seen:
        assert seen.lines == numbered(2, 4)
        assert seen.status(locked).state == "failed"
        assert seen.status(locked).detail == "The folder cannot be listed: Permission denied."
        denied.clear()
        assert seen.look() == numbered(0, 2)
        assert seen.status(locked).state == "following"


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    append(tmp_path / "a.jsonl", numbered(0, 2))
    with following(tmp_path) as seen:
        assert seen.lines == numbered(0, 2)


def test_names_that_are_no_text_can_be_told(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b[2J.jsonl"))
    append(path, numbered(0, 2))
    with following(tmp_path) as seen:
        assert seen.lines == numbered(0, 2)
        assert seen.statuses[0].label.encode().endswith(b".jsonl")
