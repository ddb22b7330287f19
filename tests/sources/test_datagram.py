"""Datagrams are put together, and what did not come is counted exactly, per emitter."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from llmtop.sources import datagram
from llmtop.sources.datagram import EXPIRY_S, MOST_BYTES, REORDERED, Joiner

NAMES = [f"{number:016x}" for number in range(1, 4)]


def sent(number: int, body: str = "", name: str = NAMES[0], more: str = "") -> bytes:
    return f"#llmtop/1 {name} {number}{more}\n{body}".encode()


def record(number: int) -> str:
    return f'{{"request_id":"r{number}"}}'


def test_records_come_out_and_the_emitter_is_known() -> None:
    joiner = Joiner()
    assert joiner.join(sent(1, record(1)), 0.0) == record(1).encode()
    assert joiner.join(sent(2, record(2) + "\n" + record(3)), 0.0).count(b"request_id") == 2
    (status,) = joiner.statuses()
    assert (status.name, status.sent, status.received, status.lost) == (NAMES[0], 2, 2, 0)


def test_what_has_no_header_is_taken_as_records() -> None:
    joiner = Joiner()
    for odd in (b'{"a":1}', b"#llmtop/1 no number\n{}", b"#llmtop/2 x\n{}", b"", b"\xff\xfe"):
        assert joiner.join(odd, 0.0) == odd
    assert joiner.statuses() == ()
    assert joiner.lost == 0


def test_what_was_sent_before_anybody_listened_is_not_lost() -> None:
    joiner = Joiner()
    joiner.join(sent(5000), 0.0)
    assert joiner.lost == 0
    joiner.join(sent(5002), 0.0)
    assert joiner.lost == 1
    joiner.join(sent(5001), 0.0)
    assert joiner.lost == 0


def test_a_first_datagram_that_was_overtaken_is_taken() -> None:
    joiner = Joiner()
    joiner.join(sent(3, record(3)), 0.0)
    assert joiner.join(sent(1, record(1)), 0.0) == record(1).encode()
    (status,) = joiner.statuses()
    assert (status.sent, status.received, status.lost, status.duplicates) == (3, 2, 1, 0)
    assert joiner.join(sent(2, record(2)), 0.0) == record(2).encode()
    assert joiner.lost == 0


def test_a_gap_of_any_size_is_counted_exactly() -> None:
    joiner = Joiner()
    joiner.join(sent(1), 0.0)
    joiner.join(sent(10_000_001), 0.0)
    (status,) = joiner.statuses()
    assert (status.sent, status.received, status.lost) == (10_000_001, 2, 9_999_999)


def test_goodbye_tells_the_last_number() -> None:
    joiner = Joiner()
    joiner.join(sent(1, record(1)), 0.0)
    assert joiner.join(sent(4, more=" bye"), 0.0) == b""
    (status,) = joiner.statuses()
    assert status.left
    assert (status.sent, status.received, status.lost) == (4, 2, 2)


def test_a_goodbye_said_twice_is_no_repetition() -> None:
    joiner = Joiner()
    for more in ("", " bye", " bye"):
        joiner.join(sent(1 if not more else 2, "", more=more), 0.0)
    (status,) = joiner.statuses()
    assert (status.sent, status.received, status.duplicates) == (2, 2, 0)


@given(
    counts=st.lists(st.integers(1, 120), min_size=1, max_size=3),
    lost=st.sets(st.tuples(st.integers(0, 2), st.integers(1, 120)), max_size=60),
    twice=st.sets(st.tuples(st.integers(0, 2), st.integers(1, 120)), max_size=20),
    seed=st.integers(0, 2**32),
)
def test_whatever_is_lost_repeated_or_out_of_order_the_counts_are_exact(
    counts: list[int],
    lost: set[tuple[int, int]],
    twice: set[tuple[int, int]],
    seed: int,
) -> None:
    chance = random.Random(seed)
    coming = []
    for emitter, count in enumerate(counts):
        for number in range(1, count + 1):
            # The first and the last always come: they say how many there were.
            if (emitter, number) in lost and 1 < number < count:
                continue
            # Displaced by less than what counts as late.
            coming.extend(
                (number + chance.uniform(0, REORDERED // 2 - 1), emitter, number)
                for _ in range(2 if (emitter, number) in twice else 1)
            )
    joiner = Joiner()
    given_out = []
    for _, emitter, number in sorted(coming):
        body = f"{emitter}.{number}"
        out = joiner.join(sent(number, body, NAMES[emitter]), 0.0)
        if out:
            given_out.append(out.decode())
    assert len(given_out) == len(set(given_out))
    by_name = {status.name: status for status in joiner.statuses()}
    for emitter, count in enumerate(counts):
        status = by_name[NAMES[emitter]]
        missing = len([1 for each, number in lost if each == emitter and 1 < number < count])
        repeated = len([1 for _, each, _ in coming if each == emitter]) - (count - missing)
        assert status.sent == count
        assert status.lost == missing
        assert status.received == count - missing
        assert status.duplicates == repeated
    assert joiner.lost == sum(status.lost for status in by_name.values())


@given(st.lists(st.integers(1, 10_000), max_size=200))
def test_received_and_lost_are_together_what_was_sent(numbers: list[int]) -> None:
    joiner = Joiner()
    for number in numbers:
        joiner.join(sent(number), 0.0)
        (status,) = joiner.statuses()
        assert status.sent == status.received + status.lost


def test_emitters_beyond_the_bound_leave_their_losses_behind() -> None:
    joiner = Joiner()
    for each in range(datagram.MOST_EMITTERS + 10):
        joiner.join(sent(1, name=f"{each:016x}"), 0.0)
        joiner.join(sent(3, name=f"{each:016x}"), 0.0)
    assert len(joiner.statuses()) == datagram.MOST_EMITTERS
    assert joiner.lost == datagram.MOST_EMITTERS + 10
    assert joiner.statuses()[0].name == f"{datagram.MOST_EMITTERS + 9:016x}"


@given(order=st.permutations(range(1, 7)), repeated=st.integers(1, 6))
def test_parts_come_together_in_any_order(order: list[int], repeated: int) -> None:
    joiner = Joiner()
    whole = []
    for number, index in enumerate([*order, repeated], 1):
        more = f" part 0000002a {index}/6"
        whole.append(joiner.join(sent(number, f"<{index}>", more=more), 0.0))
    assert [each for each in whole if each] == [b"<1><2><3><4><5><6>\n"]


def test_a_record_whose_parts_do_not_all_come_is_given_up_and_counted() -> None:
    joiner = Joiner()
    joiner.join(sent(1, "<1>", more=" part 00000001 1/2"), 100.0)
    joiner.join(sent(2, record(2)), 101.0)
    joiner.expire(100.0 + EXPIRY_S - 0.1)
    assert joiner.incomplete == 0
    joiner.expire(100.0 + EXPIRY_S)
    assert joiner.incomplete == 1
    assert joiner.join(sent(3, "<2>", more=" part 00000001 2/2"), 106.0) == b""


def test_incomplete_records_hold_a_bounded_amount() -> None:
    joiner = Joiner()
    piece = "x" * 60_000
    wanted = MOST_BYTES // len(piece) + 50
    for number in range(1, wanted + 1):
        joiner.join(sent(number, piece, more=f" part {number:08x} 1/2"), 0.0)
    assert joiner.incomplete >= 49
    assert joiner.join(sent(wanted + 1, "end", more=f" part {wanted:08x} 2/2"), 0.0)


def test_parts_of_the_same_record_that_do_not_agree_harm_nothing() -> None:
    joiner = Joiner()
    for number, more in enumerate(["1/2", "2/3", "0/2", "3/2", "1/99999", "2/2", "1/1"], 1):
        joiner.join(sent(number, "x", more=f" part 00000001 {more}"), 0.0)
    joiner.expire(1000.0)
    assert joiner._held == 0


@given(st.lists(st.binary(max_size=80).map(lambda tail: b"#llmtop/1 " + tail), max_size=20))
def test_no_bytes_make_it_raise(datagrams: list[bytes]) -> None:
    joiner = Joiner()
    for at, each in enumerate(datagrams):
        assert isinstance(joiner.join(each, float(at)), bytes)
    joiner.expire(1e9)
