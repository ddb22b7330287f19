"""Messages that are not there are explained, with what turns them on where that is known."""

from __future__ import annotations

from typing import Any

import pytest

from llmtop.payload import Event, Message, Payload
from llmtop.span import Flag
from llmtop.tui.documents import missing_content
from tests.tui.spans import span

ASKED, ANSWERED = (Message("user", "why?"),), (Message("assistant", "because"),)


def said(payload: Payload, **told: Any) -> str:
    return " ".join(missing_content.sentences(span(**told), payload))


def test_nothing_is_said_where_everything_is_there() -> None:
    assert said(Payload(input=ASKED, output=ANSWERED, raw=("{}",))) == ""


@pytest.mark.parametrize(
    ("attributes", "remedy"),
    [
        ({"gen_ai.system": "openai"}, "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true"),
        ({"llm.request.type": "chat", "gen_ai.system": "openai"}, "TRACELOOP_TRACE_CONTENT=true"),
        ({"openinference.span.kind": "LLM"}, "OPENINFERENCE_HIDE_INPUTS=false"),
        ({"ai.operationId": "ai.generateText"}, "recordInputs"),
    ],
)
def test_each_convention_is_told_its_own_remedy(attributes: dict[str, Any], remedy: str) -> None:
    assert remedy in said(Payload(attributes=attributes, raw=("{}",)))


def test_openllmetry_is_known_by_its_scope_where_its_attributes_are_the_standard_ones() -> None:
    raw = ('{\n  "scope": "opentelemetry.instrumentation.anthropic"\n}',)
    told = said(Payload(attributes={"gen_ai.system": "anthropic"}, raw=raw))
    assert "TRACELOOP_TRACE_CONTENT=true" in told


def test_log_records_of_agents_are_known_by_their_names() -> None:
    events = (Event("claude_code.api_request", None),)
    assert "OTEL_LOG_USER_PROMPTS=1" in said(Payload(events=events, raw=("{}",)))


def test_only_what_is_missing_is_said_to_be() -> None:
    assert "no prompt" in said(Payload(output=ANSWERED, raw=("{}",)))
    assert "no answer" in said(Payload(input=ASKED, raw=("{}",)))


def test_an_embedding_is_no_answer_to_miss() -> None:
    assert said(Payload(input=ASKED, raw=("{}",)), operation="embeddings") == ""


def test_a_running_or_failed_call_has_no_answer_to_miss() -> None:
    running = {"end": None, "flags": int(Flag.OPENED)}
    assert said(Payload(input=ASKED, raw=("{}",)), **running) == ""
    assert said(Payload(input=ASKED, raw=("{}",)), status="error") == ""
    assert said(Payload(raw=("{}",)), **running) == "The records hold no prompt."
    assert said(Payload(raw=("{}",)), status="error") == "The records hold no prompt."


def test_records_that_are_gone_are_said_to_be_gone_and_nothing_more() -> None:
    assert said(Payload(missing="A record is gone.")) == "A record is gone."


def test_hidden_and_redacted_texts_are_not_taken_for_what_was_said() -> None:
    hidden = Payload(
        input=(Message("user", "__REDACTED__"),),
        output=ANSWERED,
        attributes={"openinference.span.kind": "LLM"},
        raw=("{}",),
    )
    assert "OPENINFERENCE_HIDE_INPUTS=false" in said(hidden)
    redacted = Payload(ASKED, ANSWERED, attributes={"redacted": {"messages": 3}}, raw=("{}",))
    assert "LLMTOP_LOG_PROMPTS" in said(redacted)


def test_a_span_that_calls_no_model_owes_no_messages() -> None:
    assert said(Payload(raw=("{}",)), operation="retrieval", model=None) == ""
