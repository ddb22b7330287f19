"""Draws the README's picture: the running app on the demo's traffic, saved as demo/picture.svg.

Run: python demo/picture.py
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

from llmtop.decode.decoder import Decoder
from llmtop.demo.traffic import stamped, steps
from llmtop.live.live import Live
from llmtop.pricing import Prices
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from llmtop.tui.app import LlmTop

PICTURE = Path(__file__).with_name("picture.svg")
NOON = 1_780_315_200.0
"""2026-06-01 12:00:00 UTC: the moment of the picture."""
SECONDS = 222.0
SIZE = (132, 40)
KEYS = ["down"] * 10
"""What is pressed before the picture is taken: a call with a trace is selected."""


def write_log(folder: Path) -> None:
    """The demo's traffic up to the moment of the picture."""
    traffic = steps(seed=3, rate=5.0, scenario="all")
    past = itertools.takewhile(lambda step: step.due <= SECONDS, traffic)
    with (folder / "app.jsonl").open("w", encoding="utf-8") as log:
        for step in past:
            log.write(json.dumps(stamped(step.record, NOON - SECONDS)) + "\n")


async def draw() -> str:
    """The screen as SVG."""
    prices = Prices()
    prices.load()
    pump = Pump(Sources(["logs"], poll=True), Decoder(), Live(prices), clock=lambda: NOON)
    app = LlmTop(pump, label="demo", time_format="utc")
    try:
        async with app.run_test(size=SIZE) as pilot:
            while pump.step(0.1):
                await pilot.pause()
            app.look()
            await pilot.press(*KEYS)
            app.look()
            await pilot.pause()
            picture = app.export_screenshot(title="llmtop demo")
            # A picture that fetches nothing: the reader's own monospaced font serves.
            return re.sub(r"@font-face\s*\{.*?\}\s*", "", picture, flags=re.DOTALL)
    finally:
        pump.close()


def main() -> None:
    """Take the picture."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("logs").mkdir()
        write_log(Path("logs"))
        picture = asyncio.run(draw())
        os.chdir("/")
    PICTURE.write_text(picture, "utf-8")
    sys.stdout.write(f"{PICTURE}: {len(picture) / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
