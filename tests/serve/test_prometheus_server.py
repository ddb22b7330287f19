"""A real Prometheus scrapes the service, and its quantiles are those of the figures."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from llmtop.serve.exposition import LATENCY_EDGES_S
from tests.ports import free_port
from tests.serve.service import call, service

WAIT_S = 60.0


def test_histogram_quantile_is_within_a_bucket_of_the_figures(tmp_path: Path) -> None:
    prometheus = shutil.which("prometheus")
    if prometheus is None:
        pytest.skip("Debian's package prometheus is not installed")
    logs = tmp_path / "logs"
    logs.mkdir()
    chance = random.Random(7)
    records = [
        record
        for number in range(400)
        for record in call(number, took=chance.lognormvariate(0.0, 1.0))
    ]
    with service(logs, token="secret") as served:
        served.client.headers["Authorization"] = "Bearer secret"
        served.write(*records)
        figures = served.get("/v1/metrics", window="all")
        target = served.url.removeprefix("http://")
        config = tmp_path / "prometheus.yml"
        config.write_text(f"""
scrape_configs:
  - job_name: llmtop
    scrape_interval: 1s
    scrape_timeout: 1s
    authorization: {{credentials: secret}}
    static_configs: [{{targets: ["{target}"]}}]
""")
        address = f"127.0.0.1:{free_port()}"
        with (tmp_path / "prometheus.log").open("wb") as log:
            running = subprocess.Popen(
                [
                    prometheus,
                    f"--config.file={config}",
                    f"--storage.tsdb.path={tmp_path / 'data'}",
                    f"--web.listen-address={address}",
                ],
                stdout=log,
                stderr=log,
            )
        try:
            assert asked(address, "up", running) == 1.0
            for share, name in ((0.5, "p50_latency"), (0.95, "p95_latency")):
                found = asked(
                    address,
                    f"histogram_quantile({share}, llm_request_latency_seconds_bucket)",
                    running,
                )
                assert same_bucket(found, figures[name] / 1000.0), (found, figures[name])
            count = asked(address, "sum(llm_requests_total)", running)
            assert count == figures["total_requests"] == 400
        finally:
            running.terminate()
            running.wait(WAIT_S)


def asked(address: str, query: str, running: subprocess.Popen[bytes]) -> float:
    """The value of a query, as soon as there is one."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        assert running.poll() is None, "prometheus has ended"
        try:
            answer = httpx.get(
                f"http://{address}/api/v1/query", params={"query": query}, trust_env=False
            )
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        result = answer.json().get("data", {}).get("result", []) if answer.is_success else []
        if result and float(result[0]["value"][1]) > 0:
            return float(result[0]["value"][1])
        time.sleep(0.1)
    raise AssertionError(f"prometheus knows nothing of {query}")


def same_bucket(one: float, other: float) -> bool:
    """Whether two durations (seconds) lie in the same bucket or in neighbouring ones."""

    def bucket(seconds: float) -> int:
        return sum(seconds > edge for edge in LATENCY_EDGES_S)

    return abs(bucket(one) - bucket(other)) <= 1
