"""Lines of unknown make decoded without what was said to a model and by it, where that is long."""

from __future__ import annotations

from typing import Any

from msgspec import Raw, json

from llmtop.decode.generic_names import NAMES
from llmtop.decode.shapes import SKIPPED

_LONG = 100
_LONG_LINE = 1000
"""Of lines from this length (bytes) on, texts are passed over undecoded."""
_CONTENT = frozenset({*NAMES["input"], *NAMES["output"]})
_objects = json.Decoder(dict[str, Raw])
_decoder = json.Decoder()


def skimmed(line: bytes) -> Any:
    """A line's value; long texts of prompts and answers in an object are `SKIPPED`.

    Raises what decoding raises.
    """
    if len(line) < _LONG_LINE or line[:1] != b"{":
        return _decoder.decode(line)
    return {
        name: SKIPPED if name in _CONTENT and _is_long_text(raw) else _decoder.decode(raw)
        for name, raw in _objects.decode(line).items()
    }


def _is_long_text(raw: Raw) -> bool:
    """Whether a value is a long text, and none that is JSON itself."""
    told = memoryview(raw)
    return len(told) > _LONG and told[0] == _QUOTE and told[1] != _BRACE


_QUOTE, _BRACE = b'"{'
