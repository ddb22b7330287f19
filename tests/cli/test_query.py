"""`llmtop query` answers from logs as an independent reading of them does."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from llmtop.cli.reading import Bar
from tests.cli.run import run
from tests.history.logs import NOON, call, request, write

Capsys = pytest.CaptureFixture[str]


def rows(capsys: Capsys, *arguments: object) -> list[dict[str, Any]]:
    done = run(capsys, "query", *arguments, "--format", "json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert isinstance(found, list)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(
        tmp_path / "logs" / "a.jsonl",
        *call("fast", NOON, latency_ms=100.0, estimated_cost=0.5, user_id="ada", session_id="s1"),
        *call("slow", NOON + 10, latency_ms=9000.0, estimated_cost=0.1, user_id="bob"),
        *call(
            "bad",
            NOON + 20,
            error="boom",
            error_type="timeout",
            prompt_tokens=None,
            completion_tokens=None,
            session_id="s1",
        ),
        *call("other", NOON + 30, model="claude-sonnet-4-5", prompt_tokens=5000),
    )
    return tmp_path / "logs"


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [row["request_id"] for row in found]


def test_arguments_behind_the_paths_are_a_filter(capsys: Capsys, folder: Path) -> None:
    assert ids(rows(capsys, folder)) == ["fast", "slow", "bad", "other"]
    assert ids(rows(capsys, folder, "status:error")) == ["bad"]
    assert ids(rows(capsys, folder, "model:gpt-4o", "latency:>5s")) == ["slow"]
    assert ids(rows(capsys, folder, "-model:gpt-4o")) == ["other"]
    assert ids(rows(capsys, folder, "-gpt", "--limit", "3")) == ["other"]
    assert ids(rows(capsys, folder, "")) == ["fast", "slow", "bad", "other"]
    assert ids(rows(capsys, folder, "user:ada", "or", "user:bob")) == ["fast", "slow"]


def test_sorts_put_the_largest_first_and_the_unknown_last(capsys: Capsys, folder: Path) -> None:
    assert ids(rows(capsys, folder, "--sort", "latency"))[0] == "slow"
    assert ids(rows(capsys, folder, "--sort", "cost"))[:2] == ["fast", "slow"]
    assert ids(rows(capsys, folder, "--sort", "tokens"))[0] == "other"
    assert ids(rows(capsys, folder, "--sort", "tokens"))[-1] == "bad"
    assert ids(rows(capsys, folder, "--sort", "time")) == ["other", "bad", "slow", "fast"]
    assert ids(rows(capsys, folder, "--sort", "time", "--limit", 2)) == ["other", "bad"]
    assert ids(rows(capsys, folder, "--limit", 2)) == ["fast", "slow"]


def test_fields_are_those_that_were_named(capsys: Capsys, folder: Path) -> None:
    (row, *_) = rows(capsys, folder, "--fields", "content, request_id")
    assert list(row.items()) == [("content", "answer fast"), ("request_id", "fast")]
    done = run(capsys, "query", folder, "--fields", "nonsense")
    assert done.code == 2
    assert "there is no field nonsense; there are request_id" in done.err


def test_unknown_is_null_and_a_dash_and_never_zero(capsys: Capsys, folder: Path) -> None:
    (row,) = rows(capsys, folder, "status:error")
    assert row["total_tokens"] is None
    assert row["estimated_cost"] is None
    assert row["error_type"] == "timeout"
    done = run(capsys, "query", folder, "status:error", "--fields", "request_id,total_tokens")
    assert done.out.split() == ["request_id", "total_tokens", "bad", "–"]


def test_formats_tell_the_same(capsys: Capsys, folder: Path) -> None:
    told = rows(capsys, folder)
    lines = run(capsys, "query", folder, "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == told
    table = csv.DictReader(io.StringIO(run(capsys, "query", folder, "--format", "csv").out))
    for cells, row in zip(table, told, strict=True):
        assert cells["request_id"] == row["request_id"]
        assert cells["estimated_cost"] == str(
            "" if row["estimated_cost"] is None else row["estimated_cost"]
        )
        assert json.loads(cells["messages"]) == row["messages"]


def test_sums_by_model_are_those_of_an_independent_count(capsys: Capsys, tmp_path: Path) -> None:
    chance = random.Random(3)
    expected: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0.0])
    records = []
    for number in range(500):
        model = chance.choice(["gpt-4o", "claude-sonnet-4-5", "mine"])
        tokens, cost = chance.randrange(1000), chance.random()
        failed = chance.random() < 0.1
        expected[model][0] += 1
        expected[model][1] += failed
        expected[model][2] += cost
        records += call(
            f"r{number}",
            NOON + number,
            model=model,
            prompt_tokens=tokens,
            estimated_cost=cost,
            error="no" if failed else None,
        )
    write(tmp_path / "a.jsonl", *records)
    found = {row["model"]: row for row in rows(capsys, tmp_path, "--by", "model")}
    assert found.keys() == expected.keys()
    for model, (calls, errors, cost) in expected.items():
        assert (found[model]["calls"], found[model]["errors"]) == (calls, errors)
        assert found[model]["estimated_cost"] == pytest.approx(cost)
    assert list(found) == sorted(found, key=lambda model: -expected[model][2])


def test_a_trace_is_told_whole_if_a_part_of_it_matches(capsys: Capsys, tmp_path: Path) -> None:
    span = {
        "type": "span",
        "span_id": "root",
        "trace_id": "t1",
        "name": "answer",
        "start_time": NOON,
        "end_time": NOON + 10,
    }
    write(
        tmp_path / "a.jsonl",
        span,
        *call("a", NOON + 1, trace_id="t1", parent_id="root", estimated_cost=1.0),
        *call("b", NOON + 3, trace_id="t1", parent_id="root", estimated_cost=2.0, error="no"),
        *call("c", NOON + 5, trace_id="t2"),
    )
    (trace,) = rows(capsys, tmp_path, "--traces", "status:error")
    assert (trace["trace_id"], trace["name"], trace["status"]) == ("t1", "answer", "error")
    assert (trace["spans"], trace["calls"], trace["errors"]) == (3, 2, 1)
    assert (trace["latency_ms"], trace["estimated_cost"]) == (10_000.0, 3.0)
    assert [row["trace_id"] for row in rows(capsys, tmp_path, "--traces")] == ["t1", "t2"]
    assert len(rows(capsys, tmp_path, "--spans")) == 4


def test_sessions_sum_up_their_calls(capsys: Capsys, folder: Path) -> None:
    (session,) = rows(capsys, folder, "--sessions")
    assert (session["session_id"], session["calls"], session["errors"]) == ("s1", 2, 1)
    assert session["estimated_cost"] == 0.5


def test_ranges_of_time_choose_calls(capsys: Capsys, folder: Path) -> None:
    assert rows(capsys, folder, "--since", "2001-01-01", "--until", "2002-01-01") == []
    assert len(rows(capsys, folder, "--since", "2025-11-24T12:00:15+00:00")) == 2


def test_masking_hides_what_is_personal_and_keeps_figures(capsys: Capsys, tmp_path: Path) -> None:
    write(
        tmp_path / "a.jsonl",
        *call(
            "a",
            content="mail ada@example.org",
            error="key sk-proj-" + "a1" * 20,
            messages=[{"role": "user", "content": "I am ada@example.org"}],
        ),
    )
    assert "ada@example.org" in json.dumps(rows(capsys, tmp_path))
    (row,) = rows(capsys, tmp_path, "--mask")
    assert "ada@" not in json.dumps(row)
    assert "sk-proj" not in json.dumps(row)
    assert "[EMAIL]" in row["content"]
    assert (row["request_id"], row["prompt_tokens"]) == ("a", 100)


def test_text_of_logs_cannot_move_the_cursor(capsys: Capsys, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", *call("a", user_id="\x1b[2J\x07ada\u202e", error="[/red]\n\tx"))
    out = run(capsys, "query", tmp_path).out
    assert not set(out) & set("\x1b\x07\u202e\t")
    assert len(out.splitlines()) == 2


def test_the_output_is_a_new_file_unless_forced(
    capsys: Capsys, folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "found.csv"
    asked = ("query", folder, "--format", "csv", "--output", target)
    assert run(capsys, *asked).code == 0
    before = target.read_bytes()
    assert before.count(b"\n") == 5
    done = run(capsys, *asked, "status:error")
    assert (done.code, "is there already; --force replaces it" in done.err) == (2, True)
    assert target.read_bytes() == before
    assert run(capsys, *asked, "--force", "status:error").code == 0
    assert target.read_bytes().count(b"\n") == 2
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["found.csv"]


def test_mistakes_are_said_in_a_sentence(capsys: Capsys, folder: Path, tmp_path: Path) -> None:
    for arguments, said in (
        ((tmp_path / "lgos",), "Did you mean"),
        ((folder, "status:nonsense"), "a status is one of"),
        (("",), "a file or a folder"),
        ((folder, "--limit", "-3"), "-3 is not in the range"),
        ((folder, "--since", "yesterday-ish"), "is not a time"),
        ((folder, "--sort", "beauty"), "beauty"),
        ((folder, tmp_path / "gone.jsonl"), "There is no file"),
    ):
        done = run(capsys, "query", *arguments)
        assert done.code == 2
        assert said in done.err
        assert "Traceback" not in done.err


def test_nothing_to_read_and_nothing_found_are_told_apart(
    capsys: Capsys, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    assert run(capsys, "query", tmp_path / "empty").code == 1
    done = run(capsys, "query", folder, "model:none-such")
    assert (done.code, done.out, done.err) == (0, "", "Nothing matches.\n")
    (tmp_path / "bad.jsonl").write_text("not json\n")
    done = run(capsys, "query", tmp_path / "bad.jsonl")
    assert done.code == 1
    assert "none of 1 lines could be read" in done.err


def test_the_bar_is_for_terminals(capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    Bar()(1, 2)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr("llmtop.cli.reading._AFTER_S", 0.0)
    bar = Bar()
    bar(1, 2)
    assert "50%" in capsys.readouterr().err
    bar.clear()
    assert capsys.readouterr().err == "\r\x1b[K"


def test_a_call_in_flight_is_found(capsys: Capsys, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", request("open"))
    assert ids(rows(capsys, tmp_path, "status:running")) == ["open"]


def test_a_trace_belongs_to_the_range_that_it_began_in(capsys: Capsys, tmp_path: Path) -> None:
    write(
        tmp_path / "a.jsonl",
        *call("a", NOON, trace_id="early"),
        *call("b", NOON + 100, trace_id="early"),
        *call("c", NOON + 110, trace_id="late"),
        *call("d", NOON + 300, trace_id="late"),
    )
    since = "2025-11-24T12:01:00+00:00"
    (late,) = rows(capsys, tmp_path, "--traces", "--since", since)
    assert (late["trace_id"], late["calls"]) == ("late", 2)
    (early,) = rows(capsys, tmp_path, "--traces", "--until", since)
    assert (early["trace_id"], early["calls"]) == ("early", 2)


def test_hostile_text_passes_every_format(capsys: Capsys, tmp_path: Path) -> None:
    record = call("a", user_id="x", error="y")[1]
    text = json.dumps({**record, "error": "half a pair \ud800", "user_id": "nul \x00"}, indent=2)
    (tmp_path / "a.json").write_text(text)
    (row,) = rows(capsys, tmp_path)
    assert row["error"].startswith("half a pair")
    for format_ in ("table", "jsonl", "csv"):
        done = run(capsys, "query", tmp_path, "--format", format_, "--sort", "latency")
        assert (done.code, "half a pair" in done.out) == (0, True)
    for kind in ("--sessions", "--traces", "--spans"):
        assert run(capsys, "query", tmp_path, kind).code == 0
    for name in ("x.parquet", "x.otlp.json"):
        done = run(capsys, "export", tmp_path / "a.json", "--output", tmp_path / "out" / name)
        assert done.code == 1
        assert "cannot be written: No such file or directory" in done.err
        done = run(capsys, "export", tmp_path / "a.json", "--output", tmp_path / name)
        assert done.code == 0, done.err


def test_sums_and_sessions_are_sorted_by_what_they_tell(capsys: Capsys, folder: Path) -> None:
    by_latency = rows(capsys, folder, "--by", "user", "--sort", "latency")
    assert by_latency[0]["user"] == "bob"
    by_tokens = rows(capsys, folder, "--by", "model", "--sort", "tokens", "--limit", 1)
    assert [row["model"] for row in by_tokens] == ["claude-sonnet-4-5"]
    assert rows(capsys, folder, "--sessions", "--sort", "cost")
    done = run(capsys, "query", folder, "--sessions", "--sort", "latency")
    assert (done.code, "cannot be sorted by latency" in done.err) == (2, True)
    done = run(capsys, "query", folder, "--by", "model", "--sort", "time")
    assert (done.code, "cannot be sorted by time" in done.err) == (2, True)


def test_sums_by_day_begin_with_the_oldest(capsys: Capsys, tmp_path: Path) -> None:
    day = 86400
    dear = [each for n in range(3) for each in call(f"d{n}", NOON + day, estimated_cost=5.0)]
    write(tmp_path / "a.jsonl", *call("last", NOON + 2 * day), *dear, *call("first", NOON))
    days = [row["day"] for row in rows(capsys, tmp_path, "--by", "day")]
    assert len(days) == 3
    assert days == sorted(days)


def test_a_trace_without_a_time_comes_last(capsys: Capsys, tmp_path: Path) -> None:
    untimed = {"type": "response", "request_id": "a", "prompt_tokens": 1}
    write(tmp_path / "a.jsonl", untimed, *call("b"))
    assert [row["trace_id"] for row in rows(capsys, tmp_path, "--traces")] == ["b", "a"]


@pytest.mark.parametrize("command", ["query", "export"])
def test_a_range_that_ends_before_it_begins_is_refused(
    command: str, capsys: Capsys, folder: Path
) -> None:
    for order in (("--since", "1h", "--until", "2h"), ("--until", "2h", "--since", "1h")):
        done = run(capsys, command, folder, *order)
        assert (done.code, done.err) == (2, "llmtop: --since lies after --until.\n")
    assert run(capsys, command, folder, "--since", "2h", "--until", "1h").code == 0


def test_words_are_looked_for_in_what_was_asked_and_answered(
    capsys: Capsys, tmp_path: Path
) -> None:
    log = tmp_path / "a.jsonl"
    write(
        log,
        *call("one", NOON, trace_id="t1", session_id="s1", content="No refund for you."),
        *call("two", NOON + 1, trace_id="t1", session_id="s1", content="Hello."),
        *call("three", NOON + 2, trace_id="t2", content='{"say": "A\\nREFUND!"}', error="boom"),
    )
    assert ids(rows(capsys, log, "text:refund")) == ["one", "three"]
    assert ids(rows(capsys, log, "-text:refund")) == ["two"]
    assert ids(rows(capsys, log, 'text:"a refund"', "status:error")) == ["three"]
    (trace,) = rows(capsys, log, "text:hello", "--traces")
    assert (trace["trace_id"], trace["calls"]) == ("t1", 2)
    (session,) = rows(capsys, log, "text:hello", "--sessions")
    assert (session["session_id"], session["calls"]) == ("s1", 1)
    (sums,) = rows(capsys, log, "text:refund", "--by", "model")
    assert sums["calls"] == 2
    document = run(capsys, "export", log, "text:hello", "--format", "markdown")
    assert "No refund for you." in document.out
