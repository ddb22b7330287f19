"""Rotated files are known by their names, copies by their bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtop.sources.folder_walk import is_log
from llmtop.sources.rotation import Copies, Fingerprint, is_rotation
from tests.sources.following import append, numbered


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
