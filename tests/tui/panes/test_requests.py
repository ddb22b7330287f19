from __future__ import annotations

from llmtop.span import Fragment
from llmtop.tui.messages import SpanOpened, SpanSelected
from llmtop.tui.panes.requests import RequestsPane
from tests.live.fragments import NOON, request, response, span
from tests.tui.panes.one_pane import OnePane, heard, resized, title

WIDTH = 80


def calls(*numbers: int, **told: object) -> list[Fragment]:
    """Calls that began at second `number` after noon and took a second."""
    found = []
    for number in numbers:
        found.append(request(f"r{number}", NOON + number, model=f"model-{number}"))
        found.append(response(f"r{number}", NOON + number + 1, **told))
    return found


def models(app: OnePane) -> list[str]:
    """The models on screen, from the top down."""
    return [word for line in app.lines for word in line.split() if word.startswith("model-")]


def under_cursor(app: OnePane) -> str:
    """The model of the row that the cursor stands on, as it is drawn."""
    pane = app.pane
    cursor = {pane.meaning("cursor").bgcolor, pane.meaning("cursor-away").bgcolor}
    for strip in pane.drawn:
        if any(segment.style and segment.style.bgcolor in cursor for segment in strip):
            return next(word for word in strip.text.split() if word.startswith("model-"))
    return "out of sight"


def order(app: OnePane) -> tuple[str, bool]:
    """What the rows are sorted by, and whether the other way round."""
    return app.asked.sort, app.asked.reverse


async def test_the_newest_call_is_on_top_and_calls_in_flight_above_it() -> None:
    app = OnePane(RequestsPane(), *calls(1, 5), request("run", NOON, model="model-run"))
    async with app.run_test(size=(WIDTH, 12)):
        assert models(app) == ["model-run", "model-5", "model-1"]
        assert title(app.pane) == "1 Requests · 3 · 1 in flight"


async def test_every_line_is_as_wide_as_the_pane() -> None:
    app = OnePane(RequestsPane(), *calls(*range(30)))
    async with app.run_test(size=(WIDTH, 12)) as pilot:
        for width in (1, 7, 40, 80, 120, 200, 250):
            await resized(pilot, width, 12)
            assert {strip.cell_length for strip in app.pane.drawn} == {width}


async def test_a_head_stands_over_its_column_beside_a_scroll_bar() -> None:
    app = OnePane(RequestsPane(), *calls(*range(30)))
    async with app.run_test(size=(WIDTH, 12)):
        head, row = app.lines[0], app.lines[1]
        assert head.index("latency") + len("latency") == row.index("1.00s") + len("1.00s")
        assert row.endswith("┃")


async def test_a_wide_pane_tells_what_each_call_was_asked() -> None:
    app = OnePane(RequestsPane(), *calls(1, 2))
    app.asks = {"r1": "Why is the [bold]sky[/bold]\x1b[31m blue?"}
    async with app.run_test(size=(130, 12)) as pilot:
        assert "prompt" in app.lines[0]
        assert "Why is the [bold]sky[/bold]␛[31m blue?" in app.lines[2]
        assert app.lines[1].rstrip().endswith("–")
        await resized(pilot, 90, 12)
        assert "prompt" not in app.lines[0]


async def test_the_words_of_an_error_take_the_prompts_place() -> None:
    why = "RateLimitError: too many requests in this minute, try again later"
    app = OnePane(
        RequestsPane(), *calls(1, error_type="RateLimitError", error_message=why.partition(": ")[2])
    )
    app.asks = {"r1": "Why is the sky blue?"}
    async with app.run_test(size=(150, 12)):
        assert why[:40] in app.lines[1]
        assert "sky" not in app.lines[1]


async def test_running_clocks_run_without_a_new_record() -> None:
    app = OnePane(RequestsPane(), request("run", NOON))
    async with app.run_test(size=(WIDTH, 12)):
        assert " 10.00s " in app.lines[1]
        app.renew(now=NOON + 12.5)
        assert " 12.50s " in app.lines[1]


async def test_nothing_runs_on_after_the_end_of_an_old_log() -> None:
    app = OnePane(RequestsPane(), request("run", NOON), *calls(3), now=NOON + 86_400)
    app.live.follow = False
    async with app.run_test(size=(WIDTH, 12)):
        assert "   4.00s " in app.lines[1]


