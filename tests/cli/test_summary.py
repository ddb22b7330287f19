"""`llmtop summary` tells what an independent computation tells of the same log."""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.run import run

KEYS = (
    *("calls", "errors", "in_flight", "spans", "traces", "input_tokens", "output_tokens"),
    *("cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "cost_usd"),
    *("unpriced_calls", "calls_without_usage", "first_event", "last_event"),
    *("latency_ms", "ttft_ms", "models", "errors_by_type", "sources"),
)
QUANTILES = ("p50", "p90", "p95", "p99", "max")
NOON = 1_764_000_000.0
MODELS = {"gpt-4o": "openai", "claude-sonnet-4-5": "anthropic", "my-own-model": None}


@dataclass
class Call:
    """One call as the application knows it, whatever its log tells."""

    number: int
    model: str
    start: float
    latency: float
    ttft: float | None
    usage: tuple[int, int, int] | None
    error: str | None
    cost: float | None
    asked: bool
    answered: bool
    twice: list[str] = field(default_factory=list)

    def records(self) -> list[dict[str, Any]]:
        """What stands in the log of it."""
        found = []
        name = f"r{self.number}"
        if self.asked:
            asked = {"type": "request", "request_id": name, "timestamp": iso(self.start)}
            found.append(
                {**asked, "model": self.model, "messages": [], "trace_id": f"t{self.number // 3}"}
            )
        if self.answered:
            told: dict[str, Any] = {
                "type": "response",
                "request_id": name,
                "timestamp": iso(self.start + self.latency),
                "model": self.model,
                "latency_ms": self.latency * 1000,
                "content": None if self.error else "…",
            }
            if self.ttft is not None:
                told["ttft_ms"] = self.ttft * 1000
            if self.usage is not None:
                told["prompt_tokens"], told["completion_tokens"], cached = self.usage
                told["cache_read_tokens"] = cached
            if self.error is not None:
                told["error"], told["error_type"] = f"it was {self.error}", self.error
            if self.cost is not None:
                told["estimated_cost"] = self.cost
            found.append(told)
        return [each for each in found for _ in range(1 + (each["type"] in self.twice))]

    def dollars(self) -> float | None:
        """What it cost, by the record or by the price library itself."""
        if not self.answered or self.cost is not None:
            return self.cost if self.answered else None
        if self.usage is None or MODELS[self.model] is None:
            return None
        inputs, outputs, cached = self.usage
        usage = Usage(input_tokens=inputs, output_tokens=outputs, cache_read_tokens=cached)
        price = calc_price(
            usage,
            self.model,
            provider_id=MODELS[self.model],
            genai_request_timestamp=datetime.fromtimestamp(self.start, UTC),
        )
        return float(price.total_price)


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")


@st.composite
def calls(draw: st.DrawFn) -> list[Call]:
    found = []
    for number in range(draw(st.integers(1, 25))):
        usage = None
        if draw(st.integers(0, 4)):
            inputs = draw(st.integers(0, 100_000))
            usage = (inputs, draw(st.integers(0, 5000)), draw(st.integers(0, inputs)))
        latency = round(draw(st.floats(0.001, 300.0)), 6)
        asked = draw(st.integers(0, 5)) > 0
        found.append(
            Call(
                number,
                draw(st.sampled_from(list(MODELS))),
                NOON + round(draw(st.floats(0, 3000)), 6),
                latency,
                draw(st.none() | st.floats(0.001, latency)),
                usage,
                draw(st.sampled_from([None, None, None, "rate_limit", "timeout"])),
                draw(st.none() | st.floats(0, 2).map(lambda cost: round(cost, 6))),
                asked,
                draw(st.integers(0, 5)) > 0 or not asked,
                draw(st.lists(st.sampled_from(["request", "response"]), max_size=2)),
            )
        )
    return found


def exact_quantile(ordered: list[float], share: float) -> float:
    rank = share * (len(ordered) - 1)
    low, high = ordered[math.floor(rank)], ordered[math.ceil(rank)]
    return low + (high - low) * (rank - math.floor(rank))


def total(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def expect_quantiles(found: dict[str, float | None], durations: list[float]) -> None:
    if not durations:
        assert found == dict.fromkeys(QUANTILES)
        return
    ordered = sorted(1000 * seconds for seconds in durations)
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)):
        assert found[name] == pytest.approx(exact_quantile(ordered, share), rel=0.0101, abs=0.001)


