"""What of a record may leave the process: its texts are redacted or masked, never its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from llmtop.emit.encode import DEEPEST, plain

Mask = Literal["pii", "pii+ip"] | Callable[[str], str]
"""`"pii"` for llmtop's own patterns, `"pii+ip"` with IP addresses, or a function on text."""

FAILED = "[MASK_FAILED]"

_NEVER = frozenset(
    {
        "type",
        "timestamp",
        "start_time",
        "end_time",
        "model",
        "provider",
        "operation",
        "name",
        "agent_name",
        "status",
        "finish_reason",
        "error_type",
        "masked",
        "redacted",
    }
)
"""Fields of a record that say what and when, and nothing of what was said."""
_NEVER_WITHIN = frozenset({"id", "type", "role", "model"})
_SECRETS = frozenset(
    {
        "api_key",
        "apikey",
        "access_token",
        "auth_token",
        "authorization",
        "client_secret",
        "passwd",
        "password",
        "pwd",
        "secret",
        "secret_access_key",
        "secret_key",
    }
)
_PROMPT_FIELDS = ("messages",)
_ANSWER_FIELDS = ("content", "tool_calls", "refusal")
_INPUT_ATTRIBUTES = ("input.value", "gen_ai.retrieval.query.text", "gen_ai.tool.call.arguments")
_OUTPUT_ATTRIBUTES = ("output.value", "gen_ai.retrieval.documents", "gen_ai.tool.call.result")


class Privacy:
    """Applied to each record in the host process, before anything leaves it."""

    def __init__(
        self, *, log_prompts: bool = True, log_responses: bool = True, mask: Mask | None = None
    ) -> None:
        self.log_prompts = log_prompts
        self.log_responses = log_responses
        self.mask = mask

    @property
    def changes_nothing(self) -> bool:
        """Whether records pass as they are."""
        return self.log_prompts and self.log_responses and self.mask is None

    def apply(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record without what must not be told; says what was left out, and how much."""
        told = dict(record)
        if not self.log_prompts:
            _redact(told, _PROMPT_FIELDS, _INPUT_ATTRIBUTES)
        if not self.log_responses:
            _redact(told, _ANSWER_FIELDS, _OUTPUT_ATTRIBUTES)
        if self.mask is not None:
            self._mask(told, self.mask)
        return told

    def _mask(self, told: dict[str, Any], mask: Mask) -> None:
        counts: dict[str, int] = dict(told.get("masked") or {})
        for name, value in told.items():
            if name in _NEVER or name.endswith("_id") or value is None:
                continue
            if isinstance(value, bool | int | float):
                continue
            try:
                told[name] = _masked(plain(value), mask, counts)
            except Exception:  # a mask function of the host's
                told[name] = FAILED
                counts["failed"] = counts.get("failed", 0) + 1
        if counts:
            told["masked"] = counts


def _masked(value: Any, mask: Mask, counts: dict[str, int], depth: int = 0) -> Any:
    if isinstance(value, str):
        return _masked_text(value, mask, counts)
    if depth >= DEEPEST:
        return value
    if isinstance(value, list):
        return [_masked(each, mask, counts, depth + 1) for each in value]
    if isinstance(value, dict):
        told: dict[str, Any] = {}
        for name, each in value.items():
            if name in _NEVER_WITHIN or name.endswith(("_id", ".id", ".model")):
                told[name] = each if isinstance(each, str) else _masked(each, mask, counts, depth)
            elif (
                isinstance(mask, str)
                and isinstance(each, str)
                and each
                and name.lower().replace("-", "_") in _SECRETS
            ):
                told[name] = "[SECRET]"
                counts["secret"] = counts.get("secret", 0) + 1
            else:
                told[name] = _masked(each, mask, counts, depth + 1)
        return told
    return value


def _masked_text(text: str, mask: Mask, counts: dict[str, int]) -> str:
    if isinstance(mask, str):
        from llmtop.emit import masking

        return masking.mask(text, counts, addresses=mask == "pii+ip")
    masked = mask(text)
    if not isinstance(masked, str):
        raise TypeError(f"a mask gave {type(masked).__name__} instead of text")
    if masked != text:
        counts["custom"] = counts.get("custom", 0) + 1
    return masked


def _redact(told: dict[str, Any], fields: tuple[str, ...], attributes: tuple[str, ...]) -> None:
    sizes: dict[str, int] = dict(told.get("redacted") or {})
    for name in fields:
        value = told.get(name)
        if value is not None:
            sizes[name] = size = _characters(value)
            told[name] = _redacted_messages(value) if name == "messages" else _said(size)
    if isinstance(told.get("tool_calls"), str):
        # Whether tools were called, and how many, is a figure; with what is not told.
        told["tool_calls"] = None
    inner = told.get("attributes")
    if isinstance(inner, Mapping) and any(name in inner for name in attributes):
        inner = dict(inner)
        for name in attributes:
            if inner.get(name) is not None:
                sizes[name] = size = _characters(inner[name])
                inner[name] = _said(size)
        told["attributes"] = inner
    if sizes:
        told["redacted"] = sizes


def _said(size: int) -> str:
    return f"[redacted: {size} characters]"


def _redacted_messages(messages: Any) -> Any:
    if not isinstance(messages, list | tuple):
        return _said(_characters(messages))
    return [
        {
            "role": message.get("role", "user") if isinstance(message, Mapping) else "user",
            "content": _said(
                _characters(message.get("content") if isinstance(message, Mapping) else message)
            ),
        }
        for message in messages
    ]


def _characters(value: Any) -> int:
    """How many characters of text there are in a value, at whatever depth."""
    return _counted(plain(value))


def _counted(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(_counted(each) for each in value)
    if isinstance(value, dict):
        return sum(_counted(each) for name, each in value.items() if name not in _NEVER_WITHIN)
    return 0
