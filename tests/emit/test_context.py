"""The current span across awaits, tasks, threads, greenlets, and HTTP headers."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

import llmtop
from llmtop import tracer
from tests.emit.monitor import Monitor


def current_name() -> str | None:
    span = llmtop.current_span()
    return span.name if span is not None else None


def named_current(_: int) -> str | None:
    return current_name()


def test_each_task_has_its_own_current_span(monitor: Monitor) -> None:
    async def worker(number: int) -> None:
        async with tracer.span(f"worker {number}"):
            for _ in range(5):
                await asyncio.sleep(0)
                assert current_name() == f"worker {number}"
            async with tracer.span(f"inner {number}"):
                await asyncio.sleep(0)

    async def main() -> None:
        async with tracer.span("main"):
            await asyncio.gather(*(worker(number) for number in range(10)))
            assert current_name() == "main"

    asyncio.run(main())
    monitor.wait(lambda: len(monitor.spans()) == 21 and not monitor.live.running)
    for number in range(10):
        worker_span = monitor.named(f"worker {number}")
        assert worker_span.parent_id == monitor.named("main").span_id
        assert monitor.named(f"inner {number}").parent_id == worker_span.span_id


def test_a_span_may_end_in_another_task(monitor: Monitor) -> None:
    async def main() -> None:
        span = tracer.span("handed over")
        span.__enter__()
        await asyncio.create_task(end(span))
        assert llmtop.current_span() is None

    async def end(span: llmtop.Span) -> None:
        span.__exit__(None, None, None)

    asyncio.run(main())
    monitor.wait(lambda: bool(monitor.spans()) and not monitor.live.running)


def test_a_wrapped_function_runs_below_the_span_it_was_wrapped_in() -> None:
    with ThreadPoolExecutor(4) as pool, tracer.span("outer"):
        bare = pool.submit(current_name).result()
        wrapped = list(pool.map(llmtop.wrap(named_current), range(20)))
    assert bare is None
    assert wrapped == ["outer"] * 20


def test_a_wrapped_coroutine_function_stays_one() -> None:
    async def ask() -> str | None:
        await asyncio.sleep(0)
        return current_name()

    with tracer.span("outer"):
        wrapped = llmtop.wrap(ask)
        assert asyncio.iscoroutinefunction(wrapped)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(asyncio.run, wrapped()).result() == "outer"


def test_a_task_that_outlives_its_span_stays_in_its_trace(monitor: Monitor) -> None:
    async def main() -> None:
        over = asyncio.Event()

        async def background() -> None:
            await over.wait()
            assert llmtop.current_span() is None
            with tracer.span("background"):
                pass

        async with tracer.span("request"):
            task = asyncio.create_task(background())
        over.set()
        await task

    asyncio.run(main())
    monitor.wait(lambda: len(monitor.spans()) == 2 and not monitor.live.running)
    assert monitor.named("background").parent_id == monitor.named("request").span_id


def test_headers_carry_a_trace_to_another_process(monitor: Monitor) -> None:
    with tracer.span("client") as client:
        headers = llmtop.inject({"accept": "*/*"})
    assert headers == {
        "accept": "*/*",
        "traceparent": f"00-{client.trace_id}-{client.span_id}-01",
    }
    with tracer.span("server", parent=llmtop.extract(headers)):
        assert current_name() == "server"
    monitor.wait(lambda: len(monitor.spans()) == 2 and not monitor.live.running)
    server = monitor.named("server")
    assert (server.trace_id, server.parent_id) == (client.trace_id, client.span_id)


@pytest.mark.parametrize(
    "headers",
    [
        {"Traceparent": f"00-{'a' * 32}-{'b' * 16}-01"},
        {b"traceparent": f"00-{'A' * 32}-{'B' * 16}-00".encode()},
        [("x", "y"), ("traceparent", f"cc-{'a' * 32}-{'b' * 16}-01-more")],
        {"HTTP_TRACEPARENT": [f"00-{'a' * 32}-{'b' * 16}-01"]},
    ],
    ids=["capital", "bytes", "pairs of a later version", "wsgi"],
)
def test_headers_are_read_as_frameworks_hand_them_over(headers: object) -> None:
    assert llmtop.extract(headers) == ("a" * 32, "b" * 16)  # type: ignore[arg-type]  # as handed over


@pytest.mark.parametrize(
    "value",
    [
        "",
        "00",
        f"00-{'0' * 32}-{'b' * 16}-01",
        f"00-{'a' * 32}-{'0' * 16}-01",
        f"ff-{'a' * 32}-{'b' * 16}-01",
        f"00-{'a' * 31}-{'b' * 16}-01",
        f"00-{'g' * 32}-{'b' * 16}-01",
        f"00-{'a' * 32}-{'b' * 16}-01-more",
    ],
)
def test_a_header_that_is_not_valid_is_none(value: str) -> None:
    assert llmtop.extract({"traceparent": value}) is None


@given(st.text())
def test_no_header_does_any_harm(value: str) -> None:
    llmtop.extract({"traceparent": value})


def test_greenlets_have_current_spans_of_their_own(monitor: Monitor) -> None:
    program = f"""
from gevent import monkey
monkey.patch_all()
import gevent, llmtop
from llmtop import tracer
llmtop.configure({monitor.address!r})

def worker(number):
    with tracer.span(f"worker {{number}}"):
        gevent.sleep(0.001)
        assert llmtop.current_span().name == f"worker {{number}}"
        with tracer.span(f"inner {{number}}"):
            gevent.sleep(0)

gevent.joinall([gevent.spawn(worker, number) for number in range(10)], raise_error=True)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    monitor.wait(lambda: len(monitor.spans()) == 20 and not monitor.live.running)
    for number in range(10):
        inner, worker = monitor.named(f"inner {number}"), monitor.named(f"worker {number}")
        assert inner.parent_id == worker.span_id
        assert worker.parent_id is None
