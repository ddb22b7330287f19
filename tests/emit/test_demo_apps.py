"""The example apps run against a server or against nothing, and are typed; each shows its calls."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emit.model_server import ANSWER, ModelServer
from tests.emit.monitor import Monitor

ROOT = Path(__file__).parents[2]
APPS = {"chatbot": {"chat": 3}, "rag": {"embeddings": 2, "chat": 2}, "agent": {"chat": 2}}


def run(app: str, monitor: Monitor, *arguments: str, **environment: str) -> str:
    told = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LLMTOP", "OPENAI"))
    }
    done = subprocess.run(
        [sys.executable, str(ROOT / "demo" / f"{app}.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**told, "LLMTOP_SINK": monitor.address, "LLMTOP_STRICT": "1", **environment},
    )
    assert (done.returncode, done.stderr) == (0, "")
    monitor.wait(lambda: bool(monitor.calls()) and not monitor.live.running)
    return done.stdout


@pytest.mark.parametrize("app", APPS)
def test_it_runs_against_nothing_at_all(app: str, monitor: Monitor) -> None:
    assert run(app, monitor).startswith("> ")
    seen: dict[str, int] = {}
    for call in monitor.calls():
        seen[call.series.operation] = seen.get(call.series.operation, 0) + 1
        assert call.input_tokens
        assert call.parent_id
    assert seen == APPS[app]
    assert {span.status for span in monitor.spans()} == {"ok"}


@pytest.mark.parametrize("app", ["chatbot", "rag"])
def test_it_runs_against_a_server(app: str, monitor: Monitor, model_server: ModelServer) -> None:
    said = run(app, monitor, "hello", OPENAI_BASE_URL=model_server.openai_url)
    assert ANSWER in said
    assert {call.series.provider for call in monitor.calls()} == {"openai"}


def test_the_agent_uses_its_tool_within_its_trace(monitor: Monitor) -> None:
    run("agent", monitor)
    tool = monitor.named("weather")
    agent = monitor.named("assistant")
    assert tool.parent_id == agent.span_id
    assert {call.parent_id for call in monitor.calls()} == {agent.span_id}
    assert "sunny" in monitor.payload(tool).output[0].text


USES = """
import llmtop
from collections.abc import AsyncIterator, Iterator
from openai import AsyncOpenAI, OpenAI

@llmtop.tracer.span
def bare(number: int, *, more: str = "") -> str: return more * number

@llmtop.tracer.tool("t")
async def tool(number: int) -> list[int]: return [number]

@llmtop.tracer.chain_step("c")
def step() -> Iterator[int]: yield 1

@llmtop.tracer.agent("a")
async def agent() -> AsyncIterator[str]: yield ""

reveal_type(bare)
reveal_type(tool)
reveal_type(step)
reveal_type(agent)
reveal_type(llmtop.wrap(bare))
reveal_type(llmtop.instrument(OpenAI()))
reveal_type(llmtop.instrument(AsyncOpenAI()))
with llmtop.tracer.llm_call("m") as call:
    reveal_type(call.set_usage(prompt_tokens=1))
reveal_type(llmtop.RequestLogger().log_request("m", []))
reveal_type(llmtop.extract({}))
llmtop.tracer.spam("x")
llmtop.nothing
bare("one")
"""
REVEALED = (
    "def (number: int, *, more: str =) -> str",
    "def (number: int) -> typing.Coroutine[Any, Any, list[int]]",
    "def () -> typing.Iterator[int]",
    "def () -> typing.AsyncIterator[str]",
    "def (number: int, *, more: str =) -> str",
    "openai._client.OpenAI",
    "openai._client.AsyncOpenAI",
    "llmtop.emit.call.Call",
    "str",
    "tuple[str, str, fallback=llmtop.emit.context.SpanContext] | None",
)
REFUSED = (
    '"Tracer" has no attribute "spam"',
    "Module has no attribute",
    'incompatible type "str"; expected "int"',
)


def check(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def test_the_apps_pass_strict_type_checking(tmp_path: Path) -> None:
    apps = [f"demo/{app}.py" for app in (*APPS, "offline_model")]
    done = check(*apps, "--cache-dir", str(tmp_path), MYPYPATH="demo")
    assert done.returncode == 0, done.stdout


def test_decorators_and_clients_keep_their_types(tmp_path: Path) -> None:
    path = tmp_path / "uses.py"
    path.write_text(USES)
    done = check(str(path), "--cache-dir", str(tmp_path))
    revealed = [line.split('"')[1] for line in done.stdout.splitlines() if "Revealed" in line]
    plain = [text.replace("*", "").replace(" =", "=") for text in REVEALED]
    assert [
        text.replace("*", "").replace("collections.abc.", "typing.").replace(" =", "=")
        for text in revealed
    ] == plain, done.stdout
    for said in REFUSED:
        assert said in done.stdout
    assert done.stdout.count(" error: ") == len(REFUSED), done.stdout