def expect(told: dict[str, Any], every: list[Call]) -> None:
    """Compare a summary with the calls that it is about."""
    ended = [call for call in every if call.answered]
    used = [call for call in ended if call.usage is not None]
    assert told["calls"] == len(every)
    assert told["errors"] == sum(call.error is not None for call in ended)
    assert told["in_flight"] == len(every) - len(ended)
    assert told["input_tokens"] == total([call.usage[0] for call in used if call.usage])
    assert told["output_tokens"] == total([call.usage[1] for call in used if call.usage])
    assert told["cache_read_tokens"] == total([call.usage[2] for call in used if call.usage])
    assert told["cache_write_tokens"] is None
    costs = [call.dollars() for call in every]
    cost = total(costs)
    assert told["cost_usd"] == (cost if cost is None else pytest.approx(cost, rel=1e-9, abs=1e-10))
    assert told["unpriced_calls"] == sum(call.dollars() is None for call in used)
    assert told["calls_without_usage"] == sum(
        call.usage is None and call.error is None for call in ended
    )
    expect_quantiles(told["latency_ms"], [call.latency for call in ended])
    expect_quantiles(told["ttft_ms"], [call.ttft for call in ended if call.ttft is not None])
    kinds = [call.error for call in ended if call.error is not None]
    assert told["errors_by_type"] == {kind: kinds.count(kind) for kind in set(kinds)}
    assert {row["model"]: row["calls"] for row in told["models"]} == {
        model: count for model in MODELS if (count := sum(call.model == model for call in every))
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(every=calls(), seed=st.integers(0, 1000), files=st.integers(1, 3))
def test_the_figures_equal_an_independent_computation_whatever_the_order_of_the_lines(
    every: list[Call],
    seed: int,
    files: int,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    lines = [json.dumps(record) for call in every for record in call.records()]
    random.Random(seed).shuffle(lines)
    for number in range(files):
        text = "".join(f"{line}\n" for line in lines[number::files])
        (folder / f"part{number}.jsonl").write_text(text)
    ran = run(capsys, "summary", folder, "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    expect(told, every)
    assert tuple(told) == KEYS
    assert sum(source["lines"] for source in told["sources"]) == len(lines)
    assert sum(source["rejected"] for source in told["sources"]) == 0


def one_call(folder: Path, **told: Any) -> Path:
    path = folder / "one.jsonl"
    records = [
        {"type": "request", "request_id": "r", "timestamp": iso(NOON), "model": "gpt-4o"},
        {"type": "response", "request_id": "r", "timestamp": iso(NOON + 2), **told},
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_what_nobody_told_is_null_and_never_zero(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(run(capsys, "summary", one_call(tmp_path), "--json").out)
    unknown = ("input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens", "cost_usd")
    assert {name: told[name] for name in unknown} == dict.fromkeys(unknown)
    assert told["ttft_ms"] == dict.fromkeys(QUANTILES)
    assert told["calls_without_usage"] == 1
    table = run(capsys, "summary", one_call(tmp_path)).out
    assert "–" in table
    assert "$0" not in table


def test_a_filter_and_a_since_choose_the_calls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = one_call(tmp_path, prompt_tokens=5, completion_tokens=1)

    def count(*options: str) -> int:
        return int(json.loads(run(capsys, "summary", path, "--json", *options).out)["calls"])

    assert count("--filter", "model:gpt-4o latency:>1s") == 1
    assert count("--filter", "latency:<1s") == 0
    assert count("--since", "2020-01-01") == 1
    assert count("--since", "1h") == 0


def test_a_filter_can_look_into_what_was_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = one_call(tmp_path, content="Here is your refund.")

    def count(words: str) -> int:
        return int(
            json.loads(run(capsys, "summary", path, "--json", "--filter", words).out)["calls"]
        )

    assert count('text:"your refund"') == 1
    assert count("text:zebra") == 0
    assert count("text:refund text:here") == 1
    assert count("text:refund text:zebra") == 0
    assert count("text:refund -text:here") == 0


def test_the_table_shows_hostile_names_as_they_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "app.jsonl"
    record = {
        "type": "response",
        "request_id": "r",
        "timestamp": NOON,
        "error_type": "[/red]\x1b[2J",
    }
    path.write_text(json.dumps({**record, "model": "[bold]x[/foo]\x07", "error": "no"}) + "\n")
    table = run(capsys, "summary", path).out
    assert "[bold]x[/foo]�" in table
    assert "[/red]�[2J 1" in table
    assert "\x1b" not in table


def test_nothing_to_read_is_a_failure_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = run(capsys, "summary", tmp_path)
    assert (empty.code, empty.out) == (1, "")
    assert "nothing to read" in empty.err
    (tmp_path / "app.log").write_text("hello\nworld\n")
    text = run(capsys, "summary", tmp_path)
    assert text.code == 1
    assert "llmtop formats" in text.err


def test_what_could_not_be_read_is_counted_beside_what_could(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = one_call(tmp_path)
    with path.open("a") as file:
        file.write('not json\n{"half": \n')
    told = json.loads(run(capsys, "summary", path, "--json").out)
    assert told["calls"] == 1
    assert (told["sources"][0]["lines"], told["sources"][0]["rejected"]) == (4, 2)
    explained = run(capsys, "formats", path).out
    assert "rejected: 2" in explained
    assert "rejected 1: not JSON: a line of text\n    not json" in explained


def test_half_a_character_in_a_name_leaves_json_what_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {"type": "response", "request_id": "r", "timestamp": NOON, "model": "x\ud800"}
    path = tmp_path / "app.jsonl"
    path.write_text(json.dumps(record) + "\n")
    assert json.loads(run(capsys, "summary", path, "--json").out)["models"][0]["model"] == "x?"
    rule = ("--alert", "calls > 0 per model")
    told = json.loads(run(capsys, "check", path, "--json", *rule).out)
    assert told["alerts"][0]["group"] == "x?"
