"""Every screen looks as its golden text says; `python -m tests.tui.renew` draws them anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.tui.renew import FOLDER, NAMES, draw


@pytest.mark.parametrize("name", NAMES)
async def test_a_screen_looks_as_it_should(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    shown = await draw(name)
    assert shown == (FOLDER / f"{name}.txt").read_text("utf-8"), (
        "if it is better now: python -m tests.tui.renew"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_screen_fits_its_size(name: str) -> None:
    width, height = (int(part) for part in name.rpartition("-")[2].split("x"))
    lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    assert len(lines) <= height
    assert max(map(cell_len, lines)) <= width


def test_no_golden_screen_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(NAMES)