async def test_the_cursor_follows_the_newest_until_it_is_moved() -> None:
    app = OnePane(RequestsPane(), *calls(1, 2, 3))
    async with app.run_test(size=(WIDTH, 12)):
        app.renew(*calls(4))
        assert under_cursor(app) == "model-4"


async def test_a_selected_row_stays_in_its_place_while_new_ones_arrive() -> None:
    app = OnePane(RequestsPane(), *calls(*range(20)))
    async with app.run_test(size=(WIDTH, 9)) as pilot:
        await pilot.press("j", "j")
        before = list(app.lines[1:])
        assert under_cursor(app) == "model-17"
        app.renew(*calls(20, 21, 22))
        assert [line[:-1] for line in app.lines[1:]] == [line[:-1] for line in before]
        assert under_cursor(app) == "model-17"
        assert title(app.pane) == "1 Requests · 23 · held · 3 newer above"


async def test_f_follows_the_newest_again() -> None:
    app = OnePane(RequestsPane(), *calls(*range(20)))
    async with app.run_test(size=(WIDTH, 9)) as pilot:
        await pilot.press("j")
        app.renew(*calls(20))
        await pilot.press("f")
        assert under_cursor(app) == "model-20"
        app.renew(*calls(21))
        assert under_cursor(app) == "model-21"
        assert title(app.pane) == "1 Requests · 22"


async def test_the_end_of_the_list_once_more_is_the_newest() -> None:
    app = OnePane(RequestsPane(), *calls(*range(20)))
    async with app.run_test(size=(WIDTH, 9)) as pilot:
        await pilot.press("G")
        assert under_cursor(app) == "model-0"
        await pilot.press("G")
        assert under_cursor(app) == "model-19"


async def test_the_cursor_stays_on_a_call_that_ends() -> None:
    first = request("run", NOON + 0.5, model="model-run")
    app = OnePane(RequestsPane(), *calls(*range(9)), first)
    async with app.run_test(size=(WIDTH, 12)) as pilot:
        await pilot.press("j", "k")
        await pilot.press("j")
        assert under_cursor(app) == "model-8"
        app.renew(response("run", NOON + 9))
        assert under_cursor(app) == "model-8"


async def test_the_sort_goes_through_all_columns_and_turns_round() -> None:
    app = OnePane(
        RequestsPane(),
        *calls(1, input_tokens=5),
        *calls(2, input_tokens=900),
        *calls(3, input_tokens=70),
    )
    async with app.run_test(size=(WIDTH, 12)) as pilot:
        await pilot.press("s", "s")
        assert order(app) == ("cost", False)
        assert models(app) == ["model-2", "model-3", "model-1"]
        assert "▼cost" in app.lines[0]
        await pilot.press("S")
        assert models(app) == ["model-1", "model-3", "model-2"]
        assert "▲cost" in app.lines[0]
        await pilot.press("s", "s", "s", "s", "s")
        assert order(app) == ("time", False)
        assert "time▼" in app.lines[0]


async def test_a_column_out_of_sight_that_is_sorted_by_is_named_in_the_title() -> None:
    app = OnePane(RequestsPane(), *calls(1, 2))
    async with app.run_test(size=(40, 12)):
        app.set_sort("ttft", False)
        assert "by ttft ▼" in title(app.pane)


async def test_a_title_too_long_leaves_out_calls_in_flight_before_that_the_place_is_held() -> None:
    running = request("running", NOON + 50)
    app = OnePane(RequestsPane(), running, *calls(*range(1, 40)))
    async with app.run_test(size=(46, 12)) as pilot:
        assert "1 in flight" in title(app.pane)
        await pilot.press("end")
        assert title(app.pane) == "1 Requests · 40 · held · 29 newer above"


async def test_a_click_on_a_head_sorts_by_it() -> None:
    app = OnePane(RequestsPane(), *calls(1, 2))
    async with app.run_test(size=(WIDTH, 12)) as pilot:
        await pilot.click(RequestsPane, offset=(app.lines[0].index("latency") + 2, 0))
        assert order(app) == ("latency", False)
        await pilot.click(RequestsPane, offset=(app.lines[0].index("latency") + 2, 0))
        assert order(app) == ("latency", True)


