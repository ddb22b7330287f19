"""Whatever a log says, the screen neither obeys it nor breaks: markup, escapes, bidi, width."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.tui.stage import NOON, Stage, call, drawn, frame, the_app

NASTY = {
    "markup": "[/foo] [bold red]x[/] [@click=app.quit]y[/] [[ ]",
    "escapes": "\x1b[2J\x1b]0;title\x07\x1b[31mred\x9b1m\x00\x7f",
    "bidi": "\u202eevil\u202c \u2067x\u2069 \u200f\u200e",
    "wide": "日本語" * 40,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈 e" + "\u0301" * 60,
    "lines": "a\nb\r\nc\td\u2028e\x0bf\x85g",
    "surrogate": "\ud800 lone \udfff",
    "long": "x" * 5000,
    "blank": " \u00a0\u3000\ufeff",
}
WAYS = (
    [],
    ["z"],
    ["2", "enter"],
    ["enter"],
    ["i"],
    ["o"],
    ["a"],
    ["enter", "r"],
    ["exclamation_mark", "end"],
    ["4", "down", "enter"],
    ["y"],
    ["slash", "m", "o", "tab", "tab"],
)


def fill(stage: Stage, nasty: str) -> None:
    told = {"model": nasty, "user_id": nasty, "session_id": nasty, "trace_id": nasty}
    asked = {**told, "messages": [{"role": nasty, "content": nasty}]}
    stage.write(call(1, provider=nasty, **asked, content=nasty, finish_reason=nasty))
    failed = {"error": nasty, "error_type": nasty, "content": None}
    stage.write(call(2, at=NOON - 1, span_id=nasty, **asked, **failed))
    span = {
        "type": "span",
        "span_id": nasty + "-root",
        "trace_id": nasty,
        "name": nasty,
        "start_time": NOON - 5,
        "end_time": NOON,
        "attributes": {nasty: nasty, "gen_ai.agent.name": nasty},
        "events": [{"name": nasty, "timestamp": NOON - 1, "attributes": {nasty: nasty}}],
        "status": "error",
        "error": nasty,
    }
    stage.write([span, "not json " + nasty.replace("\n", " ").replace("\r", " ")])


USUAL = (80, 24)
SIZES = (
    *((name, USUAL) for name in NASTY),
    # Where much is cut off and where nothing is, the width of characters counts.
    *((name, size) for name in ("wide", "emoji", "lines") for size in ((33, 11), (160, 40))),
)


@pytest.mark.parametrize(("name", "size"), SIZES, ids=str)
async def test_no_text_of_a_log_breaks_the_screen(
    tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    stage = Stage(tmp_path)
    fill(stage, NASTY[name])
    async with stage.app(size) as pilot:
        for way in WAYS:
            await pilot.press(*way)
            await drawn(pilot)
            shown = frame(pilot)
            assert len(shown.splitlines()) <= size[1]
            for line in shown.split("\n"):
                assert cell_len(line) <= size[0], f"{way}: {line!r}"
                assert not [c for c in line if unicodedata.category(c) in {"Cc", "Cs"}], way
                assert not set(line) & set("\u202e\u202d\u2066\u2067\u200f\ufeff"), way
            assert the_app(pilot).is_running
            while len(pilot.app.screen_stack) > 1 or "slash" in way:
                await pilot.press("escape")
                way = []
            await pilot.press("escape", "1", "backspace")


async def test_clicks_on_hostile_text_run_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    fill(stage, NASTY["markup"])
    async with stage.app() as pilot:
        for y in range(36):
            await pilot.click(offset=(20, y))
        assert pilot.app.return_code is None
