"""The call screen on real files: what is seen, where keys lead, and what huge payloads cost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.events import MouseScrollDown
from textual.pilot import Pilot

from llmtop.pump import Pump
from llmtop.tui import safe_text
from llmtop.tui.document_pane import DocumentPane
from llmtop.tui.screens.call import CallScreen
from llmtop.tui.screens.trace import TraceScreen
from tests.tui.stage import NOON, SIZES, Stage, call, drawn, frame, read_all, the_app, until

WIDE = (200, 60)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def opened(pilot: Pilot[None], *keys: str) -> CallScreen:
    """Press keys on the dashboard until a call is shown."""
    await pilot.press(*(keys or ("enter",)))
    await until(pilot, lambda _: isinstance(pilot.app.screen, CallScreen), "the call")
    screen = pilot.app.screen
    assert isinstance(screen, CallScreen)
    return screen


def text_pane(pilot: Pilot[None]) -> DocumentPane:
    return pilot.app.screen.query_one("#text", DocumentPane)


@pytest.mark.parametrize("size", SIZES)
async def test_prompt_answer_and_facts_are_seen(stage: Stage, size: tuple[int, int]) -> None:
    stage.write(call(1, session_id="chat-7", finish_reason="length"))
    async with stage.app(size) as pilot:
        await opened(pilot)
        seen = frame(pilot)
        await pilot.press("i")
        seen += frame(pilot)
        await pilot.press("G")
        seen += frame(pilot)
        for wanted in ("gpt-4o-mini", "500ms", "length", "user", "question 1", "answer 1"):
            assert wanted in seen
        await pilot.press("g")
        assert "✓ ok" in frame(pilot)


async def test_usage_is_priced_part_by_part(stage: Stage) -> None:
    stage.write(call(1, prompt_tokens=1_000_000, completion_tokens=10, cache_read_tokens=600_000))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        lines = frame(pilot).splitlines()
        uncached = next(line for line in lines if "uncached" in line).split()
        assert uncached[2:5] == ["400,000", "0.15", "0.060000"]
        assert any("genai-prices" in line for line in lines)


async def test_parts_are_gone_to_by_their_letters(stage: Stage) -> None:
    asked = [{"role": "user", "content": "\n".join(f"asked {n}" for n in range(200))}]
    answer = "\n".join(f"told {n}" for n in range(200))
    stage.write(call(1, messages=asked, content=answer, attributes={"shop.customer": "c-9"}))
    async with stage.app() as pilot:
        await opened(pilot)
        for key, first in (
            ("o", "told 0"),
            ("a", "shop.customer"),
            ("r", '"type"'),
            ("i", "asked 0"),
        ):
            await pilot.press(key)
            body = frame(pilot).splitlines()[4:9]
            assert any(first in line for line in body), (key, body)


@pytest.mark.parametrize(
    ("key", "shown"), [("i", "question 1"), ("o", "answer 1"), ("a", "shop.c")]
)
async def test_a_call_opens_at_the_part_that_was_asked_for(
    stage: Stage, key: str, shown: str
) -> None:
    stage.write(call(1, attributes={"shop.customer": "c-9"}))
    async with stage.app((80, 14)) as pilot:
        await opened(pilot, key)
        assert shown in frame(pilot)


async def test_the_text_scrolls_by_keys_and_wheel_and_says_where_one_is(stage: Stage) -> None:
    asked = [{"role": "user", "content": "\n".join(f"line {n}." for n in range(500))}]
    stage.write(call(1, messages=asked))
    async with stage.app() as pilot:
        await opened(pilot, "i")
        assert "line 0." in frame(pilot)
        await pilot.press("j", "j", "j", "j", "k")
        assert "line 0." not in frame(pilot)
        assert "line 1." in frame(pilot)
        await pilot.press("pagedown")
        assert "line 29." in frame(pilot)
        assert "line 28." not in frame(pilot)
        pane = text_pane(pilot)
        pane.post_message(MouseScrollDown(pane, 1, 1, 0, 0, 0, False, False, False))
        await pilot.pause()
        assert "line 31." not in frame(pilot)
        assert "line 32." in frame(pilot)
        await pilot.press("G")
        assert '"completion_tokens"' in frame(pilot)
        assert re.search(r"–(\d+) of \1 ", frame(pilot)), "the end is not said to be the end"
        await pilot.press("pageup", "g")
        assert "line 0." in frame(pilot)


async def test_stepping_follows_the_order_of_the_list(stage: Stage) -> None:
    for number in range(4):
        stage.write(call(number, at=NOON - number))
    async with stage.app() as pilot:
        await opened(pilot, "down", "enter")
        assert "question 1" in frame(pilot)
        for key, number in (("]", 2), ("]", 3), ("]", 3), ("[", 2), ("[", 1), ("[", 0), ("[", 0)):
            await pilot.press({"]": "right_square_bracket", "[": "left_square_bracket"}[key])
            await drawn(pilot)
            assert f"question {number}" in frame(pilot)
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, CallScreen)


async def test_stepping_stays_in_the_part_that_is_read(stage: Stage) -> None:
    for number in range(3):
        told = [{"role": "user", "content": "\n".join(f"q{number} {n}" for n in range(99))}]
        stage.write(call(number, at=NOON - number, messages=told))
    async with stage.app((80, 24)) as pilot:
        await opened(pilot, "o")
        await pilot.press("right_square_bracket")
        await drawn(pilot)
        assert "answer 1" in frame(pilot)
        assert "│ q1 98" not in frame(pilot)


async def test_errors_are_gone_to_and_told_in_full(stage: Stage) -> None:
    why = "overloaded " * 100 + "try later"
    for number in range(6):
        told = {"error": why, "error_type": "overloaded_error"} if number in (2, 4) else {}
        stage.write(call(number, at=NOON - number, **told))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        await pilot.press("e")
        await drawn(pilot)
        shown = frame(pilot)
        assert "question 2" in shown
        assert "✗ error  overloaded_error" in shown
        assert "try later" in shown
        assert "there is no answer" in shown or "answer 2" in shown
        await pilot.press("e")
        await drawn(pilot)
        assert "question 4" in frame(pilot)
        await pilot.press("E")
        await drawn(pilot)
        assert "question 2" in frame(pilot)


async def test_a_running_call_counts_and_its_answer_appears_when_it_ends(stage: Stage) -> None:
    request, response = call(1, at=NOON + 2)
    request["timestamp"] = NOON - 1
    stage.write([request])
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        assert "running for 1.00s" in frame(pilot)
        assert "the answer appears here" in frame(pilot)
        stage.now += 1
        await until(pilot, lambda text: "running for 2.00s" in text, "a clock that runs")
        stage.now += 1
        stage.write([response])
        await read_all(pilot)
        shown = await until(pilot, lambda text: "answer 1" in text, "the answer")
        assert "✓ ok  stop" in shown
        assert "running" not in shown.split("question 1")[1]


async def test_the_place_is_held_when_the_answer_comes(stage: Stage) -> None:
    request, response = call(1, at=NOON + 2)
    request["messages"] = [{"role": "user", "content": "\n".join(f"line {n}." for n in range(300))}]
    stage.write([request])
    async with stage.app((80, 24)) as pilot:
        await opened(pilot, "i")
        await pilot.press(*["j"] * 40)
        before = _body(frame(pilot))
        stage.now += 3
        stage.write([response])
        await read_all(pilot)
        await drawn(pilot)
        assert _body(frame(pilot)) == before
        await pilot.press("o")
        assert "answer 1" in frame(pilot)


def _body(text: str) -> list[str]:
    return [line for line in text.splitlines() if "line " in line]


async def test_tools_and_images_are_told(stage: Stage) -> None:
    asked = [
        {"role": "user", "content": [{"type": "text", "text": "What is this?"},
                                     {"type": "image_url", "image_url": {"url": "data:..."}}]},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "c1", "function": {"name": "look", "arguments": '{"zoom":2}'}}]},
        {"role": "tool", "tool_call_id": "c1", "content": '{"seen":"a cat"}'},
    ]  # fmt: skip
    stage.write(call(1, messages=asked))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        shown = frame(pilot)
        for wanted in (
            "[image",
            "→ calls look · c1",
            '"zoom": 2',
            "↳ tool · c1",
            '"seen": "a cat"',
        ):
            assert wanted in shown


async def test_what_is_missing_is_said_with_what_turns_it_on(stage: Stage) -> None:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.provider.name": "openai",
        "gen_ai.usage.input_tokens": 5,
    }
    stage.write([{
        "type": "span", "span_id": "a1", "trace_id": "t1", "name": "chat gpt-4o",
        "start_time": NOON - 2, "end_time": NOON - 1, "attributes": attributes,
    }])  # fmt: skip
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        assert "neither prompt nor answer" in frame(pilot)
        assert "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true" in frame(pilot)


async def test_a_file_that_is_gone_is_said_to_be_gone(stage: Stage) -> None:
    stage.write(call(1))
    async with stage.app(WIDE) as pilot:
        (stage.folder / "app.jsonl").write_text("")
        await read_all(pilot)
        await opened(pilot)
        assert "gone from its source" in frame(pilot)
        assert "question 1" not in frame(pilot)
        assert "gpt-4o-mini" in frame(pilot)


HOSTILE = (
    "\x1b[31mred\x1b[0m \x1b]52;c;aGk=\x07 [/foo] [bold]x[/] \u202eevil \u200b\u2066"
    " 日本語テキスト \U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301\u0302\u0303 \ud800"
    " \r\n\ttab \x00"
)


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_is_harmless_and_no_line_is_too_wide(
    stage: Stage, size: tuple[int, int]
) -> None:
    stage.write(
        call(
            1,
            messages=[{"role": HOSTILE, "content": HOSTILE * 5}],
            content=HOSTILE * 5,
            model=HOSTILE,
            session_id=HOSTILE,
            error=HOSTILE,
            error_type=HOSTILE,
            attributes={HOSTILE: {HOSTILE: HOSTILE}},
            tool_calls=[{"function": {"name": HOSTILE, "arguments": HOSTILE}}],
        )
    )
    async with stage.app(size) as pilot:
        await opened(pilot)
        for key in ("g", "i", "o", "a", "r", "G"):
            await pilot.press(key)
            lines = frame(pilot).splitlines()
            for line in lines:
                assert cell_len(line) <= size[0]
                assert not set(line) & set("\x1b\x07\x00\t\u202e\u200b\u2066\ud800")
            assert all(line[-1] in "│╮╯" for line in lines[3:-2]), "a border was pushed away"


async def test_five_megabytes_are_broken_as_far_as_they_are_seen(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    real = safe_text.wrapped

    def counted(text: str, width: int) -> list[str]:
        seen.append(len(text))
        return real(text, width)

    monkeypatch.setattr("llmtop.tui.blocks.wrapped", counted)
    prompt = "".join(f"{number} lorem ipsum dolor sit amet. " for number in range(160_000))
    stage.write(call(1, messages=[{"role": "user", "content": prompt}]))
    async with stage.app() as pilot:
        await opened(pilot, "i")
        assert "0 lorem ipsum" in frame(pilot)
        assert sum(seen) < len(prompt) / 50
        seen.clear()
        for _ in range(20):
            stage.now += 1
            await drawn(pilot)
        assert sum(seen) < 5_000, "a view alone breaks nothing again"
        await pilot.press("o")
        assert "answer 1" in frame(pilot)
        await pilot.press("k", "k", "k", "k")
        assert "159999 lorem ipsum" in frame(pilot)
        assert sum(seen) < len(prompt) / 50
        assert " of about " in frame(pilot)


async def test_a_hundred_thousand_lines_end_where_they_end(stage: Stage) -> None:
    prompt = "\n".join(f"row {number}" for number in range(100_000))
    stage.write(call(1, messages=[{"role": "user", "content": prompt}]))
    async with stage.app() as pilot:
        await opened(pilot, "o")
        assert "answer 1" in frame(pilot)
        await pilot.press("k", "k", "k")
        assert "row 99999" in frame(pilot)


async def test_enter_opens_its_trace_and_escape_comes_back_to_the_same_line(stage: Stage) -> None:
    asked = [{"role": "user", "content": "\n".join(f"line {n}." for n in range(300))}]
    stage.write(call(1, messages=asked, trace_id="t1", span_id="s1"))
    async with stage.app() as pilot:
        await opened(pilot, "i")
        await pilot.press(*["j"] * 17)
        before = frame(pilot)
        await pilot.press("enter")
        await until(pilot, lambda _: isinstance(pilot.app.screen, TraceScreen), "the trace")
        await pilot.press("escape")
        await drawn(pilot)
        assert frame(pilot) == before


class ShortMemory(Stage):
    """Keeps few calls."""

    def pump(self, **limits: Any) -> Pump:
        return super().pump(max_calls=100, **limits)


async def test_an_evicted_call_stays_on_screen_and_is_said_to_be_no_longer_kept(
    tmp_path: Path,
) -> None:
    stage = ShortMemory(tmp_path)
    stage.write(call(0, at=NOON - 60))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        assert "no longer kept" not in frame(pilot)
        for number in range(1, 400):
            stage.write(call(number, at=NOON - 60 + number / 10))
        stage.now += 5
        await read_all(pilot)
        shown = await until(pilot, lambda text: "no longer kept" in text, "that it was evicted")
        assert "question 0" in shown


async def test_times_are_told_in_the_chosen_way(stage: Stage) -> None:
    stage.write(call(1, at=NOON - 30))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        assert "2026-06-01 11:59:30.000 UTC" in frame(pilot)
        await pilot.press("t")
        await until(pilot, lambda text: "30s ago (11:59:30.000)" in text, "relative times")
        stage.now += 5
        await until(pilot, lambda text: "35s ago (11:59:30.000)" in text, "that time goes on")


async def test_resizing_moves_the_facts_and_loses_nothing(stage: Stage) -> None:
    stage.write(call(1))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        assert "Facts" in frame(pilot)
        await pilot.resize_terminal(80, 24)
        await drawn(pilot)
        assert "Facts" not in frame(pilot)
        assert "✓ ok  stop" in frame(pilot)
        await pilot.resize_terminal(*WIDE)
        await drawn(pilot)
        shown = frame(pilot)
        assert "Facts" in shown
        assert shown.count("✓ ok  stop") == 1
        assert "question 1" in shown


async def test_a_span_that_calls_no_model_can_be_looked_at(stage: Stage) -> None:
    stage.write(call(1, trace_id="t1", span_id="s1"))
    stage.write([{
        "type": "span", "span_id": "tool1", "trace_id": "t1", "name": "look it up",
        "start_time": NOON - 2, "end_time": NOON - 1,
        "attributes": {"gen_ai.operation.name": "execute_tool", "shop.shelf": "4b"},
    }])  # fmt: skip
    async with stage.app(WIDE) as pilot:
        found = the_app(pilot).find("tool1")
        assert found is not None
        pilot.app.push_screen(CallScreen(found))
        shown = await until(pilot, lambda text: "look it up" in text, "the span")
        assert "Span ✓ look it up" in shown
        assert "shop.shelf" in shown
        assert "Usage" not in shown
        await pilot.press("right_square_bracket")
        await until(pilot, lambda text: "not among the calls" in text, "why there is no next one")
