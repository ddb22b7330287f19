"""Calls that coding agents log as events of their telemetry: Claude Code, Codex, Gemini, Qwen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmtop.decode import attributes, errors, gemini_usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_BOTH = int(Flag.OPENED | Flag.ENDED)


def fragment_of(
    name: str, told: Mapping[str, Any], at: float | None, place: int
) -> Fragment | None:
    """The call that an event tells of, or `None`: most events tell of something else.

    An event that only opens a call, or repeats what another one tells, is none.
    """
    agent, _, kind = name.rpartition(".")
    if not (kind in KINDS and told.get("model") is not None):
        return None
    if agent in _WITH_RESPONSES and kind == "api_request":
        return None
    error = told.get("error.message") or told.get("error") or told.get("error_message")
    status = number(told.get("http.response.status_code") or told.get("status_code"))
    refused = status is not None and status >= 400
    failed = kind == "api_error" or refused or error not in (None, "")
    if agent == "codex" and kind == "api_request" and not failed:
        return None  # the stream's last event tells the same call, and its usage
    if kind == "sse_event":
        if text(told.get("event.kind")) not in {"response.completed", "response.failed"}:
            return None
        failed = failed or told.get("event.kind") == "response.failed"
    at = parse_time(told.get("event.timestamp")) or at
    session = text(told.get("session.id") or told.get("conversation.id") or told.get("session_id"))
    fragment = Fragment(
        span_id=_identity(told, session, at),
        operation="chat",
        provider=_PROVIDERS.get(agent),
        model=text(told.get("model")),
        end=at,
        duration=None if kind == "sse_event" else attributes.milliseconds(told.get("duration_ms")),
        ttft=attributes.milliseconds(told.get("ttft_ms")),
        flags=_BOTH,
        place=place,
        status="error" if failed else "ok",
        trace_id=session,
        session_id=session,
        user_id=text(told.get("user.id") or told.get("user.account_uuid")),
        cost=_cost(told),
        # The span of the same call, where spans are sent as well, names it by the request too.
        response_id=text(told.get("request_id")) if agent == "claude_code" else None,
    )
    _usage(fragment, told, kind)
    if failed:
        fragment.error_message = text(error)
        fragment.error_type = (
            text(told.get("error_type") or told.get("error.type"))
            or (str(int(status)) if refused and status is not None else None)
            or errors.kind_of(fragment.error_message)
        )
    return fragment


KINDS = frozenset({"api_request", "api_response", "api_error", "sse_event"})
"""Last parts of the names of events that may tell a call."""
_WITH_RESPONSES = frozenset({"gemini_cli", "qwen-code", "qwen_code"})
_PROVIDERS = {"claude_code": "anthropic", "codex": "openai", "gemini_cli": "gcp.gemini"}


def _identity(told: Mapping[str, Any], session: str | None, at: float | None) -> str | None:
    """The same event delivered twice is the same call."""
    request = text(told.get("request_id"))
    if request is not None:
        return request
    moment = text(told.get("event.timestamp")) or at
    number_told = text(told.get("event.sequence"))
    if session is None and moment is None:
        return None
    return f"{session} {number_told or ''} {moment} {text(told.get('output_token_count'))}"


def _cost(told: Mapping[str, Any]) -> float | None:
    cost = number(told.get("cost_usd"))
    millionths = number(told.get("cost_usd_micros")) if cost is None else None
    return cost if millionths is None else millionths / 1e6


def _usage(fragment: Fragment, told: Mapping[str, Any], kind: str) -> None:
    if kind == "api_response":
        names = ("input", "output", "cached_content", "thoughts", "total")
        gemini_usage.read(fragment, *(told.get(f"{name}_token_count") for name in names))
        return
    sent = count(told.get("input_tokens", told.get("input_token_count")))
    read = count(told.get("cache_read_tokens", told.get("cached_token_count")))
    written = count(told.get("cache_creation_tokens"))
    if sent is not None and "input_tokens" in told:
        # Claude Code passes on Anthropic's count, which leaves out cached tokens.
        sent += (read or 0) + (written or 0)
    fragment.input_tokens = sent
    fragment.output_tokens = count(told.get("output_tokens", told.get("output_token_count")))
    fragment.cache_read_tokens, fragment.cache_write_tokens = read, written
    fragment.reasoning_tokens = count(told.get("reasoning_token_count"))


class AgentEvents(Format):
    """The telemetry file of Gemini CLI and its kin: log records as JavaScript writes them out."""

    name = "agent telemetry"

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the name of an event among its attributes."""
        told = document.get("attributes")
        return isinstance(told, dict) and "event.name" in told and "gen_ai.system" not in told

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The call that an event tells, if it tells one."""
        told = mapping(document.get("attributes"))
        name = text(told.get("event.name")) or ""
        fragment = fragment_of(name, told, _high_resolution(document.get("hrTime")), place)
        return () if fragment is None else (fragment,)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """The attributes of the event; a response's text, where it is told."""
        if any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            fill(payload, mapping(document.get("attributes")))


def fill(payload: Payload, told: Mapping[str, Any]) -> None:
    """Put an event's attributes into a payload."""
    rest = dict(told)
    payload.input += conversation(rest.pop("request_text", rest.pop("prompt", None)))
    payload.output += conversation(rest.pop("response_text", None), "assistant")
    payload.attributes.update(rest)


def _high_resolution(value: object) -> float | None:
    """Seconds and nanoseconds, as JavaScript's SDK tells a moment."""
    if isinstance(value, list) and len(value) == 2:
        seconds, nanoseconds = number(value[0]), number(value[1])
        if seconds is not None and nanoseconds is not None:
            return seconds + nanoseconds / 1e9
    return None
