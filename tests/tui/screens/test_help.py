"""The help says what each figure of the header means."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.stage import Stage, call, frame


@pytest.mark.parametrize("width", [80, 200])
async def test_each_word_of_the_header_is_explained(tmp_path: Path, width: int) -> None:
    stage = Stage(tmp_path)
    stage.write(call(1))
    async with stage.app((width, 200)) as pilot:
        header = "\n".join(frame(pilot).splitlines()[:3])
        await pilot.press("question_mark")
        explained = frame(pilot).partition("The figures above")[2]
        for word in ("req/s", "in flight", "errors", "p50", "p95", "ttft", "tok/s", "cost", "burn"):
            assert word in header
            assert word in explained
        assert "dollars an hour" in explained
