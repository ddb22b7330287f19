"""What answers tell, in the words of each API; what they do not tell stays unknown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.emit.answer import told_by, usage_of
from llmtop.emit.gather import LONGEST_TEXT, ChatPieces, MessagePieces, ResponsePieces


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 4},
                "completion_tokens_details": {"reasoning_tokens": 2},
            },
            (10, 5, 4, None, 2),
        ),
        (
            {
                "input_tokens": 10,
                "output_tokens": 5,
                "cache_read_input_tokens": 100,
                "cache_creation_input_tokens": 20,
            },
            (130, 5, 100, 20, None),
        ),
        (
            {
                "input_tokens": 10,
                "output_tokens": 5,
                "input_tokens_details": {"cached_tokens": 4},
                "output_tokens_details": {"reasoning_tokens": 2},
            },
            (10, 5, 4, None, 2),
        ),
        ({"prompt_tokens": 10, "prompt_cache_hit_tokens": 6}, (10, None, 6, None, None)),
        ({"prompt_tokens": "10", "completion_tokens": True}, (None,) * 5),
        ({}, (None,) * 5),
        (None, (None,) * 5),
    ],
    ids=["chat", "messages", "responses", "deepseek", "nonsense", "empty", "none"],
)
def test_input_tokens_include_cached_ones_whatever_the_words(
    usage: Any, expected: tuple[int | None, ...]
) -> None:
    told = usage_of(usage)
    names = (
        "prompt_tokens",
        "completion_tokens",
        "cache_read_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
    )
    assert tuple(told.get(name) for name in names) == expected
    assert None not in told.values()


def test_a_cost_that_the_provider_tells_is_told() -> None:
    assert usage_of({"prompt_tokens": 1, "cost": 0.25})["estimated_cost"] == 0.25


def test_tokens_written_for_an_hour_are_told_apart() -> None:
    usage = {
        "input_tokens": 1,
        "cache_creation_input_tokens": 30,
        "cache_creation": {"ephemeral_1h_input_tokens": 20, "ephemeral_5m_input_tokens": 10},
    }
    assert usage_of(usage)["cache_write_1h_tokens"] == 20


def test_several_choices_are_told_together() -> None:
    choices = [{"message": {"content": text}, "finish_reason": "stop"} for text in ("one", "two")]
    assert told_by({"choices": choices})["content"] == "one\n\ntwo"


def test_a_failed_response_is_an_error() -> None:
    told = told_by(
        {
            "status": "failed",
            "output": [],
            "error": {"code": "server_error", "message": "It broke"},
        }
    )
    assert (told["status"], told["error"], told["error_type"]) == (
        "error",
        "It broke",
        "server_error",
    )


def test_an_incomplete_response_says_why() -> None:
    told = told_by(
        {
            "status": "incomplete",
            "output": [],
            "incomplete_details": {"reason": "max_output_tokens"},
        }
    )
    assert told["finish_reason"] == "max_output_tokens"


def test_reasoning_and_refusals_are_gathered() -> None:
    pieces = ChatPieces()
    for delta in ({"reasoning_content": "hm"}, {"refusal": "No"}, {"refusal": "."}):
        pieces.take({"choices": [{"index": 0, "delta": delta}]})
    told = pieces.told()
    assert told["refusal"] == "No."
    assert told["content"] == "[reasoning] hm\nNo."
    assert pieces.begun
    assert not pieces.finished


def test_text_is_gathered_up_to_a_cap_and_the_rest_is_counted() -> None:
    pieces = ChatPieces()
    for _ in range(3):
        pieces.take({"choices": [{"index": 0, "delta": {"content": "x" * 400_000}}]})
    content = pieces.told()["content"]
    assert content.startswith("x" * LONGEST_TEXT + "\n")
    assert content.endswith("… 200000 characters more …")


def test_thoughts_of_anthropic_stand_before_the_text() -> None:
    pieces = MessagePieces()
    for kind, name, text in (("thinking", "thinking", "hm"), ("text", "text", "Yes")):
        at = 0 if kind == "thinking" else 1
        delta = {"type": f"{kind}_delta", name: text}
        pieces.take({"type": "content_block_delta", "index": at, "delta": delta})
    assert pieces.told()["content"] == "[reasoning] hm\nYes"


def test_an_error_within_a_stream_is_told() -> None:
    pieces = ResponsePieces()
    pieces.take({"type": "error", "code": "rate_limit", "message": "Too fast"})
    assert pieces.finished
    assert pieces.told()["error"] == "Too fast"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "message", "content", "usage", "output", "type", "index"]
            ),
            inner,
        )
    ),
)


@given(st.dictionaries(st.sampled_from(["choices", "usage", "content", "output"]), anything))
def test_no_answer_however_malformed_is_a_fault(response: dict[str, Any]) -> None:
    assert None not in told_by(response).values()


@given(st.lists(st.dictionaries(st.sampled_from(["choices", "usage", "type", "delta"]), anything)))
def test_no_piece_however_malformed_is_a_fault(stream: list[dict[str, Any]]) -> None:
    for kind in (ChatPieces, ResponsePieces, MessagePieces):
        pieces = kind()
        for piece in stream:
            pieces.take(piece)
        assert None not in pieces.told().values()
