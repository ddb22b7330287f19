"""Sums over time: everything that is added can be taken back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmtop.live.ledger import KEPT_SLOTS, SLOT_S, Ledger
from llmtop.live.series import SeriesTable
from llmtop.live.tally import Tally
from llmtop.span import Cache, Failure, Flag, Fragment, Span
from tests.live.fragments import NOON

TABLE = SeriesTable()
_LATER = st.floats(0, 4000)


def call(start: float, latency: float | None, **told: object) -> Span:
    flags = Flag.OPENED if latency is None else Flag.OPENED | Flag.ENDED
    series = TABLE.of(Fragment(model=str(told.pop("model", "m")), operation="chat"))
    found = Span("s", None, None, None, None, series, NOON + start, None, int(flags), "ok")
    if latency is not None:
        found.end = found.start + latency
    for name, amount in told.items():
        setattr(found, name, amount)
    return found


CALLS = st.builds(
    call,
    _LATER,
    st.none() | st.floats(0, 100),
    model=st.sampled_from(["a", "b"]),
    status=st.sampled_from(["ok", "error", "cancelled"]),
    input_tokens=st.none() | st.integers(0, 1000),
    output_tokens=st.none() | st.integers(0, 1000),
    cost=st.none() | st.floats(0, 3),
    ttft=st.none() | st.floats(0, 3),
    cache=st.none() | st.builds(Cache, st.integers(0, 9), st.none(), st.none(), st.integers(0, 9)),
    failure=st.none() | st.builds(Failure, st.sampled_from(["Timeout", "429"])),
)


def state(tally: Tally) -> dict[str, object]:
    return {
        name: getattr(tally, name) or None
        for name in Tally.__slots__
        if name not in {"longest", "slowest_start"}
    }


@given(st.lists(CALLS, max_size=20), st.lists(CALLS, max_size=20), st.sampled_from([60.0, 300.0]))
def test_what_is_taken_back_leaves_no_trace(
    kept: list[Span], gone: list[Span], length: float
) -> None:
    ledger, plain = Ledger(), Ledger()
    for each in (ledger, plain):
        each.look_at(length, NOON + 4100.0)
    for span in kept + gone:
        ledger.add(span)
    for span in gone:
        ledger.remove(span)
    for span in kept:
        plain.add(span)
    assert state(ledger.total()) == state(plain.total())
    assert state(ledger.in_window()) == state(plain.in_window())
    assert ledger.bins(length, NOON + 4100.0) == plain.bins(length, NOON + 4100.0)
    assert ledger.bins(None, NOON) == plain.bins(None, NOON)


@given(st.lists(CALLS, max_size=30), st.lists(st.tuples(_LATER, st.sampled_from([60.0, 900.0]))))
def test_a_window_that_moves_holds_what_a_fresh_one_would(
    spans: list[Span], looks: list[tuple[float, float]]
) -> None:
    moving = Ledger()
    for span in spans:
        moving.add(span)
    for later, length in looks:
        end = NOON + later
        moving.look_at(length, end)
        fresh = Ledger()
        for span in spans:
            fresh.add(span)
        fresh.look_at(length, end)
        assert state(moving.in_window()) == state(fresh.in_window())
        first = (int(end) // SLOT_S + 1) * SLOT_S - length
        inside = [
            span
            for span in spans
            if first <= (span.end if span.end is not None else span.start)
            and int(span.end if span.end is not None else span.start) // SLOT_S
            <= int(end) // SLOT_S
        ]
        assert moving.in_window().calls == len(inside)


def test_old_slots_are_forgotten_and_the_totals_are_not() -> None:
    ledger = Ledger()
    old = call(0, 1.0)
    ledger.add(old)
    ledger.add(call(KEPT_SLOTS * SLOT_S * 2, 1.0))
    ledger.forget_before(NOON + KEPT_SLOTS * SLOT_S * 2)
    assert ledger.total().calls == 2
    ledger.remove(old)
    assert ledger.total().calls == 1
    assert sum(part.calls for part in ledger.bins(None, NOON)) == 1


def test_the_pulse_counts_calls_by_the_second_in_which_they_began() -> None:
    ledger = Ledger()
    for start in (0.1, 0.9, 2.5):
        ledger.begin(NOON + start, 1)
    ledger.begin(NOON + 0.5, 1)
    ledger.begin(NOON + 0.5, -1)
    assert ledger.pulse(NOON + 3.0)[-4:] == (0, 2, 0, 1)
