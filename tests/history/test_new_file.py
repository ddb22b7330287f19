"""A new file is there whole or not at all, and never in place of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtop.history.new_file import new_file


def test_a_file_appears_when_all_is_written(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    with new_file(target, force=False) as file:
        file.write(b"half")
        assert not target.exists()
    assert target.read_bytes() == b"half"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_is_left_where_writing_failed(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"

    def fail() -> None:
        with new_file(target, force=True) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    target.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        fail()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "x.csv"

    def race() -> None:
        with new_file(target, force=False) as file:
            file.write(b"mine")
            target.write_bytes(b"theirs")

    with pytest.raises(FileExistsError):
        race()
    assert target.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [target]
