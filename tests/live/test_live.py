"""What is true after fragments came, whatever their order."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmtop.filter import parse
from llmtop.live.live import Live
from llmtop.live.view import Figures, Query, View
from llmtop.span import Flag, Fragment
from tests.live.fragments import NOON, live, request, response, span
from tests.rates import PerMillion

ALL = Query(window="all")


def seen(state: Live, now: float = NOON + 10.0, query: Query = ALL) -> View:
    return state.view(query, now)


def test_a_request_without_a_response_is_in_flight() -> None:
    view = seen(live(request("r")))
    assert (view.figures.calls, view.figures.in_flight, view.figures.cost) == (1, 1, None)
    assert view.calls[0].running


def test_a_request_and_its_response_are_one_call_in_either_order() -> None:
    halves = [
        request("r", user_id="ada"),
        response("r", input_tokens=1000, output_tokens=500, duration=2.0),
    ]
    for order in permutations(halves):
        view = seen(live(*order))
        call = view.calls[0]
        assert view.figures.calls == 1
        assert view.figures.in_flight == 0
        assert view.figures.cost == pytest.approx(0.003)
        assert (call.start, call.latency, call.user_id) == (NOON, 2.0, "ada")


def test_a_response_without_a_request_is_a_call_that_began_a_latency_before_its_end() -> None:
    call = seen(live(response("r", NOON, model="gpt-4o", duration=1.5))).calls[0]
    assert call.start == NOON - 1.5
    assert call.latency == 1.5


def test_a_response_that_tells_no_latency_and_no_request_has_none() -> None:
    view = seen(live(response("r", model="gpt-4o")))
    assert view.calls[0].latency is None
    assert view.figures.latency is None


def test_a_record_that_comes_twice_is_counted_once_and_said() -> None:
    both = [request("r"), response("r", input_tokens=5)]
    view = seen(live(*both, *both))
    assert view.figures.calls == 1
    assert view.figures.input_tokens == 5
    assert view.honest.duplicates == 2


def test_an_opening_that_comes_after_the_whole_span_is_late_and_no_copy() -> None:
    whole = span("s", NOON, NOON + 1, name="step", place=8)
    opening = span("s", NOON, name="step", place=7)
    assert seen(live(whole, opening)).honest.duplicates == 0
    assert seen(live(whole, opening, opening)).honest.duplicates == 1
    assert seen(live(opening, whole, whole)).honest.duplicates == 1


def test_a_call_logged_and_traced_is_counted_once_in_any_order() -> None:
    told = [
        request("r", span_id="s", trace_id="t"),
        response("r", input_tokens=100, output_tokens=10, duration=2.0),
        span(
            "s",
            NOON,
            NOON + 2.1,
            trace_id="t",
            parent_id="p",
            operation="chat",
            model="gpt-4o",
            input_tokens=100,
            status="ok",
        ),
        span("p", NOON - 1, NOON + 3, trace_id="t", name="answer", operation="chain"),
    ]
    for order in permutations(told):
        state = live(*order)
        view = seen(state)
        assert view.figures.calls == 1, order
        assert view.figures.input_tokens == 100
        assert view.spans == 2
        call = view.calls[0]
        assert (call.span_id, call.request_id, call.trace_id) == ("s", "r", "t")
        assert call.latency == 2.0
        trace = state.trace("t", NOON)
        assert trace is not None
        assert [(row.span.span_id, row.depth) for row in trace.rows] == [("p", 0), ("s", 1)]


def test_a_request_id_used_again_after_the_first_call_ended_is_a_second_call() -> None:
    first = [request("r", NOON), response("r", NOON + 2, input_tokens=1)]
    second = [request("r", NOON + 50), response("r", NOON + 53, input_tokens=10)]
    told = first + second
    for pairs in product(permutations(first), permutations(second)):
        order = [*pairs[0], *pairs[1]]
        for each in (order, order[2:] + order[:2]):
            view = seen(live(*each, now=NOON + 60), NOON + 60)
            assert sorted(call.latency or 0.0 for call in view.calls) == [2.0, 3.0], each
            assert (view.figures.calls, view.figures.input_tokens) == (2, 11)
    state = live(*told, *told, now=NOON + 60)
    assert (seen(state, NOON + 60).figures.calls, state.duplicates) == (2, 4)


def test_a_request_tried_again_before_any_answer_is_one_call() -> None:
    view = seen(live(request("r", NOON), request("r", NOON + 3), response("r", NOON + 5)))
    assert (view.figures.calls, view.calls[0].latency) == (1, 5.0)


def test_a_call_that_stays_unanswered_is_lost_and_found_again_when_the_answer_comes() -> None:
    state = live(request("r"), lost_after=60.0)
    state.tick(NOON + 59.0)
    assert seen(state, NOON + 59.0).figures.in_flight == 1
    state.tick(NOON + 61.0)
    figures = seen(state, NOON + 61.0).figures
    assert (figures.in_flight, figures.lost, figures.calls) == (0, 1, 1)
    state.apply([response("r", NOON + 70.0)], NOON + 70.0)
    figures = seen(state, NOON + 70.0).figures
    assert (figures.in_flight, figures.lost, figures.calls) == (0, 0, 1)


def test_in_an_old_log_calls_are_lost_by_the_clock_of_the_log() -> None:
    years = 10**8
    state = live(request("r"), request("s", NOON + 5), now=NOON + years, lost_after=60.0)
    state.tick(NOON + years)
    assert seen(state, NOON + years).figures.in_flight == 2


def test_a_record_without_a_time_does_not_make_one_up() -> None:
    untimed = Fragment(request_id="r", flags=int(Flag.ENDED), status="ok", input_tokens=5)
    for order in permutations([request("r", NOON - 500.0), untimed]):
        view = seen(live(*order))
        call = view.calls[0]
        assert (call.start, call.latency) == (NOON - 500.0, None), order
        assert view.last_event == NOON - 500.0
    alone = seen(live(untimed))
    assert alone.figures.calls == 1
    assert alone.calls[0].flags & Flag.UNTIMED
    assert (alone.first_event, alone.last_event) == (None, None)
    assert alone.ends_now


def test_a_negative_latency_is_flagged_and_not_averaged_in() -> None:
    view = seen(
        live(
            request("r", NOON),
            response("r", NOON - 5.0),
            request("s", NOON),
            response("s", NOON + 1.0),
        )
    )
    assert view.honest.bad_clocks == 1
    assert view.figures.latency is not None
    assert view.figures.latency.count == 1
    assert next(c for c in view.calls if c.span_id == "r").flags & Flag.BAD_CLOCK


def test_prices_that_load_later_are_put_in() -> None:
    prices = PerMillion(ready=False)
    state = live(request("r"), response("r", input_tokens=10**6), prices=prices)
    assert seen(state).figures.cost is None
    prices.ready = True
    state.tick(NOON + 10.0)
    assert seen(state).figures.cost == pytest.approx(1.0)
    assert seen(state).figures.unpriced_calls == 0


def test_a_reported_cost_is_believed_and_an_unknown_price_is_unpriced() -> None:
    view = seen(
        live(
            request("r", model="mystery"),
            response("r", input_tokens=10, cost=0.5),
            request("s", model="mystery"),
            response("s", input_tokens=10),
        )
    )
    assert view.figures.cost == 0.5
    assert view.figures.unpriced_calls == 1


def test_of_nested_calls_the_inner_one_counts() -> None:
    told = [
        span("outer", NOON, NOON + 3, operation="chat", model="gpt-4o", input_tokens=100),
        span(
            "inner",
            NOON + 1,
            NOON + 2,
            parent_id="outer",
            operation="chat",
            model="gpt-4o",
            input_tokens=100,
        ),
    ]
    for order in permutations(told):
        view = seen(live(*order))
        assert view.figures.calls == 1
        assert view.figures.input_tokens == 100
        assert view.honest.nested_calls == 1
        assert [call.span_id for call in view.calls] == ["inner"]


def test_a_call_made_by_a_tool_that_a_call_ran_is_a_call_of_its_own() -> None:
    view = seen(
        live(
            span("outer", NOON, NOON + 3, operation="chat", model="gpt-4o"),
            span("tool", NOON, NOON + 3, parent_id="outer", operation="execute_tool"),
            span("inner", NOON, NOON + 2, parent_id="tool", operation="chat", model="gpt-4o"),
        )
    )
    assert view.figures.calls == 2


def test_what_is_older_than_since_is_left_out() -> None:
    state = live(request("r", NOON), request("s", NOON + 100), since=NOON + 50)
    assert seen(state, NOON + 110).figures.calls == 1
    assert state.too_old == 1


def test_a_window_ends_now_while_following_and_at_the_newest_event_of_an_old_log() -> None:
    fresh = live(request("r"), response("r"), now=NOON + 3)
    assert seen(fresh, NOON + 400, Query(window="5m")).figures.calls == 0
    old = live(request("r"), response("r"), now=NOON + 10**6)
    view = seen(old, NOON + 10**6, Query(window="5m"))
    assert not view.ends_now
    assert view.figures.calls == 1


def test_a_filter_rules_every_figure_and_follows_changes() -> None:
    state = live(
        request("r"),
        response("r", input_tokens=10, error_type="RateLimitError"),
        request("s"),
        response("s", input_tokens=20),
        request("t"),
    )
    query = Query(window="all", filter=parse("status:error"))
    view = seen(state, query=query)
    assert (view.figures.calls, view.figures.input_tokens) == (1, 10)
    assert [call.span_id for call in view.calls] == ["r"]
    state.apply([response("t", error_type="Timeout")], NOON + 10)
    view = seen(state, query=query)
    assert [call.span_id for call in view.calls] == ["t", "r"]
    assert view.figures.errors_by_type == {"RateLimitError": 1, "Timeout": 1}


def test_totals_stay_whole_when_spans_are_evicted() -> None:
    state = Live(PerMillion(), max_calls=50)
    for number in range(500):
        at = NOON + number
        state.apply(
            [request(f"r{number}", at), response(f"r{number}", at + 0.5, input_tokens=2)], at
        )
    view = seen(state, NOON + 500)
    assert view.figures.calls == 500
    assert view.figures.input_tokens == 1000
    assert len(view.calls) == 50
    assert view.honest.spans_evicted == 450
    assert view.calls[0].span_id == "r499"
    state.apply([response("r3", NOON + 3.5, input_tokens=2)], NOON + 500)
    view = seen(state, NOON + 500)
    assert (view.figures.calls, view.honest.duplicates) == (500, 1)


def test_a_call_without_a_trace_is_a_trace_of_its_own() -> None:
    state = live(request("r"))
    trace = state.trace(state.trace_of(seen(state).calls[0]), NOON + 10)
    assert trace is not None
    assert trace.running == 1
    assert trace.end == NOON + 10


_TELLING = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["gpt-4o", "mystery", "claude"]),
        "start": st.floats(0, 500),
        "duration": st.floats(0.001, 90) | st.none(),
        "input_tokens": st.integers(0, 10**6) | st.none(),
        "output_tokens": st.integers(0, 10**5) | st.none(),
        "error_type": st.sampled_from([None, None, "Timeout"]),
        "halves": st.sampled_from(["both", "both", "request", "response"]),
    }
)


def _told(number: int, call: dict[str, object]) -> list[Fragment]:
    name = f"r{number}"
    start = NOON + float(str(call["start"]))
    found = []
    if call["halves"] != "response":
        found.append(request(name, start, model=call["model"]))
    if call["halves"] != "request":
        duration = call["duration"]
        found.append(
            response(
                name,
                start + (1.0 if duration is None else float(str(duration))),
                model=call["model"],
                duration=duration,
                input_tokens=call["input_tokens"],
                output_tokens=call["output_tokens"],
                error_type=call["error_type"],
            )
        )
    return found


def _rough(figures: Figures) -> tuple[object, ...]:
    quantiles = figures.latency
    return (
        figures.calls,
        figures.errors,
        figures.in_flight,
        figures.input_tokens,
        figures.output_tokens,
        None if figures.cost is None else round(figures.cost, 9),
        figures.unpriced_calls,
        figures.calls_without_usage,
        dict(figures.errors_by_type),
        None
        if quantiles is None
        else (quantiles.count, round(quantiles.p50, 3), round(quantiles.p99, 3)),
    )


@settings(max_examples=60)
@given(st.lists(_TELLING, min_size=1, max_size=12), st.data())
def test_figures_do_not_depend_on_the_order_or_on_copies(
    calls: list[dict[str, object]], data: st.DataObject
) -> None:
    fragments = [part for number, call in enumerate(calls) for part in _told(number, call)]
    copies = data.draw(st.lists(st.sampled_from(fragments), max_size=6))
    mixed = data.draw(st.permutations(fragments + copies))
    now = NOON + 600.0
    straight, other = live(*fragments, now=now), live(*mixed, now=now)
    error = Query(window="all", filter=parse("status:error"))
    for query in (ALL, Query(window="1m"), error):
        one, two = straight.view(query, now), other.view(query, now)
        assert _rough(one.figures) == _rough(two.figures)
        assert [_rough(row.figures) for row in one.models] == [
            _rough(row.figures) for row in two.models
        ]
    whole = straight.view(ALL, now).figures
    assert whole.calls == len(calls)
    assert (whole.input_tokens or 0) == sum(
        int(str(call["input_tokens"] or 0)) for call in calls if call["halves"] != "request"
    )
    errors = seen(other, now, error).figures
    assert errors.calls == errors.errors == whole.errors
