from __future__ import annotations

import pytest

from llmtop.filter import parse
from llmtop.live import groups
from llmtop.span import Fragment
from llmtop.tui.messages import FilterRequested
from llmtop.tui.panes.cost import CostPane
from tests.live.fragments import NOON, request, response
from tests.tui.panes.one_pane import OnePane, heard, resized, title

SIZE = (71, 18)


def used(
    model: str | None, tokens: int | None, *, at: float = NOON, **told: object
) -> list[Fragment]:
    """A call of a model with so many input tokens, at a millionth of a dollar each."""
    name = f"r-{model}-{tokens}-{at}-{told}"
    return [
        request(name, at, model=model, **told),
        response(name, at + 1, input_tokens=tokens),
    ]


MODELS = (
    *used("gpt-4o", 3_000_000),
    *used("gpt-4o-mini", 1_000_000, at=NOON + 60),
    *used("mystery", 5, at=NOON + 120),
)


def row(app: OnePane, name: str) -> str:
    return next(line for line in app.lines if line.startswith(name))


async def test_models_stand_in_the_order_of_what_they_cost() -> None:
    app = OnePane(CostPane(), *MODELS)
    async with app.run_test(size=SIZE):
        names = [line.split()[0] for line in app.lines[2:5]]
        assert names == ["gpt-4o", "gpt-4o-mini", "mystery"]
        assert title(app.pane) == "4 Cost · all · 3 models"
        assert "$3.0000" in row(app, "gpt-4o ")
        assert "unpriced" in row(app, "mystery")
        assert row(app, "gpt-4o ").count("█") > row(app, "gpt-4o-mini").count("█")


async def test_the_sums_are_at_least_what_is_said_where_a_call_is_unpriced() -> None:
    app = OnePane(CostPane(), *MODELS, now=NOON + 3600)
    async with app.run_test(size=(90, 18)):
        assert app.lines[0].startswith("≥$4.00 in all · 1 unpriced · $")
        assert "/h · total ≥$4.00" in app.lines[0]


async def test_the_sums_leave_out_what_has_no_room() -> None:
    app = OnePane(CostPane(), *MODELS)
    async with app.run_test(size=(20, 18)):
        assert app.lines[0].startswith("≥$4.00 in all")
        assert app.pane.drawn[0].cell_length == 20


async def test_the_cost_over_time_is_a_chart_when_there_is_room() -> None:
    app = OnePane(CostPane(), *MODELS, *used("gpt-4o", 4_000_000, at=NOON + 600))
    async with app.run_test(size=SIZE) as pilot:
        assert "peak $4.00" in "".join(app.lines)
        assert " ago" in app.lines[-1]
        assert any(
            set(line.split("peak")[0].strip()) <= set("▁▂▃▄▅▆▇█ ") for line in app.lines[6:-1]
        )
        await resized(pilot, 71, 7)
        assert "peak" not in "".join(app.lines)


@pytest.mark.parametrize("size", [(1, 1), (9, 4), (41, 14), (76, 8), (196, 50)])
async def test_every_line_is_as_wide_as_the_pane_and_none_is_too_many(
    size: tuple[int, int],
) -> None:
    app = OnePane(CostPane(), *MODELS)
    async with app.run_test(size=size):
        assert {strip.cell_length for strip in app.pane.drawn} == {size[0]}
        assert len(app.lines) <= size[1]


async def test_enter_asks_for_the_model_under_the_cursor_and_no_other() -> None:
    app = OnePane(CostPane(), *MODELS)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter", "j", "enter", "k", "k", "enter")
        asked = [parse(told.text) for told in heard(app, FilterRequested)]
        assert app.view is not None
        passed = [
            [call.series.model for call in app.view.calls if each.matches(call)] for each in asked
        ]
        assert passed == [["gpt-4o"], ["gpt-4o-mini"], ["gpt-4o"]]


