"""OpenInference tells the model that answered; the one that was asked for is in the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from llmtop.decode.values import mapping, text
from llmtop.span import Fragment

PARAMETERS = "llm.invocation_parameters"


def tell_asked_model(fragment: Fragment, told: Mapping[str, Any]) -> None:
    """Put the model that was asked for, also of a call that failed, where it belongs."""
    asked = _asked_model(told.get(PARAMETERS))
    if asked is None or asked == fragment.model:
        return
    if fragment.response_model is None:
        fragment.response_model = fragment.model
    fragment.model = asked


def _asked_model(parameters: object) -> str | None:
    if type(parameters) is str and len(parameters) <= _SHORT:
        return _written_out(parameters)
    return text(mapping(parameters).get("model"))


_SHORT = 256
"""Characters of parameters without tools; a program sends few kinds of them, again and again."""


@lru_cache(maxsize=512)
def _written_out(parameters: str) -> str | None:
    return text(mapping(parameters).get("model"))
