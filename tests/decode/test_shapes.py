"""The quick way to read lines, which leaves content undecoded, tells what the usual way tells."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import structs

from llmtop.decode.decoder import Decoder
from llmtop.sources.chunk import Chunk
from llmtop.span import Fragment
from tests.decode.reading import lines
from tests.decode.test_damaged_records import RECORDS

OF_LINES = [name for name in RECORDS if name not in {"Gemini CLI"}]
"""Formats of which a file has many lines."""


def told(records: list[Any], *, slowly: bool) -> list[dict[str, Any]]:
    """What the records tell the second time, when the format of their source is known."""
    decoder = Decoder()
    decoder.decode(Chunk(0, 0, lines(*records)))
    found: list[Fragment] = []
    if slowly:
        for number, record in enumerate(records, 1):
            data = json.dumps(record, indent=1).encode()
            found += decoder.decode(Chunk(number, 0, data, whole=True))
    else:
        found += decoder.decode(Chunk(1, 0, lines(*records)))
    assert decoder.counts(0).rejected == 0
    kept = []
    for fragment in found:
        facts = structs.asdict(fragment)
        facts.pop("place")
        # A turn goes on to its last call, which is told once for all lines that come together.
        if facts["operation"] not in {"turn", "invoke_agent"}:
            kept.append({name: facts[name] for name in Fragment.__struct_fields__ if name in facts})
    return kept


@pytest.mark.parametrize("name", OF_LINES)
def test_both_ways_tell_the_same(name: str) -> None:
    quick, usual = told(RECORDS[name], slowly=False), told(RECORDS[name], slowly=True)
    assert quick == usual
    assert quick
