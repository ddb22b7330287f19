"""When things go wrong in the demo: storms of rate limits and slow patches, by the seed."""

from __future__ import annotations

import random

from llmtop.demo.models import Model

STORM_EVERY_S = 150.0
STORM_LASTS_S = 14.0
SLOW_EVERY_S = 210.0
SLOW_LASTS_S = 35.0
STORMY = ("openai", "anthropic", "google")


class Weather:
    """Which provider limits, and which slows down, at which second of the demo."""

    def __init__(self, seed: int, scenario: str) -> None:
        chance = random.Random(seed)
        self._storm_phase = chance.uniform(60.0, STORM_EVERY_S)
        self._slow_phase = chance.uniform(40.0, SLOW_EVERY_S)
        self._always_storm = scenario == "storm"
        self._always_slow = scenario == "slow"

    def limited(self, at: float, model: Model) -> bool:
        """Whether the model's provider turns calls away with 429 at this second."""
        turn, into = divmod(at + self._storm_phase, STORM_EVERY_S)
        stormy = STORMY[int(turn) % len(STORMY)]
        lasts = STORM_EVERY_S * 0.6 if self._always_storm else STORM_LASTS_S
        return into < lasts and model.provider == stormy

    def slowness(self, at: float, model: Model) -> float:
        """By what the model's latency is multiplied at this second."""
        turn, into = divmod(at + self._slow_phase, SLOW_EVERY_S)
        slow = STORMY[int(turn) % len(STORMY)]
        if self._always_slow:
            return 3.5
        return 4.0 if into < SLOW_LASTS_S and model.provider == slow else 1.0
