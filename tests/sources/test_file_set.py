"""Followed files and folders: whatever happens to them, each line comes once and none is lost."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

import pytest

from llmtop.sources import file_set
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


def test_a_file_that_is_empty_at_first_is_read_when_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.touch()
    with following(path) as seen:
        append(path, numbered(0, 2))
        assert seen.look() == numbered(0, 2)


@pytest.mark.parametrize("kept", ["app.jsonl.1", "app-20260101.jsonl", "app.jsonl.old"])
def test_a_file_rotated_by_renaming_is_read_to_its_end_and_the_new_one_too(
    tmp_path: Path, kept: str
) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 3))
    with following(path) as seen:
        append(path, numbered(3, 5))
        path.rename(tmp_path / kept)
        append(tmp_path / kept, numbered(5, 6))
        append(path, numbered(6, 8))
        assert sorted(seen.look()) == numbered(3, 8)
        append(tmp_path / kept, numbered(8, 9))
        assert seen.look() == numbered(8, 9)


def test_files_that_came_and_went_between_two_looks_are_found_beside(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 3))
    with following(path) as seen:
        for rotation in range(3):
            append(path, numbered(10 * rotation, 10 * rotation + 5, "s"))
            path.rename(tmp_path / f"app.jsonl.{rotation}")
        append(path, numbered(0, 2, "t"))
        expected = [*numbered(0, 5, "s"), *numbered(10, 15, "s"), *numbered(20, 25, "s")]
        assert sorted(seen.look()) == sorted([*expected, *numbered(0, 2, "t")])


def test_files_beside_that_are_no_rotations_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 3))
    append(tmp_path / "app.jsonl.1", numbered(0, 3, "old"))
    with following(path, began_after=1.0) as seen:
        append(tmp_path / "app-errors.jsonl", numbered(0, 3, "other"))
        append(tmp_path / "app2.jsonl", numbered(0, 3, "other"))
        assert seen.look() == []


def test_copy_and_truncate_gives_each_line_once(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 5))
    with following(path) as seen:
        append(path, numbered(5, 7))  # only the copy has these still, when it is looked at
        shutil.copy(path, tmp_path / "app.jsonl.1")
        os.truncate(path, 0)
        append(path, numbered(7, 9))
        assert sorted(seen.look() + seen.look()) == numbered(5, 9)
        assert seen.look() == []


def test_a_copy_that_is_still_being_made_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 50))
    with following(tmp_path) as seen:
        copy = tmp_path / "copy.jsonl"
        copy.write_bytes(path.read_bytes()[:2000])
        assert seen.look(file_set.SOONEST_S) == []
        seen.files._scanned_at = float("-inf")
        assert seen.look(0.1) == []
        copy.write_bytes(path.read_bytes())
        append(copy, numbered(50, 52))
        assert seen.look() == numbered(50, 52)


def test_a_file_that_only_begins_like_another_is_read_whole(tmp_path: Path) -> None:
    same = [b'{"system":"%s"}' % (b"a long prompt that all files share " * 50)]
    append(tmp_path / "a.jsonl", same + numbered(0, 20))
    with following(tmp_path) as seen:
        append(tmp_path / "b.jsonl", same + numbered(100, 105))
        append(tmp_path / "c.jsonl", same + numbered(200, 250))
        found = [*seen.look(), *seen.look()]
        assert sorted(found) == sorted([*same, *same, *numbered(100, 105), *numbered(200, 250)])


def test_a_fork_that_shares_only_its_first_part_is_not_skipped(tmp_path: Path) -> None:
    append(tmp_path / "a.jsonl", numbered(0, 30))
    with following(tmp_path) as seen:
        append(tmp_path / "b.jsonl", numbered(0, 20) + numbered(50, 80))
        assert set(numbered(50, 80)) <= set(seen.look())


def test_the_same_content_copied_comes_once(tmp_path: Path) -> None:
    append(tmp_path / "a.jsonl", numbered(0, 30))
    with following(tmp_path) as seen:
        shutil.copy(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
        assert seen.look() == []


@pytest.mark.parametrize("grown", [1, 6, 200], ids=["shorter", "as long", "longer"])
def test_a_file_truncated_and_grown_again_between_two_looks_is_read_anew(
    tmp_path: Path, grown: int
) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 6))
    with following(path) as seen:
        os.truncate(path, 0)
        append(path, numbered(0, grown, "s"))
        assert seen.look() == numbered(0, grown, "s")


def test_a_file_written_anew_with_the_same_beginning_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    same = [b'{"system":"%s"}' % (b"a long prompt " * 200)]
    append(path, same + numbered(0, 20))
    with following(path) as seen:
        path.write_bytes(text(same + numbered(100, 140)))
        assert seen.look() == same + numbered(100, 140)


def test_a_half_written_line_that_is_taken_back_harms_nothing(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 3))
    with following(path) as seen:
        whole = path.stat().st_size
        with path.open("ab") as file:
            file.write(b'{"half')
        assert seen.look() == []
        os.truncate(path, whole)
        assert seen.look() == []
        append(path, numbered(3, 5))
        assert seen.look() == numbered(3, 5)


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


def test_a_rotated_file_is_read_whole_also_with_tail(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 10))
    with following(path, tail_lines=1) as seen:
        path.rename(tmp_path / "app.jsonl.1")
        append(path, numbered(20, 30))
        assert seen.look() == numbered(20, 30)


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
