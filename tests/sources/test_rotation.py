"""Rotated files are known by their names, copies by their bytes; each line comes once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from llmtop.sources import file_set
from llmtop.sources.rotation import Copies, Fingerprint, is_rotation
from tests.sources.following import append, following, numbered, text


@pytest.mark.parametrize(
    "name",
    [
        "app.jsonl.1",
        "app.jsonl.2026-11-24",
        "app.jsonl-20261124",
        "app.jsonl.old",
        "app.jsonl~",
        "app.1.jsonl",
        "app-20261124.jsonl",
        "app_2026.jsonl",
    ],
)
def test_names_that_rotations_give(name: str) -> None:
    assert is_rotation(name, {"app.jsonl"})


@pytest.mark.parametrize(
    "name", ["app-errors.jsonl", "app2.jsonl", "application.jsonl", "app.jsonl.1.gz", "b.jsonl.1"]
)
def test_names_that_are_other_files(name: str) -> None:
    assert not is_rotation(name, {"app.jsonl"})


def read_up_to(path: Path, position: int) -> Fingerprint:
    data = path.read_bytes()[:position]
    return Fingerprint(data[:1024], data[-256:], position)


def test_a_copy_is_known_by_what_was_read_of_the_other(tmp_path: Path) -> None:
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    append(a, numbered(0, 100))
    append(b, numbered(0, 120))
    known = read_up_to(a, a.stat().st_size)
    folder = str(tmp_path)
    assert Copies([(folder, known, False)]).read_of(b) == (known.position, False)
    assert Copies([(folder, known, True)]).read_of(b) == (known.position, True)
    assert Copies([("elsewhere", known, True)]).read_of(b) is None
    assert Copies([]).read_of(b) is None
    assert Copies([(folder, known, True)]).read_of(tmp_path / "gone") is None


def test_a_file_that_goes_on_otherwise_is_no_copy(tmp_path: Path) -> None:
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    append(a, numbered(0, 100))
    append(b, numbered(0, 50) + numbered(500, 600))
    known = read_up_to(a, a.stat().st_size)
    assert Copies([(str(tmp_path), known, False)]).read_of(b) is None


def test_a_beginning_that_is_too_short_is_trusted_by_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a":1}\n')
    known = read_up_to(path, 8)
    assert not known.is_trusted
    assert Copies([(str(tmp_path), known, True)]).read_of(path) is None


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


def test_a_rotated_file_is_read_whole_also_with_tail(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 10))
    with following(path, tail_lines=1) as seen:
        path.rename(tmp_path / "app.jsonl.1")
        append(path, numbered(20, 30))
        assert seen.look() == numbered(20, 30)
