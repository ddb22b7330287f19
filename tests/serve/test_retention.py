"""What is recorded is let go of after as long as was asked, at the start and again each day."""

from __future__ import annotations

from pathlib import Path

from llmtop.emit.file import DAY_S, file_name
from llmtop.history.prune import Deed, Policy
from llmtop.serve.retention import Retention
from tests.waiting import wait_until

NOON = 1_780_315_200.0


def test_old_days_leave_at_the_start_and_later_ones_when_their_time_has_come(
    tmp_path: Path,
) -> None:
    now = NOON
    for days in (40, 30, 1, 0):
        (tmp_path / file_name(NOON - days * DAY_S)).write_text("{}\n")
    (tmp_path / "notes.txt").write_text("mine")
    done: list[Deed] = []
    retention = Retention(
        tmp_path, Policy(keep=30.0 * DAY_S), done.append, print, clock=lambda: now, every=0.01
    )
    try:
        wait_until(lambda: len(done) == 1)
        assert (done[0].kind, done[0].name) == ("delete", file_name(NOON - 40 * DAY_S))
        now += DAY_S
        wait_until(lambda: len(done) == 2)
    finally:
        retention.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        file_name(NOON - DAY_S),
        file_name(NOON),
        "notes.txt",
    ]


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    retention = Retention(tmp_path / "gone", Policy(keep=DAY_S), print, said.append)
    wait_until(lambda: said)
    retention.close()
    assert said[0].endswith("gone cannot be pruned: No such file or directory.")
