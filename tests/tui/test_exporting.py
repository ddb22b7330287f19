"""What is looked at goes to a file, from any screen, and the screen says what became of it."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from llmtop.tui.menu import Menu
from tests.tui.stage import NOON, Stage, call, frame, the_app, until


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    logs = tmp_path / "logs"
    logs.mkdir()
    stage = Stage(logs)
    span = {"type": "span", "span_id": "root", "trace_id": "t0", "name": "plan"}
    stage.write([{**span, "start_time": NOON - 9, "end_time": NOON}])
    for number in range(3):
        model = "gpt-4o" if number == 1 else "gpt-4o-mini"
        told: dict[str, Any] = {"trace_id": "t0", "span_id": f"s{number}", "model": model}
        stage.write([{**each, "parent_id": "root"} for each in call(number, **told)])
    stage.exported.mkdir()
    return stage


def files(stage: Stage) -> list[str]:
    return sorted(path.name for path in stage.exported.iterdir() if path.is_file())


async def test_the_menu_names_what_there_is_and_the_toast_names_the_file(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("x")
        shown = frame(pilot)
        for line in ("this call", "this trace, 4 spans", "the 3 calls listed", "OTLP", "CSV"):
            assert line in shown
        await pilot.press("2")
        await until(pilot, lambda text: "Wrote this call" in text, "that it is written")
        (name,) = files(stage)
        assert re.fullmatch(r"llmtop-call-r\d\.jsonl", name)
        record = json.loads((stage.exported / name).read_text("utf-8"))
        assert record["messages"][0]["content"].startswith("question")


async def test_the_list_is_exported_as_it_is_filtered(stage: Stage) -> None:
    async with stage.app(filter_text="model:gpt-4o-mini") as pilot:
        await pilot.press("x", "6")
        await until(pilot, lambda text: "Wrote the 2 calls" in text, "that they are written")
        (name,) = files(stage)
        assert name == "llmtop-calls-20260601-120000.csv"
        with (stage.exported / name).open(encoding="utf-8", newline="") as table:
            assert {row["model"] for row in csv.DictReader(table)} == {"gpt-4o-mini"}


@pytest.mark.parametrize("way", [["2"], ["2", "enter"], ["enter"]], ids=["pane", "trace", "call"])
async def test_a_trace_is_exported_from_wherever_it_is_seen(stage: Stage, way: list[str]) -> None:
    async with stage.app() as pilot:
        await pilot.press(*way, "x", "3")
        await until(pilot, lambda text: "Wrote this trace" in text, "that it is written")
        assert files(stage) == ["llmtop-trace-t0.otlp.json"]
        document = json.loads((stage.exported / "llmtop-trace-t0.otlp.json").read_text("utf-8"))
        scopes = document["resourceSpans"][0]["scopeSpans"]
        assert sum(len(scope["spans"]) for scope in scopes) == 4


async def test_the_menu_closes_by_its_own_key_and_writes_nothing(stage: Stage) -> None:
    async with stage.app() as pilot:
        for key in ("x", "escape", "q"):
            await pilot.press("x")
            assert isinstance(pilot.app.screen, Menu)
            await pilot.press(key)
            assert not isinstance(pilot.app.screen, Menu)
        assert files(stage) == []


async def test_a_folder_that_cannot_be_written_is_said(stage: Stage) -> None:
    stage.exported = stage.exported / "gone"
    async with stage.app() as pilot:
        await pilot.press("x", "1")
        await until(pilot, lambda text: "Nothing was written: No such file" in text, "why not")


async def test_without_any_call_there_is_nothing_to_export(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write([{"type": "span", "span_id": "s", "name": "n", "start_time": NOON}])
    async with stage.app() as pilot:
        await pilot.press("x")
        assert "nothing to export" in frame(pilot)
        assert len(the_app(pilot).screen_stack) == 1
