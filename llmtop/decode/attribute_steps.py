"""What to do with each attribute of a line that is still undecoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Raw

from llmtop.decode.attributes import BESIDE, RULES
from llmtop.decode.special_attributes import FLAGS

ADDED = -1
"""The rank of what is added to the fragment's flags."""
Step = tuple[str, int, dict[bytes, Any] | None, Callable[[object], Any]]
"""An attribute's field, its rank among the field's names, what is known of values, the conversion.

No field: what it tells depends on other attributes, so it is kept beside the fragment.
"""
_REPEATED = frozenset(
    {
        "agent",
        "error_type",
        "finish_reason",
        "model",
        "operation",
        "provider",
        "response_model",
        "session_id",
        "user_id",
    }
)
"""Fields whose values come again and again: each is worked out, and kept in memory, once."""
_MOST_KNOWN = 2048
_LONGEST_KNOWN = 256

STEPS: Mapping[str, Step] = {
    **dict.fromkeys(BESIDE, ("", 0, None, bool)),
    **{name: ("flags", ADDED, {}, flag) for name, flag in FLAGS.items()},
    **{
        name: (field, rank, {} if field in _REPEATED else None, convert)
        for name, (field, rank, convert) in RULES.items()
    },
}
"""The steps of all attributes that are looked at."""


def learn(
    known: dict[bytes, Any],
    raw: Raw,
    decode: Callable[[Raw], Any],
    convert: Callable[[object], Any],
) -> Any:
    """What a value tells that is not known yet."""
    value = convert(decode(raw))
    if value is not None and len(raw) <= _LONGEST_KNOWN:
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[bytes(raw)] = value
    return value
