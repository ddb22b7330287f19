"""Words are looked for in what lies in the sources, and filters follow what was found."""

from __future__ import annotations

import gc
import gzip
import json
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from llmtop import content_search
from llmtop.decode.decoder import Decoder
from llmtop.filter import Filter, parse
from llmtop.live.live import Live
from llmtop.live.view import Query
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from tests.rates import PerMillion
from tests.waiting import wait_until


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "app.jsonl"


@pytest.fixture
def pump(log: Path) -> Iterator[Pump]:
    log.touch()
    live = Live(PerMillion(), follow=True, max_calls=100)
    found = Pump(Sources([str(log.parent)], poll=True), Decoder(), live)
    yield found
    found.close()


def call(name: str, asked: str, answered: str | None = None, at: float = 0.0) -> list[str]:
    """A request, and its response if it was answered."""
    began = time.time() - 60 + at
    messages = [{"role": "user", "content": asked}]
    request = {"request_id": name, "timestamp": began, "model": "gpt-4o", "messages": messages}
    response = {"request_id": name, "timestamp": began + 1, "content": answered}
    told: list[dict[str, Any]] = [{"type": "request", **request}]
    if answered is not None:
        told.append({"type": "response", **response})
    return [json.dumps(each) for each in told]


def write(log: Path, pump: Pump, *lines: str) -> None:
    with log.open("a") as file:
        file.writelines(line + "\n" for line in lines)
    size = log.stat().st_size

    def is_read() -> bool:
        while pump.step(1.0):
            pass
        return pump.progress()[0] == size

    wait_until(is_read)


def names(pump: Pump, matches: Filter) -> set[str]:
    """The calls that a filter lets through now, and after all were looked into."""
    for _ in count():
        shown = pump.live.view(Query(window="all", filter=matches), time.time())
        if not pump.contents.step(1.0):
            break
    shown = pump.live.view(Query(window="all", filter=matches), time.time())
    assert shown.figures.calls + shown.figures.in_flight >= len(shown.calls)
    return {str(span.request_id) for span in shown.calls}


def test_prompt_answer_and_arguments_are_looked_into(log: Path, pump: Pump) -> None:
    asked = [{"id": "t1", "function": {"name": "pay_back", "arguments": '{"sum": "all\\nof it"}'}}]
    began = time.time() - 30
    tool = [
        {"type": "request", "request_id": "tool", "timestamp": began, "model": "gpt-4o"},
        {"type": "response", "request_id": "tool", "timestamp": began, "tool_calls": asked},
    ]
    write(log, pump, *call("asked", "May I have a Refund?", "No."), *map(json.dumps, tool))
    write(log, pump, *call("answered", "Hello", "Here is your refund."), *call("other", "Hi", "Ho"))
    assert names(pump, parse("text:refund", pump.contents)) == {"asked", "answered"}
    assert names(pump, parse('text:"all of it"', pump.contents)) == {"tool"}
    assert names(pump, parse("text:pay_back", pump.contents)) == {"tool"}
    assert names(pump, parse("text:refund answered", pump.contents)) == {"answered"}
    assert names(pump, parse("-text:refund", pump.contents)) == {"other", "tool"}


def test_names_and_ids_around_the_text_are_no_text(log: Path, pump: Pump) -> None:
    write(log, pump, *call("refund-1", "Hello", "Hi"))
    assert names(pump, parse("text:refund", pump.contents)) == set()
    assert names(pump, parse("text:gpt-4o or text:role", pump.contents)) == set()


def test_what_comes_later_is_looked_into_as_well(log: Path, pump: Pump) -> None:
    refunds = parse("text:refund", pump.contents)
    write(log, pump, *call("first", "refund", "ok"), *call("second", "no", at=1))
    assert names(pump, refunds) == {"first"}
    answer = {"type": "response", "request_id": "second", "timestamp": time.time()}
    write(log, pump, *call("third", "my refund"), json.dumps({**answer, "content": "Refund!"}))
    assert names(pump, refunds) == {"first", "second", "third"}


def test_sums_are_of_the_calls_in_which_the_words_were_found(log: Path, pump: Pump) -> None:
    refunds = parse("text:refund", pump.contents)
    write(log, pump, *call("first", "refund", "ok"), *call("second", "no", "no"))
    names(pump, refunds)
    write(log, pump, *call("third", "refund", "ok"), *call("first", "refund", "ok, again"))
    names(pump, refunds)
    figures = pump.live.view(Query(window="all", filter=refunds), time.time()).figures
    assert (figures.calls, figures.in_flight) == (2, 0)


