"""Spans are summed up by trace, however few groups fit in memory at a time."""

from __future__ import annotations

from pathlib import Path

from llmtop.history.groups import TRACE_FIELDS, grouped, row_of, session_of, trace_of
from llmtop.history.scan import Scan
from tests.history.logs import NOON, call, write
from tests.rates import PerMillion


def test_a_group_is_one_whether_or_not_it_fits_in_memory(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        *(
            each
            for n in range(200)
            for each in call(
                f"r{n}",
                NOON + n,
                trace_id=f"t{n % 40}",
                session_id=f"s{n % 7}" if n % 2 else None,
                estimated_cost=0.5,
                error="no" if n == 13 else None,
            )
        ),
    )
    by_memory = []
    for most in (3, 10**6):
        spans = Scan([path], kind="spans", prices=PerMillion())
        found = {
            group.key: row_of(group, TRACE_FIELDS) for group in grouped(spans, trace_of, most=most)
        }
        by_memory.append(found)
    assert by_memory[0] == by_memory[1]
    trace = by_memory[0]["t13"]
    assert (trace["calls"], trace["errors"], trace["estimated_cost"]) == (5, 1, 2.5)
    assert (trace["status"], trace["total_tokens"]) == ("error", 600)
    assert trace["latency_ms"] == 161_000.0
    sessions = grouped(Scan([path], prices=PerMillion()), session_of, most=2)
    assert {group.key: group.calls for group in sessions}.keys() == {f"s{n}" for n in range(7)}


def test_half_a_character_in_a_name_is_no_obstacle(tmp_path: Path) -> None:
    half = "x\ud800"
    told = call("r1", NOON, trace_id=half, session_id=half, user_id=half, model=half)
    path = write(tmp_path / "a.jsonl", *told, *call("r2", NOON + 1, trace_id="t2"))
    for key in (trace_of, session_of):
        groups = list(grouped(Scan([path], kind="spans", prices=PerMillion()), key))
        found = {group.key: group for group in groups}["x?"]
        assert (found.calls, found.user_id, found.models) == (1, "x?", ["x?"])
