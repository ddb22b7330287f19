"""Logs as applications write them, for the tests of what reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NOON = 1_764_000_000.0 - 1_764_000_000.0 % 86_400 + 43_200
"""Noon (UTC) of 2025-11-24, in seconds since the epoch."""
DAY = 86_400.0
Record = dict[str, Any]


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def request(name: str, at: float = NOON, **told: Any) -> Record:
    return {
        "type": "request",
        "request_id": name,
        "timestamp": iso(at),
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": f"question {name}"}],
        **told,
    }


def response(name: str, at: float = NOON + 1, **told: Any) -> Record:
    return {
        "type": "response",
        "request_id": name,
        "timestamp": iso(at),
        "model": "gpt-4o-2024-08-06",
        "content": f"answer {name}",
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "latency_ms": 1000.0,
        **told,
    }


def call(name: str, at: float = NOON, **told: Any) -> list[Record]:
    shared = {
        key: told.pop(key)
        for key in (
            "model",
            "trace_id",
            "span_id",
            "parent_id",
            "user_id",
            "session_id",
            "messages",
        )
        if key in told
    }
    asked = {**shared}
    answered = {key: value for key, value in shared.items() if key == "model"}
    return [request(name, at, **asked), response(name, at + 1, **answered, **told)]


def text(records: Iterable[Record]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def write(path: Path, *records: Record) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text(records))
    return path
