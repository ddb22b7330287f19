"""Records to bytes: whatever the host program puts into one, a line of JSON comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

DEEPEST = 32
LONGEST_REPR = 2000
"""Characters of a value that only its `repr` tells of."""
HEAVY_FIELDS = (
    "messages",
    "content",
    "tool_calls",
    "attributes",
    "events",
    "tools",
    "parameters",
    "error",
)
"""What is cut when a record is too large: text, never figures."""
_LEAF_LIMITS = (64_000, 8_000, 1_000)
"""Characters that each text may keep, tried one after the other until the record fits."""
_SHORTEST = 200
_encode: Callable[[Any], bytes] | None = None


def encode(record: Mapping[str, Any]) -> bytes:
    """One record as JSON, without a newline; values that JSON has no words for are described."""
    encoder = _encode or _load()
    try:
        return encoder(record)
    except Exception:  # whatever the host program put in
        return encoder(plain(record))


def _load() -> Callable[[Any], bytes]:
    """The encoder; a program that has llmtop but not msgspec gets the slower one of Python."""
    global _encode
    try:
        from msgspec import json

        _encode = json.Encoder(enc_hook=_described).encode
    except ImportError:
        from json import dumps

        _encode = lambda value: dumps(plain(value), separators=(",", ":")).encode()  # noqa: E731 - one of two encoders
    return _encode


def plain(value: Any, depth: int = 0, above: tuple[int, ...] = ()) -> Any:
    """A copy made of nothing but what JSON can say: no cycles, no lone surrogates, no surprises."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return str.__str__(value).encode("utf-8", "replace").decode("utf-8", "replace")
    if isinstance(value, int):
        number = int(value)
        return number if -(2**63) <= number < 2**64 else _long_number(number)
    if isinstance(value, float):
        number_ = float(value)
        return number_ if number_ - number_ == 0.0 else None
    if id(value) in above:
        return "[circular]"
    if depth >= DEEPEST:
        return "[too deep]"
    inner = (*above, id(value))
    try:
        if isinstance(value, Mapping):
            return {
                str(plain(str(key))): plain(each, depth + 1, inner) for key, each in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [plain(each, depth + 1, inner) for each in value]
        return plain(_described(value), depth + 1, inner)
    except Exception:  # whatever the host program put in
        return f"[{type(value).__name__}]"


def _long_number(number: int) -> str:
    try:
        return str(number)
    except ValueError:
        return hex(number)


def _described(value: Any) -> Any:
    """An object of the host's as something that JSON can say."""
    try:
        dump = getattr(value, "model_dump", None)
        if callable(dump) and not isinstance(value, type):
            return dump(mode="json", warnings=False)
        if isinstance(value, Mapping):
            return dict(value)
        text = repr(value)
    except RecursionError:
        raise  # then `plain` is asked, which stops at a depth
    except Exception:  # whatever the host program put in
        return f"[{type(value).__name__}]"
    return text if len(text) <= LONGEST_REPR else text[:LONGEST_REPR] + "…"


def shortened(record: Mapping[str, Any], most_bytes: int) -> bytes:
    """A record that was too large, its texts cut to head and tail and the cut said; figures stay.

    First the longest texts are cut, then all of them; at last heavy fields become one short text.
    """
    told = plain(record)
    for limit in _LEAF_LIMITS:
        told = _with_short_texts(told, limit)
        data = encode(told)
        if len(data) <= most_bytes:
            return data
    share = max(most_bytes // (2 * len(HEAVY_FIELDS)), _SHORTEST)
    while True:
        data = encode(_with_short_fields(told, share))
        if len(data) <= most_bytes or share <= _SHORTEST:
            return data
        share //= 2


def cut(text: str, most: int) -> str:
    """A text's head and tail, and between them how much was left out."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters cut …\n{text[-half:]}"


def _with_short_texts(value: Any, most: int) -> Any:
    if isinstance(value, str):
        return cut(value, most)
    if isinstance(value, dict):
        return {cut(name, most): _with_short_texts(inner, most) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_short_texts(inner, most) for inner in value]
    return value


def _with_short_fields(record: Mapping[str, Any], share: int) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, str | list | dict):
            text = value if isinstance(value, str) else encode({"": value}).decode()[4:-1]
            if len(text) > share:
                _put_short(told, name, cut(text, share))
                continue
        told[name] = value
    return told


def _put_short(told: dict[str, Any], name: str, text: str) -> None:
    """Put a cut field where its kind is still what a reader expects."""
    if name == "messages":
        told[name] = [{"role": "user", "content": text}]
    elif name == "content" or name not in HEAVY_FIELDS or name == "error":
        told[name] = text
    else:
        told[f"{name}_cut"] = text
