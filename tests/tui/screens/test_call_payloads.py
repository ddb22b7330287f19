"""Payloads as they come: hostile, huge, hidden or gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from llmtop.tui import safe_text
from tests.tui.screens.on_call import WIDE, opened
from tests.tui.stage import NOON, SIZES, Stage, call, drawn, frame, read_all


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


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

    monkeypatch.setattr("llmtop.tui.documents.blocks.wrapped", counted)
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
