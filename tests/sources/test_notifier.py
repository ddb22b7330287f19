"""A change in what is followed is told, by the system or by polling."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from llmtop.sources.notifier import Notifier
from tests.sources.following import append
from tests.waiting import wait_until


@pytest.mark.parametrize("poll", [False, True], ids=["told", "polled"])
def test_a_change_is_told_once_and_the_thread_ends(tmp_path: Path, poll: bool) -> None:
    notifier = Notifier([tmp_path], poll=poll)
    try:
        # The thread may begin to watch only after the first of the changes.
        wait_until(notifier.take, between=lambda: append(tmp_path / "a.jsonl", [b"{}"]))
    finally:
        notifier.close()
    assert not [each for each in threading.enumerate() if each.name == "llmtop-notify"]


def test_what_does_not_exist_is_not_watched(tmp_path: Path) -> None:
    notifier = Notifier([tmp_path / "nowhere"])
    assert not notifier.take()
    notifier.close()
