"""All sources as one: what is asked for is opened, or said to be wrong in a sentence."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmtop.emit.udp import UdpSink
from llmtop.sources.open import Sources
from llmtop.sources.otlp_receiver import Export
from llmtop.sources.status import SourceError
from tests.sources.following import append, lines_of, numbered, text
from tests.waiting import wait_until


@pytest.fixture
def piped() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    os.close(read)
    os.close(write)


def until(sources: Sources, count: int) -> list[bytes]:
    """Poll until so many lines have come."""
    found: list[bytes] = []
    wait_until(
        lambda: len(found) >= count,
        between=lambda: found.extend(lines_of(sources.poll(time.time(), 1 << 18))),
        told=lambda: found,
    )
    return found


def test_files_a_pipe_datagrams_and_otlp_come_together_each_with_its_state(
    tmp_path: Path, piped: tuple[int, int]
) -> None:
    append(tmp_path / "app.jsonl", numbered(0, 2, "file"))
    sources = Sources(
        [str(tmp_path), "-"], udp=("127.0.0.1", 0), otlp=("127.0.0.1", 0), stdin=piped[0]
    )
    os.write(piped[1], text(numbered(0, 2, "pipe")))
    assert sources.udp_port
    sink = UdpSink("127.0.0.1", sources.udp_port)
    sink.send({"request_id": "datagram"})
    sink.close()
    assert sources.receiver is not None
    assert sources.receiver.offer(Export(lines=[b'{"resourceSpans":[]}\n'], spans=1))
    found = until(sources, 6)
    assert set(numbered(0, 2, "file")) | set(numbered(0, 2, "pipe")) <= set(found)
    assert b'{"resourceSpans":[]}' in found
    assert [state.kind for state in sources.states()] == ["udp", "otlp", "stdin", "file"]
    assert sources.progress()[0] == sum(state.bytes_read for state in sources.states())
    sources.close()
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {"llmtop-udp", "llmtop-otlp", "llmtop-notify"}


def test_a_receiver_for_a_server_of_ones_own_needs_no_port() -> None:
    sources = Sources([], otlp_mounted=True)
    assert sources.otlp_port is None
    assert sources.receiver is not None
    assert sources.receiver.offer(Export(lines=[b"{}\n"], spans=1))
    assert lines_of(sources.poll(0.0, 1)) == [b"{}"]
    assert sources.receiver.offer(Export(lines=[b"[]\n"], spans=1))
    assert lines_of(sources.last(0.0)) == [b"[]"]
    assert not sources.receiver.offer(Export(lines=[b"{}\n"], spans=1))
    sources.close()


def test_a_path_that_is_none_is_said_with_the_nearest_that_is(tmp_path: Path) -> None:
    append(tmp_path / "app.jsonl", numbered(0, 1))
    with pytest.raises(SourceError, match=r"no file or folder .*app\.jsnl\. Did you mean .*app\."):
        Sources([str(tmp_path / "app.jsnl")])
    with pytest.raises(SourceError, match="no file or folder"):
        Sources([str(tmp_path / "nowhere" / "x")])
    with pytest.raises(SourceError, match=r"cannot be read|no file or folder"):
        Sources(["x" * 5000])


def test_what_is_neither_file_nor_folder_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match=r"neither a file nor a folder.*`-`"):
        Sources([str(tmp_path / "pipe")])


def test_a_terminal_is_not_taken_for_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        with pytest.raises(SourceError, match="Nothing is piped in"):
            Sources(["-"])
    os.close(ours)


@pytest.mark.parametrize("poll", [False, True], ids=["told", "polled"])
def test_a_growing_file_wakes_the_sources(tmp_path: Path, poll: bool) -> None:
    path = tmp_path / "app.jsonl"
    append(path, numbered(0, 1))
    sources = Sources([str(tmp_path)], poll=poll)
    assert until(sources, 1) == numbered(0, 1)
    for number in range(1, 5):
        append(path, numbered(number, number + 1))
        assert until(sources, 1) == numbered(number, number + 1)
    sources.close()


def test_an_idle_file_is_looked_at_seldom_and_a_port_often(tmp_path: Path) -> None:
    append(tmp_path / "app.jsonl", numbered(0, 1))
    files = Sources([str(tmp_path)], follow=False)
    until(files, 1)
    ports = Sources([], udp=("127.0.0.1", 0))
    assert ports.interval(time.time()) < files.interval(time.time())
    files.close()
    ports.close()