def test_the_newest_are_looked_into_first(log: Path, pump: Pump) -> None:
    write(log, pump, *(line for at in range(50) for line in call(f"r{at}", "refund", at=at)))
    refunds = parse("text:refund", pump.contents)
    pump.live.look_through(refunds)
    assert pump.contents.waiting == 50
    assert pump.contents.step(0.0)
    shown = pump.live.view(Query(window="all", filter=refunds), time.time())
    assert [span.request_id for span in shown.calls] == ["r49"]
    assert pump.contents.waiting == 49


def test_as_long_as_any_term_has_calls_to_look_into_more_waits(log: Path, pump: Pump) -> None:
    write(log, pump, *call("first", "refund"), *call("second", "late refund"))
    both = parse("text:refund or text:late", pump.contents)
    pump.live.look_through(both)
    assert pump.contents.waiting == 4
    for left in (3, 2, 1):
        assert pump.contents.step(0.0)
        assert pump.contents.waiting == left
    assert not pump.contents.step(0.0)


def test_a_filter_of_several_texts_is_looked_into_to_the_end(log: Path, pump: Pump) -> None:
    write(log, pump, *call("both", "late refund"), *call("one", "refund"), *call("none", "hi"))
    pump.look_through(parse("text:refund text:late", pump.contents))
    assert pump.contents.waiting == 0
    assert names(pump, parse("text:refund text:late", pump.contents)) == {"both"}
    query = Query(window="all", filter=parse("text:late text:refund", pump.contents))
    pump.look_through(query.filter)
    assert [s.request_id for s in pump.live.view(query, time.time()).calls] == ["both"]


def test_nothing_is_looked_for_any_more_when_the_filter_is_gone(log: Path, pump: Pump) -> None:
    write(log, pump, *call("first", "refund"))
    pump.live.look_through(parse("text:refund", pump.contents))
    assert pump.contents.waiting == 1
    pump.live.look_through(None)
    gc.collect()
    assert pump.contents.waiting == 0
    assert not pump.contents.step(1.0)


def test_calls_that_are_not_kept_any_more_are_let_go(
    log: Path, pump: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_search, "_FEW", 50)
    refunds = parse("text:refund", pump.contents)
    for batch in range(20):
        lines = (line for at in range(50) for line in call(f"{batch}-{at}", "refund", "ok"))
        write(log, pump, *lines)
        names(pump, refunds)
    (words,) = pump.contents._asked
    assert len(words.found) < 500


def test_a_record_that_is_gone_holds_no_words(log: Path, pump: Pump) -> None:
    write(log, pump, *call("first", "refund"))
    log.write_text("")
    assert names(pump, parse("text:refund", pump.contents)) == set()


def test_documents_over_several_lines_are_looked_into_one_by_one(tmp_path: Path) -> None:
    spans = [
        {
            "traceId": "a" * 32,
            "spanId": f"{number:016x}",
            "name": "chat",
            "startTimeUnixNano": "1750000000000000000",
            "endTimeUnixNano": "1750000001000000000",
            "attributes": [
                {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
                {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o"}},
                {"key": "gen_ai.prompt.0.role", "value": {"stringValue": "user"}},
                {"key": "gen_ai.prompt.0.content", "value": {"stringValue": asked}},
            ],
        }
        for number, asked in enumerate(("a refund", "a table", "no re-fund"), 1)
    ]
    document = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
    (tmp_path / "traces.json").write_text(json.dumps(document, indent=2))
    pump = Pump(Sources([str(tmp_path)], follow=False), Decoder(), Live(PerMillion()))
    pump.drain()
    refunds = parse("text:refund", pump.contents)
    pump.live.look_through(refunds)
    while pump.contents.step(1.0):
        pass
    shown = pump.live.view(Query(window="all", filter=refunds), time.time())
    assert [span.span_id for span in shown.calls] == [f"{1:016x}"]
    pump.close()


def test_what_lies_too_deep_in_a_compressed_file_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with gzip.open(tmp_path / "old.jsonl.gz", "wt") as file:
        file.writelines(line + "\n" for line in call("first", "refund", "ok"))
    pump = Pump(Sources([str(tmp_path)], follow=False), Decoder(), Live(PerMillion()))
    pump.drain()
    assert names(pump, parse("text:refund", pump.contents)) == {"first"}
    monkeypatch.setattr(content_search, "DEEPEST_BYTES", 10)
    again = parse("text:Refund", pump.contents)
    assert names(pump, again) == set()
    assert pump.contents.too_deep == 1
    pump.close()
