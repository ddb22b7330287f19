"""Appends, rotations by name and by copy, half lines, looks: in any order, each line once."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmtop.sources.file_set import LINGER_S, RESCAN_S
from tests.sources.following import following, numbered

ACTS = ["half", "rename", "copy", "look", "glance", "wait"]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 30)),
        st.tuples(
            st.sampled_from(["half", "rename", "copy", "look", "glance", "wait"]), st.just(0)
        ),
    ),
    max_size=25,
)


class Writer:
    """A program that logs, and whoever rotates its log."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "app.jsonl"
        self.written = 0
        self._rest = b""
        self._rotations = 0
        self._file = self.path.open("ab", buffering=0)

    def append(self, count: int) -> None:
        self._complete()
        for line in numbered(self.written, self.written + count):
            self._file.write(line + b"\n")
        self.written += count

    def half(self) -> None:
        self._complete()
        (line,) = numbered(self.written, self.written + 1)
        self.written += 1
        self._file.write(line[:30])
        self._rest = line[30:] + b"\n"

    def rename(self) -> None:
        self.path.rename(self._kept())
        self._complete()  # the program notices only now
        self._file.close()
        self._file = self.path.open("ab", buffering=0)

    def copy(self) -> None:
        self._complete()
        shutil.copyfile(self.path, self._kept())
        self._file.truncate(0)

    def _kept(self) -> Path:
        self._rotations += 1
        return self.path.with_name(f"app.jsonl.{self._rotations}")

    def _complete(self) -> None:
        self._file.write(self._rest)
        self._rest = b""

    def close(self) -> None:
        self._complete()
        self._file.close()


@pytest.mark.parametrize("what", ["file", "folder"])
@settings(max_examples=150)
@given(steps=STEPS)
def test_each_line_comes_once_whatever_happens_to_the_log(
    what: str, steps: list[tuple[str, int]]
) -> None:
    with TemporaryDirectory() as made:
        folder = Path(made)
        writer = Writer(folder)
        with following(folder if what == "folder" else writer.path) as seen:
            for step, count in steps:
                match step:
                    case "append":
                        writer.append(count)
                    case "look":
                        seen.look()
                    case "glance":
                        seen.look(after=0.05)
                    case "wait":
                        seen.wait(2 * RESCAN_S)
                    case _:
                        getattr(writer, step)()
            writer.close()
            seen.wait(3 * LINGER_S)
            assert sorted(seen.lines) == sorted(numbered(0, writer.written))
