"""The golden screens: what is drawn for them, and `python -m tests.tui.renew` draws them anew."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from llmtop.tui.panes.requests import RequestsPane
from tests.tui.stage import SIZES, Stage, drawn, until

FOLDER = Path(__file__).parent.parent / "screens"
WAYS: dict[str, list[str]] = {
    "dashboard": [],
    "call": ["down"] * 12 + ["enter"],
    "trace": ["down"] * 12 + ["2", "enter"],
    "critical": ["down"] * 12 + ["2", "c", "enter"],
    "compare": ["down"] * 12 + ["m", "down", "down", "m", "d"],
    "help": ["question_mark"],
    "honest": ["exclamation_mark"],
    "zoomed-latency": ["3", "z"],
    "filter-mistake": ["slash", *"status:error modl:gpt"],
}
NAMES = [
    f"{name}-{width}x{height}"
    for name in WAYS
    for width, height in SIZES
    if name in ("dashboard", "call", "trace", "compare") or width == 80
] + ["welcome-80x24"]


async def draw(name: str) -> str:
    """A golden screen, drawn in the present working folder, where `logs` is an empty folder."""
    way, _, size = name.rpartition("-")
    width, height = (int(part) for part in size.split("x"))
    stage = Stage(Path("logs"))
    if way != "welcome":
        stage.write_demo(seconds=120)
        stage.write(['{"request_id": "r-broken", "timestamp":', "plain words"])
    async with stage.app((width, height), label="demo") as pilot:
        for key in WAYS.get(way, []):
            await pilot.press(key)
        await drawn(pilot)
        last = ""

        def settled(shown: str) -> bool:
            nonlocal last
            same, last = shown == last, shown
            return same and not any(pane.is_reading for pane in pilot.app.query(RequestsPane))

        return await until(pilot, settled, "a screen that stays the same") + "\n"


def main() -> None:
    """Draw every golden screen into its file."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    FOLDER.mkdir(exist_ok=True)
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            Path("logs").mkdir()
            (FOLDER / f"{name}.txt").write_text(asyncio.run(draw(name)), "utf-8")
            os.chdir("/")


if __name__ == "__main__":
    main()
