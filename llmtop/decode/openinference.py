"""OpenInference tells the model that answered; the one that was asked for is in the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode.values import mapping, text
from llmtop.span import Fragment

PARAMETERS = "llm.invocation_parameters"


def tell_asked_model(fragment: Fragment, told: Mapping[str, Any]) -> None:
    """Put the model that was asked for, also of a call that failed, where it belongs."""
    asked = text(mapping(told.get(PARAMETERS)).get("model"))
    if asked is None or asked == fragment.model:
        return
    if fragment.response_model is None:
        fragment.response_model = fragment.model
    fragment.model = asked
