"""A span's text: its parts in order, attributes to read, events counted from its start."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from llmtop.payload import Event, Message, Payload
from llmtop.span import Flag
from llmtop.tui.documents import span_text
from llmtop.tui.documents.blocks import Stack
from llmtop.tui.documents.document import Place
from tests.tui.spans import BEGAN, span


def lines(payload: Payload, **told: Any) -> list[str]:
    builder = span_text.Builder()
    span_text.add(builder, span(**told), payload)
    shown = builder.document().shown(Place(), 60, 10_000)
    return ["".join(text for text, _ in row) for row in shown]


def attributes(values: dict[str, Any]) -> list[str]:
    rows = Stack(list(span_text.attributes(values))).rows(60)
    return ["".join(text for text, _ in row) for row in rows]


def test_parts_stand_in_the_order_of_a_calls_life() -> None:
    payload = Payload(
        input=(Message("user", "why?"),),
        output=(Message("assistant", "because"),),
        attributes={"a": 1},
        events=(Event("first token", BEGAN + 0.5),),
        raw=('{"one": 1}', '{"two": 2}'),
    )
    heads = [line.strip("─ ") for line in lines(payload) if line.startswith("── ")]
    assert heads == [
        "Input · 1 message",
        "Output",
        "Attributes · 1 attribute",
        "Events · 1 event",
        "Raw · 2 records",
    ]


def test_one_empty_line_and_no_more_stands_between_parts() -> None:
    shown = lines(Payload(input=(Message("user", "why?"),), attributes={"a": "x" * 500}))
    pairs = list(pairwise(shown))
    assert ("", "") not in pairs
    assert all(before == "" for before, line in pairs if line.startswith("── "))


def test_attributes_stand_in_columns_long_ones_below_their_names_and_empty_ones_last() -> None:
    shown = attributes(
        {"zeta": 1, "alpha": True, "none": None, "blank": "", "long": {"a": [1], "b": "x" * 400}}
    )
    assert shown[:2] == ["alpha       true", "zeta        1"]
    assert shown[3] == "long"
    assert shown[4:7] == ["  {", '    "a": [', "      1"]
    assert shown[-1] == "empty: blank, none"


def test_json_in_an_attributes_text_is_laid_out() -> None:
    assert '    "city": "Paris",' in attributes({"args": '{"city":"Paris","n":[1,2,3]}'})


def test_long_parameters_stand_among_the_attributes() -> None:
    shown = lines(Payload(parameters={"tools": [{"name": "look"}], "top_p": 1}))
    assert any('"name": "look"' in line for line in shown)
    assert not any("top_p" in line for line in shown)


def test_events_are_told_by_their_distance_from_the_spans_start() -> None:
    events = (
        Event("first token", BEGAN + 0.34, {"index": 0}),
        Event("before", BEGAN - 2),
        Event("sometime", None),
    )
    shown = lines(Payload(events=events))
    assert "   +340ms first token" in shown
    assert any(line.split() == ["index", "0"] for line in shown)
    assert "   -2.00s before" in shown
    assert any(line.strip() == "sometime" for line in shown)


def test_what_is_not_there_is_said_to_be_missing() -> None:
    running = {"end": None, "flags": int(Flag.OPENED)}
    assert "Still running: the answer appears here when it ends." in lines(Payload(), **running)
    assert "It failed: there is no answer." in lines(Payload(), status="error")
    shown = lines(Payload(), operation="retrieval", model=None)
    assert shown.count("None was told.") == 2
    assert "No record of it could be read." in shown
