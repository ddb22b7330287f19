"""The routes of OTLP, mounted in any application: whatever is sent, there is an answer."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Iterator, Mapping

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.otlp_receiver import Receiver
from llmtop.sources.otlp_routes import otlp_routes
from llmtop.sources.spool import Spool
from tests.otlp.exports import body, call_span, protobuf

PROTOBUF = "application/x-protobuf"
JSON = "application/json"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    spool = Spool()
    yield Receiver("otlp", ChunkIndex(), 0, spool)
    spool.close()


def ask(
    receiver: Receiver, path: str, content: bytes, headers: Mapping[str, str], method: str = "POST"
) -> httpx.Response:
    async def health(request: object) -> PlainTextResponse:
        del request
        return PlainTextResponse("well")

    routes = otlp_routes(receiver)
    application = Starlette(
        routes=[Route("/health", health), *routes, Mount("/otlp", routes=routes)]
    )

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, content=content, headers=headers)

    return asyncio.run(send())


@pytest.mark.parametrize("path", ["/v1/traces", "/otlp/v1/traces"])
def test_they_work_beside_other_routes_and_below_a_path(receiver: Receiver, path: str) -> None:
    answer = ask(receiver, path, body(call_span(0)), {"content-type": JSON})
    assert (answer.status_code, answer.json()) == (200, {})
    answer = ask(receiver, path, protobuf(call_span(1)), {"content-type": PROTOBUF})
    assert (answer.status_code, answer.content) == (200, b"")
    assert ask(receiver, "/health", b"", {}, "GET").text == "well"
    (chunk,) = receiver.poll(0.0, 1 << 20)
    assert chunk.data.count(b"\n") == 2
    assert receiver.status.received["spans"] == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=300)
    | st.binary(max_size=60).map(lambda tail: b'{"resourceSpans":[' + tail)
    | st.sampled_from([body(call_span(0)), protobuf(call_span(0))]),
    signal=st.sampled_from(["traces", "logs", "metrics"]),
    kind=st.sampled_from([PROTOBUF, JSON, "text/plain", ""]),
    encoding=st.sampled_from(["", "identity", "gzip", "deflate", "br"]),
    packed=st.booleans(),
)
def test_whatever_is_sent_is_taken_or_refused_with_a_sentence_and_never_fails(
    receiver: Receiver, content: bytes, signal: str, kind: str, encoding: str, packed: bool
) -> None:
    if packed and encoding in ("gzip", "deflate"):
        content = gzip.compress(content) if encoding == "gzip" else zlib.compress(content)
    headers = {"content-type": kind, "content-encoding": encoding}
    answer = ask(receiver, f"/v1/{signal}", content, headers)
    assert answer.status_code in (200, 400, 415)
    assert answer.headers["content-type"] == (PROTOBUF if kind == PROTOBUF else JSON)
    if answer.status_code != 200 and kind != PROTOBUF:
        assert answer.json()["message"].endswith(".")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_only_posting_is_for_senders(receiver: Receiver, method: str) -> None:
    answer = ask(receiver, "/v1/traces", b"", {}, method)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
