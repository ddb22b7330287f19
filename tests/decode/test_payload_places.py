"""Which lines are read again to show a span."""

from __future__ import annotations

from msgspec import structs

from llmtop.decode.payload_places import MOST_LINES, places_of
from llmtop.sources.chunk import place
from llmtop.span import Span
from tests.live.fragments import live, request


def span(opened_at: int, ended_at: int, request_id: str | None = None) -> Span:
    (found,) = live(request("r")).index
    return structs.replace(found, opened_at=opened_at, ended_at=ended_at, request_id=request_id)


def test_a_request_and_its_response_are_two_lines() -> None:
    assert places_of(span(place(1, 3), place(4, 9), "r")) == [place(1, 3), place(4, 9)]


def test_one_record_is_one_line_and_none_is_none() -> None:
    assert places_of(span(place(1, 3), place(1, 3))) == [place(1, 3)]
    assert places_of(span(-1, -1)) == []


def test_between_the_first_and_the_last_line_of_a_call_all_are_read() -> None:
    assert places_of(span(place(1, 3), place(1, 6))) == [place(1, each) for each in (3, 4, 5, 6)]


def test_lines_that_came_at_two_times_are_read_at_both_edges() -> None:
    found = places_of(span(place(1, 3), place(2, 2)))
    assert found[0] == place(1, 3)
    assert found[-3:] == [place(2, each) for each in (0, 1, 2)]


def test_a_call_of_very_many_lines_is_not_read_whole() -> None:
    found = places_of(span(place(1, 0), place(1, 5000)))
    assert len(found) == MOST_LINES
    assert (found[0], found[-1]) == (place(1, 0), place(1, 5000))
