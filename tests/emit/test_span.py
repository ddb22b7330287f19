"""Spans: what the monitor sees of them, in whatever order and however often they end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import llmtop
from llmtop import tracer
from llmtop.emit import open_spans
from llmtop.span import Span
from tests.emit.monitor import Monitor


def ended(monitor: Monitor, count: int) -> list[Span]:
    monitor.wait(lambda: len(monitor.spans()) == count and not monitor.live.running)
    return monitor.spans()


def test_a_span_is_seen_while_it_runs_and_when_it_ends(monitor: Monitor) -> None:
    with tracer.span("work", attributes={"k": "v"}) as span:
        monitor.wait(lambda: bool(monitor.spans()))
        assert monitor.named("work").running
        span.set_attribute("later", 5).add_event("half", {"done": 0.5})
    (seen,) = ended(monitor, 1)
    assert (seen.span_id, seen.trace_id) == (span.span_id, span.trace_id)
    assert (len(span.trace_id), len(span.span_id)) == (32, 16)
    assert seen.status == "ok"
    assert seen.latency is not None
    assert seen.latency > 0
    payload = monitor.payload(seen)
    assert payload.attributes == {"k": "v", "later": 5}
    assert [(event.name, event.attributes) for event in payload.events] == [("half", {"done": 0.5})]


def test_each_kind_of_step_has_its_place_and_its_operation(monitor: Monitor) -> None:
    with (
        tracer.trace("turn", user_id="u1", session_id="s1") as turn,
        tracer.agent("planner"),
        tracer.chain_step("answer") as step,
    ):
        with tracer.retrieval("wiki", query="who?") as search:
            search.set_output(["a page"])
        with tracer.tool("weather", arguments={"city": "Paris"}) as tool:
            tool.set_output("sunny")
        with tracer.llm_call("gpt-4o", messages=[{"role": "user", "content": "hi"}]) as call:
            call.first_token()
            call.set_usage(prompt_tokens=10, completion_tokens=5, cache_read_tokens=4)
            call.set_response(content="hello", finish_reason="stop")
    seen = {span.series.operation: span for span in ended(monitor, 6)}
    assert list(seen) == [
        "invoke_workflow",
        "invoke_agent",
        "chain",
        "retrieval",
        "execute_tool",
        "chat",
    ]
    assert {span.trace_id for span in seen.values()} == {turn.trace_id}
    for operation in ("retrieval", "execute_tool", "chat"):
        assert seen[operation].parent_id == step.span_id
    assert {span.user_id for span in seen.values()} == {"u1"}
    assert {span.session_id for span in seen.values()} == {"s1"}
    assert seen["chat"].agent == "planner"
    assert (seen["chat"].input_tokens, seen["chat"].output_tokens) == (10, 5)
    assert seen["chat"].ttft is not None
    assert monitor.payload(seen["chat"]).output[0].text == "hello"
    assert monitor.payload(seen["retrieval"]).input[0].text == "who?"
    assert "sunny" in monitor.payload(seen["execute_tool"]).output[0].text


def test_an_exception_ends_a_span_in_an_error_and_goes_on(monitor: Monitor) -> None:
    with pytest.raises(KeyError), tracer.span("broken"):
        raise KeyError("nothing there")
    (seen,) = ended(monitor, 1)
    assert seen.failure is not None
    assert (seen.status, seen.failure.type) == ("error", "KeyError")
    assert "nothing there" in (seen.failure.message or "")
    (event,) = monitor.payload(seen).events
    assert "test_span.py" in event.attributes["exception.stacktrace"]


def test_an_error_can_be_told_without_an_exception(monitor: Monitor) -> None:
    with tracer.span("refused") as span:
        span.set_error("no such page", "NotFound")
    (seen,) = ended(monitor, 1)
    assert seen.failure is not None
    assert (seen.failure.type, seen.failure.message) == ("NotFound", "no such page")


@pytest.mark.parametrize(
    ("error", "status"),
    [(asyncio.CancelledError(), "cancelled"), (SystemExit(0), "ok"), (SystemExit(3), "error")],
)
def test_leaving_is_no_failure(monitor: Monitor, error: BaseException, status: str) -> None:
    with pytest.raises(type(error)), tracer.span("left"):
        raise error
    (seen,) = ended(monitor, 1)
    assert seen.status == status


def test_ending_out_of_order_and_twice_does_no_harm(monitor: Monitor) -> None:
    outer = tracer.span("outer").__enter__()
    inner = tracer.span("inner").__enter__()
    outer.__exit__(None, None, None)
    outer.end()
    with tracer.span("within"):
        pass
    inner.end()
    inner.__exit__(None, None, None)
    assert llmtop.current_span() is None
    with tracer.span("after"):
        pass
    seen = {span.name: span for span in ended(monitor, 4)}
    assert seen["within"].parent_id == inner.span_id
    assert seen["after"].parent_id is None
    assert monitor.live.duplicates == 0


def test_a_span_that_ended_is_nobodys_parent(monitor: Monitor) -> None:
    with tracer.span("outer") as outer, tracer.span("inner") as inner:
        inner.end()
        with tracer.span("below"):
            pass
    ended(monitor, 3)
    assert monitor.named("below").parent_id == outer.span_id


def test_a_span_that_is_started_by_hand_is_not_current(monitor: Monitor) -> None:
    span = tracer.span("by hand").start()
    assert llmtop.current_span() is None
    with tracer.span("below", parent=span):
        pass
    span.start().end("cancelled")
    ended(monitor, 2)
    assert monitor.named("below").parent_id == span.span_id
    assert monitor.named("by hand").status == "cancelled"


def test_a_span_that_never_began_begins_when_it_ends(monitor: Monitor) -> None:
    tracer.span("at once").end()
    assert ended(monitor, 1)[0].name == "at once"


def test_a_parent_may_be_given_whatever_is_current(monitor: Monitor) -> None:
    elsewhere = llmtop.SpanContext("a" * 32, "b" * 16)
    with tracer.span("current"), tracer.span("below", parent=elsewhere):
        pass
    ended(monitor, 2)
    below = monitor.named("below")
    assert (below.trace_id, below.parent_id) == elsewhere


def test_a_long_row_of_spans_keeps_none_of_those_that_ended() -> None:
    first = tracer.span("first").__enter__()
    last = first
    for _ in range(1000):
        following = tracer.span("next").__enter__()
        last.end()
        last = following
    last.__exit__(None, None, None)
    kept, place = 0, last.before
    while isinstance(place, llmtop.Span):
        kept, place = kept + 1, place.before
    assert kept <= 1


def test_attributes_of_any_kind_do_no_harm(monitor: Monitor) -> None:
    circle: dict[str, Any] = {}
    circle["circle"] = circle

    class Rude:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    with tracer.span("odd \ud800", attributes={"circle": circle}) as span:
        span.set_attributes({"rude": Rude(), "set": {1}, "\ud800": "\udfff", "nan": float("nan")})
        span.add_event("event", {"rude": Rude()})
    (seen,) = ended(monitor, 1)
    assert monitor.payload(seen).attributes["rude"] == "[Rude]"


def test_names_and_mappings_that_fail_when_looked_at_do_no_harm(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMTOP_STRICT", "0")
    llmtop.configure(monitor.address)
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]

    class Rude:
        def __str__(self) -> str:
            raise RuntimeError("no")

        __repr__ = __str__

        def __bool__(self) -> bool:
            raise RuntimeError("no")

    odd: Any
    for odd in (Rude(), deep):
        with tracer.span(odd), tracer.trace(odd, user_id=odd), tracer.llm_call(odd, operation=odd):
            pass
        with (
            tracer.tool(odd),
            tracer.retrieval(odd),
            tracer.chain_step("c", attributes=odd) as span,
        ):
            span.set_attribute(odd, 1).set_attributes(odd).add_event(odd, odd).set_error(odd)
            assert llmtop.inject(odd) is odd
    with tracer.span("after"):
        pass
    monitor.wait(lambda: any(span.name == "after" and not span.running for span in monitor.spans()))
    assert {"Rude", "list", "retrieval Rude"} <= {span.name for span in monitor.spans()}


def test_an_exception_that_cannot_be_described_does_no_harm(monitor: Monitor) -> None:
    class RudeError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    with pytest.raises(RudeError), tracer.span("rude"):
        raise RudeError
    (seen,) = ended(monitor, 1)
    assert seen.failure is not None
    assert seen.failure.type == "RudeError"


def test_of_very_many_open_spans_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_spans, "MOST", 10)
    monkeypatch.setattr(open_spans, "_open", {})
    held = [tracer.span(str(number)).start() for number in range(50)]
    assert len(open_spans._open) <= 10
    for span in held:
        span.end()
    assert not open_spans._open.keys() & {id(span) for span in held}


def test_usage_in_unknown_words_is_told_under_pytest() -> None:
    with pytest.raises(TypeError, match="tokens_in"):
        tracer.llm_call("m").set_usage(tokens_in=5)


def test_switched_off_nothing_is_done_and_functions_stay_themselves(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMTOP", "0")
    llmtop.configure(monitor.address)

    def function() -> int:
        return 1

    assert tracer.span(function) is function
    assert tracer.tool("t")(function) is function
    assert llmtop.wrap(function) is function
    with tracer.span("unseen") as span, tracer.llm_call("m") as call:
        span.set_attribute("a", 1).add_event("e").set_error("x")
        call.set_usage(prompt_tokens=1).first_token()
        assert llmtop.current_span() is None
        assert llmtop.inject({}) == {}
    logger = llmtop.RequestLogger()
    logger.log_response(logger.log_request("m", []), content="x")
    monitor.read()
    assert monitor.spans() == []
    assert llmtop.flush().records == 0