async def test_e_goes_from_error_to_error_and_says_when_there_is_none() -> None:
    app = OnePane(RequestsPane(), *calls(1, 3, 5, error_type="timeout"), *calls(0, 2, 4, 6))
    async with app.run_test(size=(WIDTH, 12)) as pilot:
        seen = []
        for key in ("e", "e", "e", "E"):
            await pilot.press(key)
            seen.append(under_cursor(app))
        assert seen == ["model-5", "model-3", "model-1", "model-3"]
        await pilot.press("e", "e")
        assert app.said == ["No failed call below."]


async def test_the_pane_tells_what_the_cursor_stands_on_and_what_is_opened() -> None:
    app = OnePane(RequestsPane(), *calls(1, 2))
    async with app.run_test(size=(WIDTH, 12)) as pilot:
        await pilot.press("j", "enter", "i", "o", "a")
        assert [told.span.request_id for told in heard(app, SpanSelected)] == ["r2", "r1"]
        opened = [(told.span.request_id, told.part) for told in heard(app, SpanOpened)]
        assert opened == [("r1", ""), ("r1", "input"), ("r1", "output"), ("r1", "attributes")]


async def test_a_double_click_opens_a_row() -> None:
    app = OnePane(RequestsPane(), *calls(1, 2))
    async with app.run_test(size=(WIDTH, 12)) as pilot:
        await pilot.click(RequestsPane, offset=(5, 2), times=2)
        assert [told.span.request_id for told in heard(app, SpanOpened)] == ["r1"]


async def test_slow_means_at_least_the_95th_percentile_of_the_window() -> None:
    many = calls(*range(30))
    slow = [request("slow", NOON + 40, model="model-slow"), response("slow", NOON + 90)]
    app = OnePane(RequestsPane(), *many, *slow, now=NOON + 100)
    async with app.run_test(size=(WIDTH, 12)):
        warning = app.pane.meaning("slow").color
        coloured = [
            any(segment.style and segment.style.color == warning for segment in strip)
            for strip in app.pane.drawn[1:3]
        ]
        assert coloured == [True, False]


async def test_an_empty_list_says_what_would_fill_it() -> None:
    app = OnePane(RequestsPane())
    async with app.run_test(size=(WIDTH, 12)):
        assert app.lines[1].strip() == "No calls yet."
        assert "as soon as a source tells of one" in app.lines[2]


async def test_spans_without_a_call_among_them_are_said() -> None:
    app = OnePane(RequestsPane(), span("a", operation="chain"), span("b", operation="chain"))
    async with app.run_test(size=(WIDTH, 12)):
        assert "2 spans have come, and none of them calls a model." in app.lines[2]


async def test_a_filter_that_nothing_passes_says_how_to_clear_it() -> None:
    app = OnePane(RequestsPane(), *calls(1))
    async with app.run_test(size=(WIDTH, 12)):
        app.set_filter("model:nothing[/x]")
        assert app.lines[1].strip() == "No calls pass the filter  model:nothing[/x]"
        assert "clears it" in app.lines[2]
        assert title(app.pane) == "1 Requests"


async def test_an_empty_list_tells_the_keys_that_the_user_has_laid() -> None:
    app = OnePane(RequestsPane(), *calls(1))
    app.keys["dashboard.clear_filter"] = "f8"
    async with app.run_test(size=(WIDTH, 12)):
        app.set_filter("model:nothing")
        assert app.lines[2].strip() == "f8 clears it, / changes it."


async def test_a_hundred_thousand_calls_are_not_all_formatted() -> None:
    pane = RequestsPane()
    app = OnePane(pane)
    async with app.run_test(size=(WIDTH, 24)):
        formatted = 0
        real = pane.format_row

        def counting(row, width):  # type: ignore[no-untyped-def]  # the real one is typed
            nonlocal formatted
            formatted += 1
            return real(row, width)

        pane.format_row = counting  # type: ignore[method-assign]  # counted, not changed
        app.renew(*calls(*range(2000)))
        assert formatted <= 24
        before = formatted
        app.renew()
        assert formatted == before
