"""Whatever the program puts into a record, a line of JSON comes out; too much of it is cut."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.emit import encode


class Rude:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class Endless(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        return Endless()

    def __iter__(self) -> Any:
        return iter(["again"])

    def __len__(self) -> int:
        return 1


CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters())
    | st.binary()
    | st.complex_numbers()
    | st.datetimes()
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(alphabet=st.characters()), inner)
        | st.dictionaries(st.integers() | st.none() | st.booleans(), inner)
        | st.tuples(inner, inner)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), values))
def test_anything_becomes_one_line_of_json(record: dict[str, Any]) -> None:
    data = encode.encode(record)
    assert b"\n" not in data
    assert isinstance(json.loads(data), dict)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("\ud800", "?"),
        (float("nan"), None),
        (2**70, str(2**70)),
        (CIRCLE, ["[circular]"]),
        (Rude(), "[Rude]"),
        ({"a": Rude()}, {"a": "[Rude]"}),
        (10**5000, hex(10**5000)),
    ],
    ids=["surrogate", "not a number", "too large", "circle", "rude", "rude within", "huge"],
)
def test_what_json_has_no_words_for_is_described(value: object, expected: object) -> None:
    assert json.loads(encode.encode({"v": value, "\ud800": 1}))["v"] == expected


def test_what_never_ends_is_cut_at_a_depth() -> None:
    assert b"too deep" in encode.encode({"v": Endless()})


def test_without_msgspec_records_are_encoded_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    monkeypatch.setattr(encode, "_encode", None)
    monkeypatch.setitem(sys.modules, "msgspec", None)
    record = {"type": "span", "name": "é", "v": [1, 2.5, None, CIRCLE], "nan": float("nan")}
    assert json.loads(encode.encode(record)) == {
        "type": "span",
        "name": "é",
        "v": [1, 2.5, None, ["[circular]"]],
        "nan": None,
    }
    monkeypatch.setattr(encode, "_encode", None)


FIGURES = {
    "type": "response",
    "request_id": "r1",
    "prompt_tokens": 123,
    "latency_ms": 4.5,
    "estimated_cost": 0.25,
    "model": "m",
}


@pytest.mark.parametrize(
    "heavy",
    [
        {"content": "x" * 300_000},
        {"content": "\x01" * 300_000},
        {"messages": [{"role": "user", "content": "é" * 1000}] * 300},
        {"attributes": {f"key {n}": "v" * 500 for n in range(1000)}},
        {"tool_calls": [{"function": {"arguments": "a" * 300_000}}], "error": "e" * 300_000},
        {"user_id": "u" * 300_000},
    ],
    ids=["text", "escapes", "many messages", "many attributes", "several fields", "an id"],
)
def test_a_record_that_is_too_large_is_cut_and_keeps_its_figures(heavy: dict[str, Any]) -> None:
    data = encode.shortened({**heavy, **FIGURES}, 100_000)
    assert len(data) <= 100_000
    told = json.loads(data)
    assert {name: told[name] for name in FIGURES} == FIGURES
    assert "characters cut" in data.decode()


def test_a_cut_text_keeps_its_head_and_tail_and_says_how_much_is_gone() -> None:
    assert encode.cut("a" * 50 + "-" * 1000 + "z" * 50, 100) == (
        "a" * 50 + "\n… 1000 characters cut …\n" + "z" * 50
    )


def test_of_long_and_short_messages_the_long_ones_are_cut_first() -> None:
    messages = [{"role": "system", "content": "short"}, {"role": "user", "content": "x" * 500_000}]
    told = json.loads(encode.shortened({"messages": messages}, 100_000))
    assert told["messages"][0] == messages[0]
    assert len(told["messages"][1]["content"]) < 100_000
