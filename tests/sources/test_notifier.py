"""A change in what is followed is told, by the system or by polling."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from llmtop.sources.notifier import Notifier
from tests.waiting import PATIENCE_S


@pytest.mark.parametrize("poll", [False, True], ids=["told", "polled"])
def test_a_change_is_told_once_and_the_thread_ends(tmp_path: Path, poll: bool) -> None:
    notifier = Notifier([tmp_path], poll=poll)
    try:
        deadline = time.monotonic() + PATIENCE_S
        number = 0
        while not notifier.take():
            assert time.monotonic() < deadline
            number += 1
            (tmp_path / f"{number}.jsonl").write_text("{}\n")
            time.sleep(0.05)
    finally:
        notifier.close()
    assert not [each for each in threading.enumerate() if each.name == "llmtop-notify"]


def test_what_does_not_exist_is_not_watched(tmp_path: Path) -> None:
    notifier = Notifier([tmp_path / "nowhere"])
    assert not notifier.take()
    notifier.close()
