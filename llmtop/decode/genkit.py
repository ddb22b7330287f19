"""Spans of Genkit: an action each, with what went in and came out written out as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmtop.decode import operations, providers, usage
from llmtop.decode.values import mapping, text
from llmtop.span import CALL_OPERATIONS, Fragment

KIND = "genkit:metadata:subtype"
NAME = "genkit:name"
OUTPUT = "genkit:output"
_ACTIONS = {"model": "chat", "embedder": "embeddings", "prompt": "chain", "util": "chain"}


def tell(fragment: Fragment, told: Mapping[str, Any]) -> None:
    """Put in what an action tells; a model's name begins with the plugin that serves it."""
    kind = text(told.get(KIND)) or ""
    fragment.operation = _ACTIONS.get(kind) or operations.operation(kind) or "other"
    name = text(told.get(NAME))
    if fragment.operation not in CALL_OPERATIONS:
        fragment.name = name or fragment.name
        return
    plugin, slash, model = (name or "").partition("/")
    fragment.model = (model if slash else name) or fragment.model
    fragment.provider = providers.provider(plugin) if slash else fragment.provider
    answer = mapping(told.get(OUTPUT))
    usage.read(fragment, mapping(answer.get("usage")))
    fragment.finish_reason = text(answer.get("finishReason")) or fragment.finish_reason
