"""Metrics for Prometheus: true figures, few labels, counters that never go back."""

from __future__ import annotations

import shutil
import subprocess
import time

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as read_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as read_text

from llmtop.serve import exposition
from llmtop.serve.exposition import OTHER, _Names, _Sums
from tests.serve.service import Service, call
from tests.waiting import wait_until

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scraped(served: Service, path: str = "/metrics", accept: str = "text/plain") -> Samples:
    answer = served.client.get(path, headers={"Accept": accept})
    assert answer.status_code == 200
    read = read_openmetrics if accept == OPENMETRICS else read_text
    assert answer.headers["content-type"].startswith(accept.partition(";")[0])
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in read(answer.text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, tuple(sorted(labels.items()))]


def traffic(served: Service) -> None:
    now = time.time()
    served.write(
        *call(1, at=now - 30, took=1.0, ttft_ms=90.0),
        *call(2, at=now - 30, took=3.0, error="slow down", error_type="RateLimit"),
        *call(3, at=now - 30, took=30.0, model="o3", reasoning_tokens=40),
        call(4, at=now - 1)[0],
    )


@pytest.mark.parametrize("path", ["/metrics", "/v1/metrics/prometheus"])
@pytest.mark.parametrize("accept", ["text/plain", OPENMETRICS])
def test_the_figures_are_those_of_the_calls(path: str, accept: str, served: Service) -> None:
    traffic(served)
    told = scraped(served, path, accept)
    assert value(told, "llm_requests_total", model="gpt-4o", status="ok") == 1
    assert value(told, "llm_requests_total", model="gpt-4o", status="error") == 1
    assert value(told, "llm_requests_total", model="o3", status="ok") == 1
    assert value(told, "llm_errors_total", model="gpt-4o", error_type="RateLimit") == 1
    assert value(told, "llm_tokens_total", model="gpt-4o", type="input") == 2000
    assert value(told, "llm_tokens_total", model="o3", type="reasoning") == 40
    assert value(told, "llm_cost_dollars_total", model="o3") == pytest.approx(0.0014)
    assert value(told, "llm_requests_in_flight", model="gpt-4o") == 1
    assert value(told, "llm_requests_in_flight", model="o3") == 0
    assert value(told, "llmtop_datagrams_lost_total") == 0
    assert value(told, "llmtop_lines_read_total") == 7
    assert value(told, "llmtop_lines_rejected_total") == 0


def test_a_cancelled_call_is_told_as_such_here_as_everywhere(served: Service) -> None:
    served.write(*call(1), *call(2, status="cancelled"), *call(3, error="Timeout"))
    told = scraped(served)
    counts = {
        status: value(told, "llm_requests_total", model="gpt-4o", status=status)
        for status in ("ok", "cancelled", "error", "lost")
    }
    assert counts == {"ok": 1, "cancelled": 1, "error": 1, "lost": 0}
    figures = served.get("/v1/metrics", window="all")
    totals = ("total_requests", "total_cancelled", "total_errors")
    assert [figures[name] for name in totals] == [3, 1, 1]
    assert served.get("/v1/logs", status="cancelled")["logs"][0]["request_id"] == "r2"


def test_histograms_are_cumulative_and_end_with_all(served: Service) -> None:
    traffic(served)
    told = scraped(served)
    name = "llm_request_latency_seconds"
    edges = [
        (dict(labels)["le"], amount)
        for (sample, labels), amount in told.items()
        if sample == f"{name}_bucket" and dict(labels)["model"] == "gpt-4o"
    ]
    assert [edge for edge, _ in edges][-1] == "+Inf"
    counts = [amount for _, amount in edges]
    assert counts == sorted(counts)
    assert dict(edges)["0.64"] == 0
    assert dict(edges)["1.28"] == 1
    assert dict(edges)["5.12"] == 2
    assert value(told, f"{name}_count", model="gpt-4o") == 2
    assert value(told, f"{name}_sum", model="gpt-4o") == pytest.approx(4.0, rel=0.01)
    ttft = "llm_time_to_first_token_seconds"
    assert value(told, f"{ttft}_count", model="gpt-4o") == 1
    assert (f"{ttft}_count", (("model", "o3"),)) not in told


def test_a_model_that_nobody_names_is_unknown_and_a_hostile_one_is_escaped(
    served: Service,
) -> None:
    served.write(*call(1, model='bad"\\\n\x1b name'))
    told = scraped(served)
    (label,) = {dict(labels)["model"] for name, labels in told if name == "llm_requests_total"}
    assert label == 'bad"\\�� name'


def test_endless_models_and_errors_become_few_labels(served: Service) -> None:
    served.write(
        *[
            record
            for number in range(150)
            for record in call(number, model=f"m{number}", error="x", error_type=f"E{number}")
        ]
    )
    told = scraped(served)
    models = {dict(labels)["model"] for name, labels in told if name == "llm_requests_total"}
    kinds = {dict(labels)["error_type"] for name, labels in told if name == "llm_errors_total"}
    assert len(models) == exposition.MOST_MODELS + 1
    assert len(kinds) == exposition.MOST_ERROR_TYPES + 1
    assert value(told, "llm_requests_total", model=OTHER, status="error") == 50
    total = sum(amount for (name, _), amount in told.items() if name == "llm_requests_total")
    assert total == 150


def test_a_name_keeps_its_label_for_ever() -> None:
    names = _Names(2)
    assert [names.label(name) for name in ("a", "b", "c", "a", None, "b")] == [
        "a", "b", OTHER, "a", "unknown", "b",
    ]  # fmt: skip
    assert len(_Names(2).label("x" * 5000)) < 200


def test_a_counter_never_goes_back_and_ends_when_there_is_none() -> None:
    sums = _Sums()
    assert sums.settle({("a",): 3.0}) == {("a",): 3.0}
    assert sums.settle({("a",): 2.0, ("b",): 1.0}) == {("a",): 3.0, ("b",): 1.0}
    assert sums.settle({("a",): 4.0}) == {("a",): 4.0}


def test_promtool_finds_nothing_to_complain_of(served: Service) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("Debian's package prometheus, which brings promtool, is not installed")
    traffic(served)
    text = served.client.get("/metrics").content
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_call_in_flight_is_none_any_more_when_it_ends(served: Service) -> None:
    request, response = call(1)
    served.write(request)
    assert value(scraped(served), "llm_requests_in_flight", model="gpt-4o") == 1
    served.write(response)
    wait_until(
        lambda: value(scraped(served), "llm_requests_total", model="gpt-4o", status="ok") == 1
    )
    assert value(scraped(served), "llm_requests_in_flight", model="gpt-4o") == 0
