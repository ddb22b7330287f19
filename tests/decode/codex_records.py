"""Made-up lines of Codex's rollouts and of `codex exec --json`."""

from __future__ import annotations

from typing import Any

SESSION = "019a0000-0000-7000-8000-000000000001"


def line(kind: str, second: float, payload: dict[str, Any]) -> dict[str, Any]:
    return {"timestamp": f"2026-01-02T03:04:{second:06.3f}Z", "type": kind, "payload": payload}


def meta(session: str = SESSION, **told: Any) -> dict[str, Any]:
    return line("session_meta", 0, {"id": session, "model_provider": "openai", **told})


def event(second: float, kind: str, /, **told: Any) -> dict[str, Any]:
    return line("event_msg", second, {"type": kind, **told})


def item(second: float, kind: str, **told: Any) -> dict[str, Any]:
    return line("response_item", second, {"type": kind, **told})


def usage(sent: int, output: int, cached: int = 0, reasoning: int = 0) -> dict[str, int]:
    return {
        "input_tokens": sent,
        "cached_input_tokens": cached,
        "output_tokens": output,
        "reasoning_output_tokens": reasoning,
        "total_tokens": sent + output,
    }


def counted(second: float, total: dict[str, int], last: dict[str, int]) -> dict[str, Any]:
    info = {"total_token_usage": total, "last_token_usage": last}
    return event(second, "token_count", info=info)


MODEL = line("turn_context", 0, {"model": "gpt-5.5"})


def old(kind: str, **told: Any) -> dict[str, Any]:
    """A line of the first `codex exec --json`."""
    return {"id": "0", "msg": {"type": kind, **told}}


def ran(kind: str, item_type: str, number: int = 1, **told: Any) -> dict[str, Any]:
    """A line about an item of `codex exec --json`."""
    return {"type": f"item.{kind}", "item": {"id": f"item_{number}", "type": item_type, **told}}
