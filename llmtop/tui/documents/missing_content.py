"""Why a call shows no prompt or no answer, and what turns them on in the program that logs it."""

from __future__ import annotations

from collections.abc import Iterator

from llmtop.payload import Payload
from llmtop.span import Span

_HIDDEN = ("__REDACTED__", "redacted-by-litellm", "<REDACTED>")
"""What instrumentations write in the place of a text that they were told to hide."""

_OTEL = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true"
_LOOP_REMEDY = "With OpenLLMetry, TRACELOOP_TRACE_CONTENT=true turns them on."
_LOOP_SCOPES = tuple(
    f'"scope": "opentelemetry.instrumentation.{name}"'
    for name in ("openai.v1", "anthropic", "bedrock", "cohere", "groq", "mistralai", "ollama")
)
"""OpenLLMetry's instrumentations that write no attribute of their own; OpenTelemetry's are named
`opentelemetry.instrumentation.genai.*` and `*_v2`."""
_REMEDIES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("openinference.",),
        "With OpenInference, OPENINFERENCE_HIDE_INPUTS=false and OPENINFERENCE_HIDE_OUTPUTS=false "
        "show them.",
    ),
    (
        ("traceloop.", "llm.request.type", "llm.is_streaming"),
        _LOOP_REMEDY,
    ),
    (
        ("ai.operationId", "ai.model.", "ai.telemetry."),
        "With the Vercel AI SDK, recordInputs and recordOutputs turn them on in the telemetry "
        "settings.",
    ),
    (
        ("claude_code.", "prompt_length"),
        "With Claude Code, OTEL_LOG_USER_PROMPTS=1 turns prompts on.",
    ),
    (("codex.",), "With Codex, log_user_prompt = true under [otel] turns prompts on."),
    (("gemini_cli.",), "With Gemini CLI, the setting telemetry.logPrompts turns prompts on."),
    (
        ("gen_ai.",),
        f"With OpenTelemetry, {_OTEL} (=SPAN_ONLY in newer versions) turns them on in the program "
        "that is traced.",
    ),
)
"""Beginnings of attributes that give a convention away, and how to have it tell messages."""


def sentences(span: Span, payload: Payload) -> Iterator[str]:
    """What is to be said of messages that cannot be shown; nothing where all of them are there."""
    if payload.missing is not None:
        yield payload.missing
    if not span.is_call:
        return
    if "redacted" in payload.attributes:
        yield (
            "The program redacted texts before it logged them: log_prompts and log_responses "
            "(LLMTOP_LOG_PROMPTS, LLMTOP_LOG_RESPONSES) decide on that."
        )
    elif _is_hidden(payload):
        yield f"The program hid texts before it logged them. {_remedy(payload)}".rstrip()
    if not payload.raw or payload.missing is not None:
        return
    prompt, answer = bool(payload.input), bool(payload.output)
    answers_in_numbers = span.series.operation == "embeddings"
    if prompt and (answer or answers_in_numbers or span.running or span.failed):
        return
    if not prompt and not answer and not span.running and not span.failed:
        yield f"The records hold neither prompt nor answer. {_remedy(payload)}".rstrip()
    elif not prompt:
        yield f"The records hold no prompt. {_remedy(payload)}".rstrip()
    else:
        yield f"The records hold no answer. {_remedy(payload)}".rstrip()


def _is_hidden(payload: Payload) -> bool:
    texts = (message.text.strip() for message in (*payload.input, *payload.output))
    return any(text in _HIDDEN for text in texts)


def _remedy(payload: Payload) -> str:
    """How the convention of the records is told to log messages, as far as it is known."""
    told = [*payload.attributes, *(each.name for each in payload.events)]
    for beginnings, remedy in _REMEDIES:
        if any(name.startswith(beginnings) for name in told):
            scoped = any(sign in text for text in payload.raw for sign in _LOOP_SCOPES)
            return _LOOP_REMEDY if scoped and beginnings == ("gen_ai.",) else remedy
    return ""
