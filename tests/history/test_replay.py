"""A replay gives each line when its moment has come, by the clock of the recording."""

from __future__ import annotations

from pathlib import Path

from llmtop.decode.decoder import Decoder
from llmtop.history.recorded_lines import RecordedLines
from llmtop.history.replay import ReplayClock, ReplaySource
from llmtop.live.live import Live
from llmtop.live.view import Query
from llmtop.pump import Pump
from tests.history.logs import NOON, call, write
from tests.rates import PerMillion


class Steady:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def replayed(path: Path, speed: float | None, steady: Steady) -> tuple[Pump, ReplayClock]:
    lines = RecordedLines([path])
    clock = ReplayClock(lines, speed, steady)
    return Pump(ReplaySource(lines, clock), Decoder(), Live(PerMillion()), clock=clock), clock


def test_calls_are_in_flight_as_long_as_they_were(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *call("a", NOON), *call("b", NOON + 100))
    steady = Steady()
    pump, clock = replayed(path, 10.0, steady)
    query = Query(window="5m")

    def figures() -> tuple[int, int]:
        while pump.step():
            pass
        told = pump.live.view(query, pump.now()).figures
        return told.calls, told.in_flight

    assert clock() == NOON
    assert figures() == (1, 1)
    steady.now += 0.11
    assert figures() == (1, 0)
    steady.now += 9.9
    assert figures() == (2, 1)
    assert clock() == NOON + 100.1
    steady.now += 3600
    assert figures() == (2, 0)
    assert clock.is_over
    # What is over stands still: its windows do not run empty.
    assert clock() == NOON + 102
    assert figures() == (2, 0)
    assert pump.source_states()[0].state == "read"
    pump.close()


def test_as_fast_as_can_be_is_by_the_clock_of_the_recording(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl", *(each for n in range(50) for each in call(f"r{n}", NOON + n))
    )
    pump, clock = replayed(path, None, Steady())
    while pump.step():
        pass
    assert clock() == NOON + 50
    assert pump.live.view(Query(window="1m"), pump.now()).figures.calls == 50
    span = pump.live.find("r7")
    assert span is not None
    assert pump.payload(span).output[0].text == "answer r7"
    pump.close()


def test_an_idle_recording_is_not_looked_at_all_the_time(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *call("a", NOON), *call("b", NOON + 100))
    pump, _ = replayed(path, 1.0, Steady())
    while pump.step():
        pass
    assert 0.005 <= pump.interval() <= 0.2
    pump.close()
