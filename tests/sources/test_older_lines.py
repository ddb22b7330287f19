"""The older part of a file is given whole: each line once, the newest stretch first."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmtop.sources import older_lines
from llmtop.sources.older_lines import OlderLines


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(older_lines, "STRETCH_BYTES", 64)
    monkeypatch.setattr(older_lines, "CHUNK_BYTES", 16)


def slices(path: Path, end: int) -> list[tuple[bytes, int]]:
    """All slices before an offset, with where they begin."""
    older = OlderLines(end)
    found = []
    with path.open("rb") as file:
        while older.unread:
            left = older.unread
            found.append(older.slice(file.fileno()))
            assert older.unread < left
    return [(data, at) for data, at in found if data]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=st.lists(st.integers(0, 200), max_size=40), tail=st.integers(0, 30))
@pytest.mark.usefixtures("small")
def test_each_line_is_given_once_and_where_it_lies(
    lengths: list[int], tail: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = [f"{number}".encode() + b"x" * size + b"\n" for number, size in enumerate(lengths)]
    older = b"".join(lines)
    path = tmp_path_factory.mktemp("log") / "app.jsonl"
    path.write_bytes(older + b"y" * tail + b"\n")
    found = slices(path, len(older))
    assert all(data == older[at : at + len(data)] for data, at in found)
    assert all(data.endswith(b"\n") for data, _ in found)
    assert b"".join(data for data, _ in sorted(found, key=lambda each: each[1])) == older


@pytest.mark.usefixtures("small")
def test_the_newest_stretch_comes_first_and_is_read_forward(tmp_path: Path) -> None:
    lines = [b"line %03d\n" % number for number in range(20)]
    path = tmp_path / "app.jsonl"
    path.write_bytes(b"".join(lines))
    given_lines = [
        line for data, _ in slices(path, 9 * 20) for line in data.splitlines(keepends=True)
    ]
    assert given_lines == [*lines[13:], *lines[6:13], *lines[:6]]
