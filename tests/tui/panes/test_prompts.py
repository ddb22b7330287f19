from __future__ import annotations

from itertools import count

from llmtop.payload import Message, Payload
from llmtop.span import Span
from llmtop.tui.panes.prompts import BUDGET_S, HEAVIEST_BYTES, LONGEST, REST, Prompts, line_of
from tests.live.fragments import live, request, response


class Shelf:
    """Calls whose prompts take a while to read, and a clock that only reading moves."""

    def __init__(self, *, takes_s: float = 0.0, weight: int = 10) -> None:
        self.now = 0.0
        self.read: list[str] = []
        self.takes_s = takes_s
        self.payload = Payload(input=(Message("user", "why?"),))
        self.weight = weight
        self.prompts = Prompts(self._payload, self._weight, lambda: self.now)

    def _weight(self, span: Span) -> int:
        del span
        return self.weight

    def _payload(self, span: Span) -> Payload:
        self.now += self.takes_s
        self.read.append(span.span_id)
        return self.payload


def spans(number: int) -> list[Span]:
    """Calls in flight."""
    return list(live(*(request(f"r{each}") for each in range(number))).index)


def test_a_prompt_is_read_once() -> None:
    shelf = Shelf()
    (span,) = spans(1)
    assert [shelf.prompts.of(span) for _ in range(3)] == ["why?"] * 3
    assert len(shelf.read) == 1


def test_reading_stops_when_it_took_long_and_rests_before_it_goes_on() -> None:
    shelf = Shelf(takes_s=BUDGET_S / 2)
    calls = spans(5)
    assert [shelf.prompts.of(span) for span in calls] == ["why?", "why?", None, None, None]
    assert shelf.prompts.behind
    shelf.prompts.begin()
    assert shelf.prompts.of(calls[2]) is None
    shelf.now += BUDGET_S * REST
    assert shelf.prompts.rest == 0.0
    shelf.prompts.begin()
    assert shelf.prompts.of(calls[2]) == "why?"
    assert not shelf.prompts.behind


def test_every_prompt_is_read_in_the_end() -> None:
    shelf = Shelf(takes_s=1.0)
    calls = spans(7)
    for _ in count():
        shelf.prompts.begin()
        told = [shelf.prompts.of(span) for span in calls]
        if not shelf.prompts.behind:
            break
        shelf.now += shelf.prompts.rest
    assert told == ["why?"] * 7
    assert len(shelf.read) == 7


def test_a_call_without_a_prompt_is_read_again_when_more_of_it_came() -> None:
    shelf = Shelf()
    shelf.payload = Payload()
    seen = live(request("r1"))
    (span,) = seen.index
    assert shelf.prompts.of(span) == ""
    assert shelf.prompts.of(span) == ""
    assert len(shelf.read) == 1
    shelf.payload = Payload(input=(Message("user", "why?"),))
    span.ended_at = 12
    assert shelf.prompts.of(span) == "why?"


def test_a_prompt_in_a_huge_document_is_left_for_the_call_screen() -> None:
    shelf = Shelf(weight=HEAVIEST_BYTES + 1)
    (span,) = list(live(request("r1"), response("r1")).index)
    assert shelf.prompts.of(span) == ""
    assert shelf.read == []


def test_the_last_message_with_words_is_told_in_one_line() -> None:
    asked = Payload(
        input=(
            Message("system", "Be brief."),
            Message("user", "first\n\n  second\tthird"),
            Message("assistant", " \n"),
        )
    )
    assert line_of(asked) == "first second third"


def test_what_a_tool_answered_is_marked() -> None:
    answered = Payload(input=(Message("user", "Look."), Message("tool", "12 clusters")))
    assert line_of(answered) == "↳ 12 clusters"


def test_a_long_prompt_is_cut() -> None:
    assert line_of(Payload(input=(Message("user", "x" * 10_000_000),))) == "x" * LONGEST


def test_nothing_asked_is_an_empty_line() -> None:
    assert line_of(Payload()) == ""
