"""What leaves the process: redaction that says so, masks on texts alone, and masks that fail."""

from __future__ import annotations

from typing import Any

import pytest

from llmtop.emit.privacy import FAILED, Privacy

RECORD: dict[str, Any] = {
    "type": "request",
    "request_id": "alice@example.com",
    "timestamp": 1700000000.5,
    "model": "bob@models.com",
    "user_id": "415-555-2671",
    "prompt_tokens": 4155552671,
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "I am alice@example.com"}]},
    ],
    "attributes": {"customer": "bob@example.com", "session.id": "c@example.com", "n": 5},
}


def test_only_texts_are_masked_and_what_was_is_counted() -> None:
    told = Privacy(mask="pii").apply(RECORD)
    for name in ("type", "request_id", "timestamp", "model", "user_id", "prompt_tokens"):
        assert told[name] == RECORD[name]
    assert told["messages"][1]["content"][0] == {"type": "text", "text": "I am [EMAIL]"}
    assert told["attributes"] == {"customer": "[EMAIL]", "session.id": "c@example.com", "n": 5}
    assert told["masked"] == {"email": 2}


def test_the_programs_own_objects_stay_as_they_are() -> None:
    before = repr(RECORD)
    Privacy(mask="pii", log_prompts=False).apply(RECORD)
    assert repr(RECORD) == before


def test_a_secret_is_known_by_its_key() -> None:
    told = Privacy(mask="pii").apply(
        {"tool_calls": [{"arguments": {"password": "abc", "city": "Paris"}}]}
    )
    assert told["tool_calls"][0]["arguments"] == {"password": "[SECRET]", "city": "Paris"}


def test_redacted_prompts_say_how_long_they_were() -> None:
    told = Privacy(log_prompts=False).apply(RECORD)
    assert told["messages"] == [
        {"role": "system", "content": "[redacted: 9 characters]"},
        {"role": "user", "content": "[redacted: 22 characters]"},
    ]
    assert told["redacted"] == {"messages": 31}


def test_redacted_answers_say_how_long_they_were() -> None:
    told = Privacy(log_responses=False).apply(
        {"content": "four", "tool_calls": [{"id": "1", "function": {"arguments": "12345"}}]}
    )
    assert told["content"] == "[redacted: 4 characters]"
    assert told["redacted"] == {"content": 4, "tool_calls": 5}
    assert "12345" not in repr(told)


def test_inputs_and_outputs_of_spans_are_redacted_too() -> None:
    told = Privacy(log_prompts=False, log_responses=False).apply(
        {"attributes": {"input.value": "in", "output.value": "out", "k": "v"}}
    )
    assert told["attributes"] == {
        "input.value": "[redacted: 2 characters]",
        "output.value": "[redacted: 3 characters]",
        "k": "v",
    }


def test_a_function_masks_every_text() -> None:
    told = Privacy(mask=lambda text: text.replace("brief", "***")).apply(RECORD)
    assert told["messages"][0]["content"] == "Be ***."
    assert told["masked"] == {"custom": 1}


@pytest.mark.parametrize("outcome", [ZeroDivisionError(), RecursionError(), 5, None])
def test_a_mask_that_fails_hides_the_whole_value(outcome: object) -> None:
    def broken(text: str) -> Any:
        if "alice" not in text:
            return text
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    told = Privacy(mask=broken).apply(RECORD)
    assert told["messages"] == FAILED
    assert told["masked"] == {"failed": 1}
    assert told["attributes"]["customer"] == "bob@example.com"


def test_values_that_no_text_is_in_and_cycles_do_not_stop_a_mask() -> None:
    circle: list[Any] = ["a@example.com"]
    circle.append(circle)
    told = Privacy(mask="pii").apply({"attributes": {"circle": circle, "object": object()}})
    assert told["attributes"]["circle"] == ["[EMAIL]", "[circular]"]


def test_a_mask_sees_what_objects_would_say() -> None:
    class Person:
        def __repr__(self) -> str:
            return "Person(a@example.com)"

    told = Privacy(mask="pii").apply({"attributes": {"who": Person()}})
    assert told["attributes"]["who"] == "Person([EMAIL])"


def test_addresses_of_machines_are_masked_where_that_is_asked_for() -> None:
    record = {"content": "8.8.8.8 and a@example.com"}
    assert Privacy(mask="pii").apply(record)["content"] == "8.8.8.8 and [EMAIL]"
    assert Privacy(mask="pii+ip").apply(record)["content"] == "[IP] and [EMAIL]"
