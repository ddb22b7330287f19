"""A service on a free port of this machine, with a clock and logs of the test's own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from llmtop.decode.decoder import Decoder
from llmtop.live.live import Live
from llmtop.pump import Pump
from llmtop.serve.app import application
from llmtop.serve.door import Door
from llmtop.serve.monitor import Monitor
from llmtop.serve.server import Server
from llmtop.serve.store import Store
from llmtop.sources.listening import tcp_socket
from llmtop.sources.open import Sources
from llmtop.sources.otlp_routes import otlp_routes
from tests.rates import PerMillion
from tests.waiting import PATIENCE_S, wait_until


class Service:
    """A running service; `client` asks it."""

    def __init__(self, folder: Path, url: str, monitor: Monitor, pump: Pump) -> None:
        self.folder = folder
        self.url = url
        self.monitor = monitor
        self.pump = pump
        self.client = httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False)

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of an answer that must be good."""
        answer = self.client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, **parameters: Any) -> tuple[int, str]:
        """Status and sentence of an answer that must be an error."""
        answer = self.client.get(path, params=parameters)
        assert answer.headers["content-type"] == "application/json"
        told = answer.json()
        assert told["status"] == answer.status_code
        assert set(told) == {"error", "status"}
        return answer.status_code, told["error"]

    def write(self, *records: dict[str, Any], name: str = "app.jsonl") -> None:
        """Append records to a log that is followed, and wait until they have been read."""
        with (self.folder / name).open("ab") as log:
            log.writelines(json.dumps(record).encode() + b"\n" for record in records)
        self.wait_for_lines(records)

    def wait_for_lines(self, records: tuple[dict[str, Any], ...]) -> None:
        """Wait until as many more lines have been read as there are records."""
        self._lines = getattr(self, "_lines", 0) + len(records)
        wait_until(lambda: self.monitor.look(lambda pump: pump.honest()).lines >= self._lines)


@contextmanager
def service(
    folder: Path,
    *,
    max_calls: int = 200_000,
    store: Path | None = None,
    udp: bool = False,
    **door: Any,
) -> Iterator[Service]:
    """Serve the logs of a folder; `store` is what was recorded before."""
    live = Live(PerMillion(), max_calls=max_calls, lost_after=600.0)
    sources = Sources(
        [str(folder)], udp=("127.0.0.1", 0) if udp else None, otlp_mounted=True, udp_required=True
    )
    pump = Pump(sources, Decoder(), live)
    monitor = Monitor(pump)
    logs = Store([folder], record=store, prices=PerMillion())
    assert pump.otlp_receiver is not None
    posts = {route.path: route.app for route in otlp_routes(pump.otlp_receiver)}
    app = application(monitor, logs, tuple(door.get("origins", ())))
    socket = tcp_socket("127.0.0.1", 0, taken="")
    door.setdefault("bound", "127.0.0.1")
    server = Server(Door(app, posts=posts, **door), monitor.streams.close)
    thread = threading.Thread(target=server.run, args=([socket],))
    monitor.start()
    thread.start()
    found = Service(folder, f"http://127.0.0.1:{socket.getsockname()[1]}", monitor, pump)
    try:
        yield found
    finally:
        found.client.close()
        monitor.streams.close()
        server.should_exit = True
        thread.join(PATIENCE_S)
        monitor.close()
        socket.close()


def call(number: int, *, at: float | None = None, took: float = 1.0, **told: Any) -> list[dict]:
    """The request and response records of one call that began at `at` (by default: ago)."""
    began = time.time() - 100.0 + number * 0.01 if at is None else at
    request = {
        "type": "request",
        "request_id": f"r{number}",
        "timestamp": began,
        "model": told.pop("model", "gpt-4o"),
        "messages": [{"role": "user", "content": f"question {number}"}],
        "temperature": 0.5,
    }
    for name in ("user_id", "session_id", "trace_id", "span_id", "parent_id"):
        if name in told:
            request[name] = told.pop(name)
    response = {
        "type": "response",
        "request_id": f"r{number}",
        "timestamp": began + took,
        "content": f"answer {number}",
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        **told,
    }
    return [request, response]


def span(span_id: str, *, at: float, took: float | None = 1.0, **told: Any) -> dict[str, Any]:
    """A span record."""
    return {
        "type": "span",
        "span_id": span_id,
        "trace_id": "t1",
        "name": span_id,
        "start_time": at,
        "end_time": None if took is None else at + took,
        "status": "ok",
        **told,
    }
