"""Documents laid out over lines are told from logs of lines, and read anew when they change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmtop.sources.chunk import Chunk, place
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.folder_walk import identity_of
from llmtop.sources.whole_document import WholeDocument, is_laid_out

DOCUMENT = {"messages": [{"role": "user", "content": "hi"}], "model": "m"}


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def document(
    path: Path, chunk_index: ChunkIndex | None = None, *, follow: bool = True
) -> WholeDocument:
    return WholeDocument(
        path, identity_of(path.stat()), chunk_index or ChunkIndex(), 0, follow=follow
    )


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(DOCUMENT, indent=2),
        json.dumps([DOCUMENT, DOCUMENT], indent=4),
        "\ufeff" + json.dumps(DOCUMENT, indent=1),
        "\n\n" + json.dumps(DOCUMENT, indent=1),
        json.dumps(DOCUMENT, indent=2) + "\n" + json.dumps(DOCUMENT, indent=2),
        "[\n" + json.dumps(DOCUMENT) + ",\n" + json.dumps(DOCUMENT) + "\n]",
    ],
    ids=["object", "array", "with a mark", "after blank lines", "in a row", "array of lines"],
)
def test_what_is_laid_out_over_lines_is_known_as_that(tmp_path: Path, content: str) -> None:
    assert is_laid_out(written(tmp_path / "x.json", content))


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(DOCUMENT) + "\n" + json.dumps(DOCUMENT) + "\n",
        json.dumps(DOCUMENT),
        "a line of text\n{\n",
        '{"half a li\n' + json.dumps(DOCUMENT) + "\n",
        "",
        "[" * 100_000 + "\n" + "]" * 100_000,
        b"\xff\xfe{\n}\n",
    ],
    ids=["lines", "one line", "text", "a broken first line", "empty", "deep", "no text"],
)
def test_what_is_lines_is_not(tmp_path: Path, content: str | bytes) -> None:
    assert not is_laid_out(written(tmp_path / "x.json", content))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_make_looking_raise(tmp_path: Path, content: bytes) -> None:
    assert is_laid_out(written(tmp_path / "x.json", content)) in (True, False)


def test_a_file_that_is_gone_is_no_document(tmp_path: Path) -> None:
    assert not is_laid_out(tmp_path / "gone.json")


def test_a_document_rewritten_in_place_keeps_its_number_and_is_found_as_it_is_now(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "session.json", json.dumps(DOCUMENT, indent=2))
    chunk_index = ChunkIndex()
    source = document(path, chunk_index)
    (first,) = source.poll(0.0, 1)
    assert first.whole
    assert source.poll(1.0, 1) == []
    written(path, json.dumps({**DOCUMENT, "more": "x" * 50}, indent=2))
    assert source.poll(2.0, 1) == []  # it may still be being written
    assert source.is_restless(2.0)
    (second,) = source.poll(3.0, 1)
    assert second.number == first.number
    assert chunk_index.read(place(first.number, 0)) == path.read_bytes()
    assert not source.is_restless(3.0)


def test_documents_appended_in_a_row_come_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "spans.json", json.dumps(DOCUMENT, indent=2) + "\n")
    source = document(path)
    (first,) = source.poll(0.0, 1)
    with path.open("a") as file:
        file.write(json.dumps({"second": 2}, indent=2) + "\n")
    chunks: list[Chunk] = [*source.poll(1.0, 1), *source.poll(2.0, 1)]
    (second,) = chunks
    assert json.loads(second.data) == {"second": 2}
    assert second.number != first.number


def test_one_that_is_too_large_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmtop.sources.whole_document.LARGEST_BYTES", 10)
    source = document(written(tmp_path / "x.json", json.dumps(DOCUMENT, indent=2)))
    assert source.poll(0.0, 1) == []
    assert source.status.state == "failed"
    assert source.status.detail is not None
    assert "64 MiB" in source.status.detail


def test_one_that_vanishes_and_returns_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "x.json", json.dumps(DOCUMENT, indent=2))
    source = document(path, follow=False)
    assert len(source.poll(0.0, 1)) == 1
    assert source.status.state == "read"
    path.unlink()
    assert source.poll(1.0, 1) == []
    assert source.status.state == "gone"
    assert source.read_back(0, 10) is None
    written(path, json.dumps({"again": 1}, indent=2))
    assert len(source.poll(2.0, 1)) == 1
