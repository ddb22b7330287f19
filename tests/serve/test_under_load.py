"""Eight clients ask while records arrive: no error, and no record is lost."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.serve.service import call, service
from tests.waiting import PATIENCE_S, wait_until

CALLS = 4_000
ASKED = (
    "/v1/logs?limit=50",
    "/v1/logs?limit=20&q=status:error&payload=false",
    "/v1/metrics?window=5m",
    "/v1/metrics?window=1h&q=model:gpt-4o",
    "/v1/traces?limit=20",
    "/v1/sessions?limit=20",
    "/metrics",
    "/health",
)


def test_clients_are_answered_and_every_record_is_read(tmp_path: Path) -> None:
    with service(tmp_path) as served:
        written = threading.Event()

        def ask(path: str) -> list[int]:
            """Ask until all is written, and once more."""
            found = []
            with httpx.Client(base_url=served.url, timeout=PATIENCE_S, trust_env=False) as client:
                while True:
                    last = written.is_set()
                    answer = client.get(path)
                    found.append(answer.status_code)
                    assert answer.content
                    if last:
                        return found

        with ThreadPoolExecutor(len(ASKED)) as pool:
            asking = [pool.submit(ask, path) for path in ASKED]
            with (tmp_path / "app.jsonl").open("ab", buffering=0) as log:
                for number in range(CALLS):
                    told = call(number, trace_id=f"t{number // 3}", session_id=f"s{number % 50}",
                                error="Timeout" if number % 10 == 0 else None)  # fmt: skip
                    log.write(b"".join(json.dumps(record).encode() + b"\n" for record in told))
            written.set()
            statuses = [status for each in asking for status in each.result(PATIENCE_S * 2)]
        assert set(statuses) == {200}
        wait_until(lambda: served.get("/v1/metrics", window="all")["total_requests"] == CALLS)
        told = served.get("/v1/metrics", window="all")
        assert told["total_errors"] == CALLS // 10
        assert told["in_flight"] == 0
        assert sum(source["rejected"] for source in told["sources"]) == 0
        assert len(statuses) >= 2 * len(ASKED)
