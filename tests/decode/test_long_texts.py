"""Long texts are left out of lines of OTLP, and nothing else is."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.attributes import READ
from llmtop.decode.long_texts import without_long_texts
from tests.decode.otlp import export, span
from tests.decode.reading import read

PROSE = "a café near the river " * 100
CALL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m",
        "gen_ai.input.messages": PROSE, "gen_ai.usage.input_tokens": 7}  # fmt: skip
ENDS = ('"', '\\"', "\\", "}", '"}', '\\"}', '" }', '"}}, {"key": "', "\n", "[{", "é", '{"')
SEPARATORS: tuple[tuple[str, str], ...] = ((",", ":"), (", ", ": "), (" ,", " : "))


def any_text(random: Random) -> str:
    """A text short or long, of prose, of JSON, or of what JSON is made of."""
    text = PROSE[: random.choice((0, 5, 900, 1100, 2200))] + random.choice(ENDS)
    match random.randrange(3):
        case 0:
            return text
        case 1:
            return json.dumps([{"role": "user", "content": text}] * random.randrange(3))
    return "".join(random.choice((text, *ENDS)) for _ in range(random.randrange(6)))


def any_value(random: Random, depth: int = 0) -> Any:
    kinds = (any_text, any_text, lambda _: 5, lambda _: 0.5, lambda _: True)
    if depth < 2 and random.random() < 0.2:
        inner = {any_name(random): any_value(random, depth + 1) for _ in range(2)}
        return random.choice((inner, list(inner.values())))
    return random.choice(kinds)(random)


def any_name(random: Random) -> str:
    return random.choice(("gen_ai.input.messages", "output.value", "error.message", "key", 'a"b'))


def any_export(random: Random) -> dict[str, Any]:
    """An export whose spans bear such texts."""
    spans = [
        span(number, {any_name(random): any_value(random) for _ in range(4)}, name=any_text(random))
        for number in range(1, 4)
    ]
    return export(*spans, **{"service.name": any_text(random)})


def alike(found: Any, whole: Any, name: str | None = None) -> bool:
    """Whether all that is missing are long texts of attributes that tell nothing of figures."""
    if isinstance(whole, dict):
        name = whole.get("key", name)
        return found.keys() == whole.keys() and all(
            alike(found[key], whole[key], name if key in {"value", "stringValue"} else None)
            for key in whole
        )
    if isinstance(whole, list):
        return len(found) == len(whole) and all(map(alike, found, whole))
    left_out = found == "" and isinstance(whole, str) and len(whole) > 400 and name not in READ
    return bool(found == whole or (left_out and name is not None))


@given(st.integers(0, 2**32))
def test_nothing_but_long_texts_is_left_out(seed: int) -> None:
    random = Random(seed)
    documents = [any_export(random) for _ in range(3)]
    style: dict[str, Any] = {
        "separators": random.choice(SEPARATORS),
        "ensure_ascii": random.random() < 0.5,
    }
    lines = "\n".join(json.dumps(each, **style) for each in documents).encode()
    found = [json.loads(line) for line in without_long_texts(lines).split(b"\n")]
    assert len(found) == len(documents)
    assert all(map(alike, found, documents))


@given(st.lists(st.sampled_from([*ENDS, PROSE, '{"key":"a","value":{"stringValue":"']), max_size=9))
def test_any_bytes_are_taken(parts: list[str]) -> None:
    without_long_texts("".join(parts).encode())


@pytest.mark.parametrize("run", [" ", "\\", "\\\\"])
def test_long_runs_before_a_brace_are_passed_over(run: str) -> None:
    texts = {"other": PROSE, "z": f"{PROSE}{run * 3000}}}{PROSE}", "last": "end"}
    document = export(span(1, {**CALL, **texts}))
    line = json.dumps(document).replace('"}', f'"{" " * 2000}}}').encode()
    assert alike(json.loads(without_long_texts(line)), document)
    assert alike(json.loads(without_long_texts(json.dumps(document).encode())), document)


@pytest.mark.parametrize("separators", SEPARATORS)
def test_a_conversation_is_left_out_and_its_call_is_told(separators: tuple[str, str]) -> None:
    line = json.dumps(export(span(1, CALL)), separators=separators).encode()
    assert len(without_long_texts(line)) < len(line) - len(PROSE)
    told = read(line.decode())
    assert (told.call.series.model, told.call.input_tokens) == ("m", 7)
    assert told.payload(told.call).input[0].text == PROSE


def test_a_text_of_an_attribute_that_is_read_stays() -> None:
    line = json.dumps(export(span(1, {**CALL, "error.message": PROSE}))).encode()
    assert (
        PROSE[:500]
        in json.loads(without_long_texts(line).decode())["resourceSpans"][0]["scopeSpans"][0][
            "spans"
        ][0]["attributes"][-1]["value"]["stringValue"]
    )


def test_lines_of_a_writer_that_names_all_members_of_a_value_stay_whole() -> None:
    document = export(span(1, {**CALL, "z": "last"}))
    text = json.dumps(document).replace('"}', '", "doubleValue": null}')
    plain = json.dumps(document)
    lines = f"{text}\n{plain}\n{text}".encode()
    first, second, third = without_long_texts(lines).split(b"\n")
    assert first == third == text.encode()
    assert len(second) < len(plain) - len(PROSE)
    assert read(text).call.input_tokens == 7
