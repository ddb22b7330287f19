"""Instrumenting what is imported, what will be, and clients only like the known ones."""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

import llmtop
from llmtop.emit import instrument
from tests.emit import programs
from tests.emit.model_server import ModelServer
from tests.emit.monitor import Monitor


def run(program: str, monitor: Monitor, **environment: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=programs.environment(LLMTOP_SINK=monitor.address, LLMTOP_STRICT="1", **environment),
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout or "{}")
    return found


def test_a_library_that_is_imported_later_is_seen(
    model_server: ModelServer, monitor: Monitor
) -> None:
    run(
        f"""
import llmtop
llmtop.instrument()
from openai import OpenAI
from anthropic import Anthropic
OpenAI(api_key="k", base_url={model_server.openai_url!r}).chat.completions.create(
    model="gpt-4o", messages=[{{"role": "user", "content": "hi"}}])
Anthropic(api_key="k", base_url={model_server.url!r}).messages.create(
    model="claude", max_tokens=9, messages=[{{"role": "user", "content": "hi"}}])
""",
        monitor,
    )
    monitor.wait(lambda: len(monitor.calls()) == 2 and not monitor.live.running)
    assert {call.series.provider for call in monitor.calls()} == {"openai", "anthropic"}


def test_a_library_that_is_imported_later_knows_its_own_loader(monitor: Monitor) -> None:
    told = run(
        """
import json, llmtop
llmtop.instrument()
import openai._base_client as module
print(json.dumps({"loader": type(module.__loader__).__name__,
                  "spec": type(module.__spec__.loader).__name__}))
""",
        monitor,
    )
    assert told == {"loader": "SourceFileLoader", "spec": "SourceFileLoader"}


def test_a_library_that_is_missing_is_missing_as_before(monitor: Monitor) -> None:
    told = run(
        """
import json, llmtop
llmtop.instrument()
try:
    import no_such_library._base_client
except ModuleNotFoundError as error:
    print(json.dumps({"name": error.name}))
""",
        monitor,
    )
    assert told == {"name": "no_such_library"}


def test_a_library_built_otherwise_than_expected_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LLMTOP_STRICT")
    llmtop.configure("none")

    class SyncAPIClient:
        """Without `request`."""

    module: Any = SimpleNamespace(SyncAPIClient=SyncAPIClient)
    instrument.patch(module)
    assert llmtop.stats().errors == {"KeyError": 1}


def test_switched_off_no_import_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMTOP", "0")
    before = list(sys.meta_path)
    llmtop.instrument()
    assert sys.meta_path == before


CHAT = {
    "id": "c1",
    "model": "local-1",
    "choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1},
}
CHUNKS = [
    {"id": "c1", "model": "local-1", "choices": [{"index": 0, "delta": {"content": "h"}}]},
    {"choices": [{"index": 0, "delta": {"content": "i"}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 1}},
]


class LikeOpenAI:
    """A client of another make with the methods of OpenAI's."""

    base_url = "http://localhost:11434/v1"

    def __init__(self) -> None:
        self.chat = SimpleNamespace(completions=self.Completions())

    class Completions:
        def create(self, **request: Any) -> Any:
            if request["model"] == "broken":
                raise ConnectionError("gone")
            return iter(CHUNKS) if request.get("stream") else CHAT


class LikeAsyncOpenAI(LikeOpenAI):
    class Completions:
        async def create(self, **request: Any) -> Any:
            await asyncio.sleep(0)
            return self.pieces() if request.get("stream") else CHAT

        async def pieces(self) -> AsyncIterator[Any]:
            for chunk in CHUNKS:
                yield chunk


def test_a_client_that_is_only_like_openais_is_seen(monitor: Monitor) -> None:
    client = llmtop.instrument(LikeOpenAI())
    assert client.chat.completions.create(model="local", messages=[]) is CHAT
    span = monitor.call()
    assert (span.series.provider, span.input_tokens, span.output_tokens) == ("ollama", 3, 1)
    llmtop.uninstrument(client)
    client.chat.completions.create(model="local", messages=[])
    monitor.read()
    assert len(monitor.calls()) == 1


def test_its_streams_are_seen(monitor: Monitor) -> None:
    client = llmtop.instrument(LikeOpenAI())
    stream: Iterator[Any] = client.chat.completions.create(model="local", messages=[], stream=True)
    assert list(stream) == CHUNKS
    span = monitor.call()
    assert span.ttft is not None
    assert monitor.payload(span).output[0].text == "hi"


class Stream:
    """A stream of another make."""

    def __init__(self) -> None:
        self.closed = False
        self._chunks = iter(CHUNKS)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._chunks)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True


def test_streams_of_another_make_are_taken_for_what_they_are(monitor: Monitor) -> None:
    client = LikeOpenAI()
    made = Stream()
    client.chat.completions = SimpleNamespace(create=lambda **_: made)
    llmtop.instrument(client)
    with client.chat.completions.create(model="local", messages=[], stream=True) as stream:
        assert isinstance(stream, Stream)
        assert next(stream) == CHUNKS[0]
        assert not stream.closed
    assert made.closed
    assert monitor.call().status == "cancelled"


def test_an_iterator_that_is_dropped_is_ended(monitor: Monitor) -> None:
    client = llmtop.instrument(LikeOpenAI())
    next(client.chat.completions.create(model="local", messages=[], stream=True))
    assert monitor.call().status == "cancelled"


def test_its_errors_are_seen(monitor: Monitor) -> None:
    client = llmtop.instrument(LikeOpenAI())
    with pytest.raises(ConnectionError):
        client.chat.completions.create(model="broken", messages=[])
    assert monitor.call().status == "error"


def test_an_async_client_of_another_make_is_seen(monitor: Monitor) -> None:
    async def ask() -> None:
        client = llmtop.instrument(LikeAsyncOpenAI())
        create = client.chat.completions.create
        assert inspect.iscoroutinefunction(create)
        assert await create(model="local", messages=[]) is CHAT
        stream = await create(model="local", messages=[], stream=True)
        assert [chunk async for chunk in stream] == CHUNKS

    asyncio.run(ask())
    monitor.wait(lambda: len(monitor.calls()) == 2 and not monitor.live.running)
    assert [call.output_tokens for call in monitor.calls()] == [1, 1]


def test_mocks_of_clients_stay_mocks_and_are_seen(monitor: Monitor) -> None:
    client = MagicMock()
    create = client.chat.completions.create
    create.return_value.choices = []
    answer = llmtop.instrument(client).chat.completions.create(model="m", messages=[])
    assert answer is create.return_value
    create.assert_called_once_with(model="m", messages=[])
    span = monitor.call()
    assert (span.status, span.input_tokens) == ("ok", None)
    llmtop.uninstrument(client)
    assert client.chat.completions.create is create


def test_what_is_no_client_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="object is not a client that llmtop knows"):
        llmtop.instrument(object())
    monkeypatch.delenv("LLMTOP_STRICT")
    llmtop.configure("none")
    thing = object()
    assert llmtop.instrument(thing) is thing
    assert llmtop.uninstrument(thing) is thing
