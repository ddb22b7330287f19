"""Request ids that programs use again: which call a record tells of."""

from __future__ import annotations

from llmtop.live import reuse
from llmtop.span import Flag, Fragment, Span
from tests.live.fragments import NOON, live, request, response


def calls(*fragments: object) -> list[Span]:
    return list(live(*fragments).index)  # type: ignore[arg-type]  # fragments of any kind


def test_a_second_request_after_the_answer_is_another_call() -> None:
    found = calls(request("1"), response("1"), request("1", NOON + 60), response("1", NOON + 63))
    assert [round((each.end or 0) - each.start) for each in found] == [2, 3]


def test_an_impossible_time_of_the_only_call_is_a_wrong_clock_and_no_other_call() -> None:
    assert len(calls(request("1"), response("1", NOON - 500))) == 1


def test_a_copy_of_a_record_is_no_new_call() -> None:
    assert len(calls(request("1"), request("1"), response("1"), response("1"))) == 1


def test_the_half_that_a_call_lacks_is_plainly_its_own() -> None:
    (span,) = calls(request("1"))
    assert reuse.plainly(span, response("1"))
    assert not reuse.plainly(span, request("1", NOON + 5))


def test_ends_without_a_time_that_tell_other_tokens_are_other_calls() -> None:
    def end(tokens: int) -> Fragment:
        return Fragment(request_id="1", flags=int(Flag.ENDED), status="ok", output_tokens=tokens)

    assert len(calls(end(7), end(7))) == 1
    assert len(calls(end(7), end(8), end(7), end(8))) == 2
