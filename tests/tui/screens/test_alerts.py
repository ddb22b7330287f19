"""Alerts on screen: the header says so, the bell rings once, and enter leads to the calls."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec import structs
from textual.pilot import Pilot

from llmtop.alert_actions import AlertActions
from llmtop.live.alert_text import parse_rule
from llmtop.live.alerts import CLEARS_AFTER_S, Change
from tests.tui.stage import NOON, Stage, call, drawn, frame, the_app


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for number in range(6):
        stage.write(call(number, at=NOON - 10 * number))
    stage.write(call(90, at=NOON - 5, error="slow down", error_type="RateLimit", model="o3"))
    return stage


async def judged(pilot: Pilot[None], *rules: str) -> list[str]:
    """Watch rules; what is rung and said from then on."""
    app = the_app(pilot)
    heard: list[str] = []
    app.bell = lambda: heard.append("bell")  # type: ignore[method-assign]  # nothing else rings here
    app.notify = lambda message, **_: heard.append(message)  # type: ignore[method-assign]  # nor says
    app.pump.watch_alerts([parse_rule(rule) for rule in rules], app.alert_changed)
    app.pump.tick()
    await drawn(pilot)
    return heard


async def test_what_fires_stands_in_the_header_and_rings_once(stage: Stage) -> None:
    async with stage.app() as pilot:
        assert "ALERT" not in frame(pilot)
        heard = await judged(pilot, "errors > 0", "p95 > 1h")
        assert "▲ ALERT errors > 0" in frame(pilot).splitlines()[0]
        for _ in range(3):
            stage.now += 1.0
            the_app(pilot).pump.tick()
            await drawn(pilot)
        assert heard == ["bell", "errors > 0: errors is 1 (5m; limit 0)"]


async def test_alerts_that_fire_together_are_said_together(stage: Stage) -> None:
    async with stage.app() as pilot:
        heard = await judged(pilot, "errors > 0", "calls > 0 per model")
        assert heard == ["bell", "3 alerts fire: errors > 0, calls > 0 per model"]
        assert "▲ 3 ALERTS" in frame(pilot).splitlines()[0]


async def test_an_action_that_failed_is_said_from_its_own_thread(stage: Stage) -> None:
    async with stage.app() as pilot:
        heard = await judged(pilot, "p95 > 1h")
        actions = AlertActions(the_app(pilot).alert_action_failed)
        rule = structs.replace(parse_rule("errors > 0"), name="Errors", command="exit 3")
        actions.notify(Change(rule, None, True, NOON, NOON, 1.0))
        await asyncio.to_thread(actions.close, 30.0)
        await drawn(pilot)
        assert heard == ["Errors: its command ended with 3."]


async def test_an_alert_that_cleared_leaves_the_header_without_a_bell(stage: Stage) -> None:
    async with stage.app() as pilot:
        heard = await judged(pilot, "errors > 0 over 1m")
        for seconds in (120.0, CLEARS_AFTER_S + 1.0):
            stage.now += seconds
            the_app(pilot).pump.tick()
            await drawn(pilot)
        assert "ALERT" not in frame(pilot)
        assert heard == [
            "bell",
            "errors > 0 over 1m: errors is 1 (1m; limit 0)",
            "errors > 0 over 1m: errors is back to 0 (1m; limit 0)",
        ]


async def test_the_list_tells_state_value_limit_and_since_when(stage: Stage) -> None:
    async with stage.app() as pilot:
        await judged(pilot, "p95 > 1h", "errors > 0 per model", "in_flight > 5 for 1m")
        await pilot.press("A")
        await drawn(pilot)
        text = frame(pilot)
        assert "Alerts · 1 of 4 fire" in text
        first = next(line for line in text.splitlines() if "FIRING" in line)
        for told in ("12:00:00", "errors > 0 per model", "o3", "> 0", "5m"):
            assert told in first
        assert next(line for line in text.splitlines() if "p95 > 1h" in line).split()[1] == "ok"


async def test_enter_shows_the_calls_behind_an_alert(stage: Stage) -> None:
    async with stage.app() as pilot:
        await judged(pilot, "errors > 0 per model")
        await pilot.press("A", "enter")
        await drawn(pilot)
        app = the_app(pilot)
        assert app.asked.filter is not None
        assert app.asked.filter.text == "model:=o3 status:error"
        assert [span.series.model for span in app.calls] == ["o3"]
        assert "Requests · 1" in frame(pilot)


async def test_without_rules_the_list_says_how_to_set_them(stage: Stage) -> None:
    async with stage.app() as pilot:
        await pilot.press("A")
        await drawn(pilot)
        assert "No alerts are set." in frame(pilot)
        assert "--budget" in frame(pilot)
        await pilot.press("A", "escape")
        await drawn(pilot)
        assert "Requests" in frame(pilot)


@pytest.mark.parametrize("size", [(30, 10), (40, 10), (80, 24), (200, 50)])
async def test_the_header_tells_of_alerts_at_every_size(
    size: tuple[int, int], stage: Stage
) -> None:
    async with stage.app(size) as pilot:
        await judged(pilot, "errors > 0")
        assert "▲ ALERT errors" in frame(pilot).splitlines()[0]


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (200, 50)])
async def test_the_list_fits_every_screen(size: tuple[int, int], stage: Stage) -> None:
    stage.write(call(91, at=NOON, error="x", model="evil[/b]\x1b[31m" + "m" * 200))
    async with stage.app(size) as pilot:
        await judged(pilot, "errors > 0 per model", "cost > $5 per day")
        await pilot.press("A")
        await drawn(pilot)
        assert "FIRING" in frame(pilot)
        assert "\x1b" not in frame(pilot)


async def test_rules_that_were_not_judged_yet_are_not_said_to_be_none(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage.app() as pilot:
        app = the_app(pilot)
        monkeypatch.setattr(app.pump, "tick", lambda: None)
        app.pump.watch_alerts([parse_rule("p95 > 1h")], app.alert_changed)
        await pilot.press("A")
        await drawn(pilot)
        shown = frame(pilot)
        assert "There is nothing to judge yet by" in shown
        assert "p95 > 1h" in shown
        assert "No alerts are set." not in shown
        assert "show calls" not in shown
        monkeypatch.undo()
        app.pump.tick()
        await drawn(pilot)
        assert "show calls" in frame(pilot).splitlines()[-1]