async def test_one_model_of_two_providers_is_asked_for_with_its_provider() -> None:
    both = (*used("gpt-4o", 9, provider="azure"), *used("gpt-4o", 5, provider="openai"))
    app = OnePane(CostPane(), *both)
    async with app.run_test(size=SIZE) as pilot:
        assert app.lines[2].startswith("gpt-4o azure")
        await pilot.press("enter")
        asked = parse(heard(app, FilterRequested)[0].text)
        assert app.view is not None
        assert [c.series.provider for c in app.view.calls if asked.matches(c)] == ["azure"]


async def test_the_cursor_stays_on_its_model_when_another_becomes_dearer() -> None:
    app = OnePane(CostPane(), *MODELS)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j")
        app.renew(*used("o3", 9_000_000))
        await pilot.press("enter")
        assert heard(app, FilterRequested)[0].text == "model:=gpt-4o-mini"


async def test_more_models_than_lines_scroll_under_the_cursor() -> None:
    many = [each for number in range(30) for each in used(f"m{number:02}", 3000 - number)]
    app = OnePane(CostPane(), *many)
    async with app.run_test(size=(71, 8)) as pilot:
        assert "m00" in app.lines[2]
        assert title(app.pane) == "4 Cost · all · 1–6 of 30 models"
        await pilot.press(*["j"] * 29)
        assert "m29" in app.lines[-1]
        assert title(app.pane) == "4 Cost · all · 25–30 of 30 models"
        await pilot.press("enter")
        assert heard(app, FilterRequested)[0].text == "model:=m29"
        await pilot.click(CostPane, offset=(3, 2), times=2)
        assert heard(app, FilterRequested)[-1].text == "model:=m24"


async def test_without_a_name_a_model_is_unknown() -> None:
    app = OnePane(CostPane(), *used(None, 5))
    async with app.run_test(size=SIZE):
        assert app.lines[2].startswith("unknown model")


async def test_a_hostile_name_is_shown_and_not_obeyed() -> None:
    app = OnePane(CostPane(), *used("[/x]\x1b[2J\u202e\u65e5\n", 5))
    async with app.run_test(size=SIZE):
        assert app.lines[2].startswith("[/x]␛[2J�日⏎")
        assert app.pane.drawn[2].cell_length == SIZE[0]


async def test_an_empty_pane_says_what_would_fill_it() -> None:
    app = OnePane(CostPane())
    async with app.run_test(size=SIZE) as pilot:
        assert app.lines[1].strip() == "No calls yet."
        await pilot.press("enter", "j", "k")
        assert not app.told
        app.renew(*MODELS)
        app.set_filter("model:nothing")
        assert "No calls pass the filter  model:nothing" in app.lines[1]


SESSIONS = (
    *used("gpt-4o", 3_000_000, session_id="s-1"),
    *used("gpt-4o-mini", 1_000_000, at=NOON + 60, session_id="a session, with (odd) words"),
    *used("gpt-4o", 10, at=NOON + 120),
)


async def test_costs_can_be_summed_up_by_session() -> None:
    app = OnePane(CostPane(), *SESSIONS)
    async with app.run_test(size=SIZE) as pilot:
        app.set_group("session")
        assert title(app.pane) == "4 Cost by session · all · 3"
        assert app.lines[1].startswith("session")
        assert "$3.0000" in row(app, "s-1")
        assert "no session" in "".join(app.lines)
        for expected in ("session:=s-1", 'session:"=a session, with (odd) words"', "-session:?*"):
            await pilot.press("enter", "down")
            assert heard(app, FilterRequested)[-1].text == expected


async def test_what_was_summed_up_together_is_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "MOST_GROUPS", 1)
    app = OnePane(CostPane(), *SESSIONS)
    async with app.run_test(size=SIZE) as pilot:
        app.set_group("session")
        await pilot.press("down", "enter")
        assert not heard(app, FilterRequested)
        assert "many sessions" in app.said[-1]
