"""`/v1/metrics`: the figures of `summary --json`, of a window and under a filter."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.serve.service import Service, call, service

TOTALS = {
    "total_requests", "total_tokens", "total_errors", "total_cost",
    "p50_latency", "p95_latency", "p99_latency",
}  # fmt: skip


def traffic(served: Service) -> None:
    now = time.time()
    served.write(
        *call(1, at=now - 30, took=1.0),
        *call(2, at=now - 30, took=2.0, error="Timeout"),
        *call(3, at=now - 30, took=4.0, model="o3"),
        *call(4, at=now - 2000, took=8.0),
        call(5, at=now - 1)[0],
    )


def test_the_totals_are_those_of_the_window(served: Service) -> None:
    traffic(served)
    told = served.get("/v1/metrics", window="5m")
    assert set(told) > TOTALS
    assert told["total_requests"] == 4
    assert told["total_errors"] == 1
    assert told["total_tokens"] == 3300
    assert told["total_cost"] == pytest.approx(3 * 0.0014)
    assert told["p50_latency"] == pytest.approx(2000.0, rel=0.01)
    assert told["p99_latency"] == pytest.approx(3960.0, rel=0.02)
    assert told["in_flight"] == 1
    assert {(row["model"], row["calls"]) for row in told["models"]} == {("gpt-4o", 3), ("o3", 1)}


@pytest.mark.parametrize(
    ("asked", "requests"),
    [
        ({}, 4),
        ({"window": "all"}, 5),
        ({"window": "1h"}, 5),
        ({"window": "10s"}, 1),
        ({"window": "2h"}, 5),
        ({"q": "model:o3"}, 1),
        ({"q": "model:gpt-4o", "window": "all"}, 4),
        ({"q": "status:error", "window": "1m"}, 1),
        ({"q": "model:nobody"}, 0),
    ],
)
def test_windows_and_filters_choose_the_calls(
    asked: dict[str, Any], requests: int, served: Service
) -> None:
    traffic(served)
    assert served.get("/v1/metrics", **asked)["total_requests"] == requests


def test_a_filter_that_lets_all_through_gives_the_same_figures(served: Service) -> None:
    traffic(served)
    plain = served.get("/v1/metrics", window="all")
    filtered = served.get("/v1/metrics", window="all", q="-model:nobody")
    for name in TOTALS | {"models", "errors_by_type", "latency_ms", "in_flight"}:
        assert filtered[name] == plain[name], name


def test_what_nobody_told_is_null(served: Service) -> None:
    told = served.get("/v1/metrics")
    assert told["total_requests"] == 0
    assert told["total_cost"] is None
    assert told["total_tokens"] is None
    assert told["p95_latency"] is None


@pytest.mark.parametrize("window", ["soon", "0s", "-5m", "5y"])
def test_a_window_that_is_none_is_refused(window: str, served: Service) -> None:
    status, said = served.refused("/v1/metrics", window=window)
    assert status == 422
    assert said.startswith("window: ")


def test_figures_of_calls_that_are_not_all_in_memory_say_that_they_are_partial(
    tmp_path: Path,
) -> None:
    now = time.time()
    with service(tmp_path, max_calls=20) as served:
        served.write(*[record for n in range(60) for record in call(n, at=now - 3000 + 10 * n)])
        served.write(*[record for n in range(60, 65) for record in call(n, at=now - 60)])

        def told(**asked: str) -> tuple[int, bool]:
            figures = served.get("/v1/metrics", **asked)
            return figures["total_requests"], figures["partial"]

        assert told(window="all") == (65, False)
        assert told(window="1h") == (65, False)
        calls, partial = told(window="2h")
        assert calls < 65
        assert partial
        assert told(window="10m") == (5, False)
        assert told(window="10m", q="model:gpt-4o") == (5, False)
        assert told(window="all", q="model:gpt-4o")[1]
