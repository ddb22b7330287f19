"""Printed spans decoded typed tell what they tell when they are read leniently."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode import console_lines
from llmtop.decode.console_exporter import ConsoleExporter
from llmtop.span import Fragment
from tests.decode.test_console_exporter import CONSOLE
from tests.decode.test_otlp_lines import NAMES, RIVALS, VALUES

EVENTS: tuple[Any, ...] = (
    {"name": "exception", "timestamp": "2026-01-02T03:04:06.000000Z",
     "attributes": {"exception.type": "TimeoutError", "exception.message": "late"}},
    {"name": "First Token Stream Event", "timestamp": "2026-01-02T03:04:05.250000Z"},
    {"name": "other", "timestamp": None, "attributes": {}},
)  # fmt: skip
STATUSES: tuple[Any, ...] = (
    None, {}, {"status_code": "UNSET"}, {"status_code": "ERROR", "description": "no"},
)  # fmt: skip


def any_span(random: Random) -> dict[str, Any]:
    """A span with some of all the attributes that are looked at."""
    names = random.choice((NAMES, RIVALS))
    return {
        **CONSOLE,
        "name": random.choice((None, "", "chat gpt-4o", "openai.chat 7")),
        "parent_id": random.choice((None, f"0x{random.randrange(1, 99):016x}")),
        "end_time": random.choice((None, CONSOLE["end_time"], "2026-01-02T05:04:07.125+02:00")),
        "status": random.choice(STATUSES),
        "attributes": {
            random.choice(names): random.choice(VALUES) for _ in range(random.randrange(9))
        },
        "events": random.sample(EVENTS, random.randrange(3)),
    }


def both_ways(span: dict[str, Any]) -> tuple[list[Fragment] | None, Any]:
    """What the typed and the lenient way find."""
    found = ConsoleExporter().read(span, 3)
    return console_lines.fragments_of(json.dumps(span).encode(), 3), list(found or ())


@given(st.integers(0, 2**32))
def test_both_ways_tell_the_same(seed: int) -> None:
    typed, lenient = both_ways(any_span(Random(seed)))
    assert typed == lenient


@pytest.mark.parametrize(
    "change",
    [
        {"start_time": 1767323045.0},
        {"start_time": "2026-01-02T03:04:05"},
        {"attributes": '{"gen_ai.request.model": "m"}'},
        {"name": 5},
        {"events": {}},
        {"context": {"span_id": 7}},
    ],
)
def test_what_is_spelled_in_a_rarer_way_is_read_leniently(change: dict[str, Any]) -> None:
    assert both_ways({**CONSOLE, **change})[0] is None
