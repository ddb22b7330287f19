"""How property tests run: as long as they take, for a machine may be busy with something else."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Where `CI` is set, hypothesis's own settings for it come first: the same examples every time.
settings.register_profile(
    "unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")
