"""The models of the demo, with latencies as their real namesakes have them."""

from __future__ import annotations

from typing import NamedTuple


class Model(NamedTuple):
    """How one model behaves; durations are seconds, spreads are sigmas of a log-normal."""

    provider: str
    name: str
    answered: str
    """The exact name that the provider answers with."""
    first_token: float
    """Median seconds until the first token."""
    spread: float
    speed: float
    """Output tokens a second."""
    caches: bool = False
    """Whether long prefixes of a prompt are read from the provider's cache."""
    reasons: bool = False


GPT_4O = Model("openai", "gpt-4o", "gpt-4o-2024-08-06", 0.48, 0.42, 92, caches=True)
GPT_4O_MINI = Model("openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", 0.36, 0.45, 118, caches=True)
GPT_5_MINI = Model("openai", "gpt-5-mini", "gpt-5-mini", 1.9, 0.55, 105, caches=True, reasons=True)
O3 = Model("openai", "o3", "o3", 5.2, 0.6, 88, caches=True, reasons=True)
SONNET = Model(
    "anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929", 1.05, 0.38, 72, caches=True
)
HAIKU = Model(
    "anthropic", "claude-haiku-4-5", "claude-haiku-4-5-20251001", 0.55, 0.36, 150, caches=True
)
GEMINI_FLASH = Model("google", "gemini-2.5-flash", "gemini-2.5-flash", 0.42, 0.5, 190)
MISTRAL_SMALL = Model("mistral", "mistral-small-latest", "mistral-small-latest", 0.31, 0.4, 130)
LLAMA = Model("groq", "llama-3.3-70b-versatile", "llama-3.3-70b-versatile", 0.17, 0.35, 260)
HOUSE = Model("acme", "acme-brain-7b", "acme-brain-7b", 0.7, 0.6, 45)
"""A model of one's own that no price list knows."""
EMBED_SMALL = Model("openai", "text-embedding-3-small", "text-embedding-3-small", 0.09, 0.35, 1)

CHAT_MODELS = (GPT_4O, GPT_4O_MINI, SONNET, HAIKU, GEMINI_FLASH, MISTRAL_SMALL, LLAMA, HOUSE)
CHAT_WEIGHTS = (18, 30, 14, 14, 12, 5, 5, 2)
RAG_MODELS = (GPT_4O_MINI, GEMINI_FLASH, HAIKU, SONNET)
RAG_WEIGHTS = (45, 25, 20, 10)
PLANNERS = (SONNET, GPT_5_MINI, O3, GPT_4O)
PLANNER_WEIGHTS = (40, 30, 10, 20)
WORKERS = (HAIKU, GPT_4O_MINI, GEMINI_FLASH)
