"""The demo's traffic is reproducible, at the asked rate, and looks like real life."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from llmtop.demo.scenarios import SCENARIOS
from llmtop.demo.trace import Record
from llmtop.demo.traffic import stamped, steps


def minutes(count: float, *, seed: int = 1, rate: float = 5.0, scenario: str = "all"):
    traffic = steps(seed=seed, rate=rate, scenario=scenario)
    return list(itertools.takewhile(lambda step: step.due <= count * 60, traffic))


def records(kind: str, traffic) -> list[Record]:
    return [step.record for step in traffic if step.record["type"] == kind]


def test_the_same_seed_gives_the_same_traffic() -> None:
    assert minutes(2, seed=7) == minutes(2, seed=7)
    assert minutes(2, seed=7) != minutes(2, seed=8)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_records_come_in_order_of_time_and_at_the_asked_rate(scenario: str) -> None:
    traffic = minutes(20, rate=10.0, scenario=scenario)
    due = [step.due for step in traffic]
    assert due == sorted(due)
    assert due[0] < 5.0
    calls = len(records("request", traffic))
    assert calls / 1200 == pytest.approx(10.0, rel=0.15)


def test_every_answer_follows_its_request() -> None:
    asked: dict[str, float] = {}
    for step in minutes(10):
        if step.record["type"] == "request":
            asked[step.record["request_id"]] = step.due
        elif step.record["type"] == "response":
            assert step.due >= asked.pop(step.record["request_id"])
    assert len(asked) < 100


def test_some_calls_are_in_flight_at_any_moment() -> None:
    traffic = minutes(3)
    assert len(records("request", traffic)) > len(records("response", traffic))


def test_prompts_grow_and_prefixes_are_cached_within_a_session() -> None:
    traffic = minutes(10, scenario="chatbot")
    sizes: dict[str, int] = {}
    for request in records("request", traffic):
        size = len(request["messages"])
        assert size >= sizes.get(request["session_id"], 0)
        sizes[request["session_id"]] = size
    assert max(sizes.values()) >= 8
    assert any(response.get("cache_read_tokens") for response in records("response", traffic))


def test_agents_nest_tools_and_agents_and_run_tools_side_by_side() -> None:
    traffic = minutes(5, scenario="agent")
    parents = {r["span_id"]: r["parent_id"] for r in records("span", traffic)}
    parents |= {r["span_id"]: r["parent_id"] for r in records("request", traffic)}

    def depth(span: str | None) -> int:
        return 0 if span is None else 1 + depth(parents.get(span))

    assert max(map(depth, parents)) >= 4
    starts = Counter(
        (r["parent_id"], r["start_time"])
        for r in records("span", traffic)
        if r["end_time"] is None and r["name"].startswith("execute_tool")
    )
    assert max(starts.values()) >= 2


def test_a_storm_limits_many_calls_and_is_over_in_the_usual_mix() -> None:
    def limited(scenario: str) -> float:
        answers = records("response", minutes(10, scenario=scenario))
        return sum(r.get("error_type") == "rate_limit_error" for r in answers) / len(answers)

    assert 0 < limited("all") < limited("storm") < 0.6


def test_timeouts_reasoning_streams_and_an_unknown_model_occur() -> None:
    traffic = minutes(40)
    answers = records("response", traffic)
    assert any(r.get("error_type") == "timeout" for r in answers)
    assert any(r.get("reasoning_tokens") for r in answers)
    assert any(r.get("ttft_ms") for r in answers)
    assert "acme-brain-7b" in {r["model"] for r in records("request", traffic)}


def test_only_the_unknown_model_is_not_in_the_price_list() -> None:
    from genai_prices import Usage, calc_price

    used = {(r["provider"], r["model"]) for r in records("request", minutes(30, rate=20.0))}
    for provider, model in used - {("acme", "acme-brain-7b")}:
        calc_price(Usage(input_tokens=1, output_tokens=1), model, provider_id=provider)


def test_times_become_iso_timestamps() -> None:
    for step in minutes(1):
        told = stamped(step.record, 1_700_000_000.0)
        moment = told["timestamp"] if "timestamp" in told else told["start_time"]
        assert moment.startswith("2023-11-14T22:1")
        json.dumps(told)


def test_write_leaves_the_past_as_lines_of_json(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "llmtop.demo.traffic", "--write", str(tmp_path / "logs")]
    told = subprocess.run(
        [*command, "--duration", "60"], check=True, capture_output=True, text=True
    )
    lines = [
        json.loads(line)
        for path in (tmp_path / "logs").rglob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    assert told.stdout.split()[0] == str(len(lines))
    assert {line["type"] for line in lines} == {"request", "response", "span"}
