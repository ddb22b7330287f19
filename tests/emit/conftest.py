"""Fixtures of the emitter's tests: a monitor that listens, and an emitter that sends to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from openai import OpenAI

import llmtop
from llmtop.emit import emitter
from tests.emit.model_server import ModelServer, serving
from tests.emit.monitor import Monitor, monitoring


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sends to a monitor that somebody has open; faults of the emitter fail the test."""
    for name in ("LLMTOP", "LLMTOP_SINK", "LLMTOP_MASK", "LLMTOP_INCLUDE_USAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LLMTOP_STRICT", "1")
    emitter.configure("none")
    yield
    monkeypatch.delenv("LLMTOP", raising=False)
    llmtop.uninstrument()
    emitter.configure("none")


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    with monitoring() as monitor:
        llmtop.configure(monitor.address)
        yield monitor
        llmtop.configure("none")


@pytest.fixture(scope="session")
def model_server() -> Iterator[ModelServer]:
    with serving() as server:
        yield server


@pytest.fixture
def client(model_server: ModelServer) -> Iterator[OpenAI]:
    """OpenAI's client, instrumented, that tries again twice."""
    with OpenAI(api_key="k", base_url=model_server.openai_url, max_retries=2) as made:
        yield llmtop.instrument(made, include_usage=True)
