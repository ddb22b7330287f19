"""Records to bytes: whatever the host program puts into one, a line of JSON comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEEPEST = 32
LONGEST_REPR = 2000
"""Characters of a value that only its `repr` tells of."""
HEAVY_FIELDS = ("messages", "content", "tool_calls", "attributes", "events", "tools", "error")
"""What is cut when a record is too large: text, never figures."""
_encoder: Any = None


def encode(record: Mapping[str, Any]) -> bytes:
    """One record as JSON, without a newline; values that JSON has no words for are described."""
    global _encoder
    if _encoder is None:
        from msgspec import json

        _encoder = json.Encoder(enc_hook=_described)
    try:
        return bytes(_encoder.encode(record))
    except Exception:  # whatever the host program put in
        return bytes(_encoder.encode(plain(record)))


def plain(value: Any, depth: int = 0, above: tuple[int, ...] = ()) -> Any:
    """A copy made of nothing but what JSON can say: no cycles, no lone surrogates, no surprises."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return str.__str__(value).encode("utf-8", "replace").decode("utf-8", "replace")
    if isinstance(value, int):
        number = int(value)
        return number if -(2**63) <= number < 2**64 else str(number)
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
        described = _described(value)
        return plain(described, depth + 1, inner)
    except Exception:  # whatever the host program put in
        return f"[{type(value).__name__}]"


def _described(value: Any) -> Any:
    """An object of the host's as something that JSON can say."""
    dump = getattr(value, "model_dump", None)
    if callable(dump) and not isinstance(value, type):
        return dump(mode="json")
    if isinstance(value, Mapping):
        return dict(value)
    text = repr(value)
    return text if len(text) <= LONGEST_REPR else text[:LONGEST_REPR] + "…"


def shortened(record: Mapping[str, Any], most_bytes: int) -> bytes:
    """A record that was too large, its heavy fields cut to head and tail, and the cut said."""
    share = max(most_bytes // (4 * len(HEAVY_FIELDS)), 200)
    told = dict(record)
    for name in HEAVY_FIELDS:
        value = told.get(name)
        if value is None:
            continue
        text = value if isinstance(value, str) else encode({"": value}).decode()[4:-1]
        if len(text) > 2 * share:
            cut = len(text) - 2 * share
            kept = f"{text[:share]}\n… {cut} characters cut …\n{text[-share:]}"
            told[name] = [{"role": "user", "content": kept}] if name == "messages" else kept
            if name in {"attributes", "events", "tools", "tool_calls"}:
                told[name] = None
                told["content" if name == "tool_calls" else f"{name}_cut"] = kept
    return encode(told)
