"""The call screen on real files: what is seen, where keys lead, and what huge payloads cost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.events import MouseScrollDown
from textual.pilot import Pilot

from llmtop.tui.documents.document_pane import DocumentPane
from tests.tui.screens.on_call import WIDE, opened
from tests.tui.stage import SIZES, Stage, call, frame


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


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


async def test_a_part_that_is_in_sight_already_is_marked_when_it_is_gone_to(stage: Stage) -> None:
    stage.write(call(1))
    async with stage.app(WIDE) as pilot:
        await opened(pilot)
        assert "▶" not in frame(pilot)
        for key, title in (("o", "Output"), ("r", "Raw"), ("i", "Input")):
            await pilot.press(key)
            marked = [line for line in frame(pilot).splitlines() if "▶─ " in line]
            assert len(marked) == 1
            assert f"▶─ {title}" in marked[0]
        await pilot.press("j")
        assert "▶" not in frame(pilot)
