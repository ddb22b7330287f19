"""One span of an export, and what a user is shown of its conversation."""

from __future__ import annotations

from typing import Any

from tests.decode.otlp import export, span
from tests.decode.reading import Reading, read, said

Said = list[tuple[str, str]]
"""Roles and texts."""


def one(attributes: dict[str, Any], *events: dict[str, Any], **told: Any) -> Reading:
    """What an export of one span with these attributes and events tells."""
    return read(export(span(1, attributes, events=list(events), **told)))


def shown(told: Reading, at: int = 0) -> tuple[Said, Said]:
    """What a span asked, and what was answered; `at` is its place among those that came."""
    payload = told.payload(told.spans[at])
    return said(payload.input), said(payload.output)
