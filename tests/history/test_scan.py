"""Reading stored logs through gives each call once, as the screen would show it."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmtop.filter import parse
from llmtop.history import chunks
from llmtop.history.record import record_of
from llmtop.history.scan import Scan
from tests.history.logs import DAY, NOON, call, request, response, text, write
from tests.rates import PerMillion


def names(*paths: Path, **asked: object) -> list[str]:
    found = Scan(paths, prices=PerMillion(), **asked)  # type: ignore[arg-type]  # as the test says
    return [span.request_id or span.span_id for span in found]


def test_a_request_and_its_response_are_one_call(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", request("a"), response("a", ttft_ms=250.0))
    (span,) = Scan([path], prices=PerMillion())
    told = record_of(span)
    assert told["request_id"] == "a"
    assert (told["model"], told["response_model"]) == ("gpt-4o", "gpt-4o-2024-08-06")
    assert (told["prompt_tokens"], told["completion_tokens"], told["total_tokens"]) == (
        100,
        20,
        120,
    )
    assert (told["latency_ms"], told["ttft_ms"], told["status"]) == (1000.0, 250.0, "ok")
    assert told["estimated_cost"] == pytest.approx(180e-6)
    assert told["user_id"] is None


def test_the_halves_of_a_call_may_lie_in_files_of_two_days(tmp_path: Path) -> None:
    midnight = NOON + DAY / 2
    write(tmp_path / "llm_logs_2025-11-24.jsonl", request("a", midnight - 1))
    write(tmp_path / "llm_logs_2025-11-25.jsonl", response("a", midnight + 1))
    assert names(tmp_path) == ["a"]
    # Asked for the first day alone, the call is still whole.
    (span,) = Scan([tmp_path], prices=PerMillion(), since=midnight - DAY, until=midnight - 0.5)
    assert span.output_tokens == 20


def test_rotated_and_compressed_files_of_a_folder_are_read(tmp_path: Path) -> None:
    write(tmp_path / "app.jsonl", *call("a"))
    write(tmp_path / "app.jsonl.1", *call("b"))
    (tmp_path / "app.jsonl.2.gz").write_bytes(gzip.compress(text(call("c"))))
    (tmp_path / "llm_logs_2025-11-24.jsonl.gz").write_bytes(gzip.compress(text(call("d"))))
    write(tmp_path / "below" / "x.log", *call("e"))
    write(tmp_path / "notes.txt", *call("f"))
    write(tmp_path / ".hidden.jsonl", *call("g"))
    assert sorted(names(tmp_path)) == ["a", "b", "c", "d", "e"]


def test_one_file_under_two_names_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *call("a"))
    os.link(path, tmp_path / "b.jsonl")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = Scan([tmp_path, path], prices=PerMillion())
    assert [span.request_id or span.span_id for span in found] == ["a"]
    assert found.lines == 2


def test_files_of_other_days_are_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(20, 29):
        write(tmp_path / f"llm_logs_2025-11-{day}.jsonl", *call(f"d{day}", NOON + (day - 24) * DAY))
    opened: list[str] = []
    real = chunks._opened

    def noting(path: Path) -> object:
        opened.append(path.name)
        return real(path)

    monkeypatch.setattr(chunks, "_opened", noting)
    assert names(tmp_path, since=NOON - DAY / 4, until=NOON + DAY / 4) == ["d24"]
    assert opened == ["llm_logs_2025-11-24.jsonl"]


def test_only_calls_that_began_in_the_range_are_given(tmp_path: Path) -> None:
    write(
        tmp_path / "a.jsonl", *call("early", NOON), *call("in", NOON + 10), *call("late", NOON + 20)
    )
    assert names(tmp_path, since=NOON + 5, until=NOON + 15) == ["in"]
    assert names(tmp_path, since=NOON + 5) == ["in", "late"]
    assert names(tmp_path, until=NOON + 15) == ["early", "in"]


def test_a_call_without_a_time_is_in_no_range(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", {"type": "response", "request_id": "a", "prompt_tokens": 1})
    assert names(tmp_path) == ["a"]
    assert names(tmp_path, since=NOON) == []


def test_the_filter_and_the_kind_choose(tmp_path: Path) -> None:
    write(
        tmp_path / "a.jsonl",
        *call("good"),
        *call("bad", error="timed out", error_type="timeout"),
        {"type": "span", "span_id": "s1", "name": "rag", "start_time": NOON, "end_time": NOON + 1},
    )
    assert names(tmp_path, matches=parse("status:error")) == ["bad"]
    assert sorted(names(tmp_path)) == ["bad", "good"]
    assert sorted(names(tmp_path, kind="spans")) == ["bad", "good", "s1"]


def test_a_call_within_a_call_is_one_call(tmp_path: Path) -> None:
    write(
        tmp_path / "a.jsonl",
        *call("outer", span_id="o", trace_id="t"),
        *call("inner", span_id="i", trace_id="t", parent_id="o"),
    )
    assert names(tmp_path) == ["inner"]


def test_a_record_that_came_twice_is_one_call(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", *call("a"), *call("a"))
    write(tmp_path / "b.jsonl", *call("a"))
    assert names(tmp_path) == ["a"]


def test_each_call_is_given_once_however_few_are_held(tmp_path: Path) -> None:
    write(
        tmp_path / "a.jsonl",
        *(
            record
            for number in range(3_000)
            for record in call(f"r{number}", NOON + number, trace_id=f"t{number // 3}")
        ),
    )
    found = names(tmp_path, most_spans=200)
    assert sorted(found) == sorted(f"r{number}" for number in range(3_000))


def test_a_call_that_nobody_ended_is_given_as_lost(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", request("a"), *call("b", NOON + 3600))
    statuses = {
        str(told["request_id"]): told["status"]
        for told in map(record_of, Scan([tmp_path], prices=PerMillion()))
    }
    assert statuses == {"a": "lost", "b": "ok"}


def test_what_cannot_be_read_is_counted_and_a_damaged_archive_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *call("a"))
    path.write_bytes(path.read_bytes() + b"not json\n\xff\xfe\n{\n" + b"[" * 100_000 + b"\n")
    packed = gzip.compress(text(call("b")) * 2000)
    (tmp_path / "b.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    found = Scan([tmp_path], prices=PerMillion())
    assert sorted(span.request_id or span.span_id for span in found)[0] == "a"
    assert found.rejected >= 4
    assert len(found.problems) == 1
    assert "b.jsonl.gz cannot be read to its end" in found.problems[0]


def test_messages_and_answer_are_read_again(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", *call("a", messages=[{"role": "user", "content": "why?"}]))
    found = Scan([tmp_path], prices=PerMillion())
    (span,) = found
    told = record_of(span, found.payload(span))
    assert told["messages"] == [{"role": "user", "content": "why?"}]
    assert told["content"] == "answer a"


def test_progress_runs_to_the_end(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / f"{name}.jsonl", *(call(name) * 3000))
    told: list[tuple[int, int]] = []
    list(Scan([tmp_path], progress=lambda read, total: told.append((read, total))))
    total = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert told[-1] == (total, total)
    assert told == sorted(told)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.lists(st.binary(max_size=200) | st.just(text(call("x"))), max_size=8))
def test_no_bytes_stop_it(tmp_path: Path, data: list[bytes]) -> None:
    path = tmp_path / "any.jsonl"
    path.write_bytes(b"\n".join(data))
    found = Scan([path], prices=PerMillion())
    for span in found:
        record_of(span, found.payload(span))
