"""What holds for every test: it takes as long as it takes, on a machine that may be busy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from llmtop.sources import file_set

# Where `CI` is set, hypothesis's own settings for it come first: the same examples every time.
settings.register_profile(
    "unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True, scope="session")
def prompt_looks() -> Iterator[None]:
    """Folders are looked through when they are due by the test's clock, however slow that was."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_set, "PAUSES", dict.fromkeys(file_set.PAUSES, 0))
        yield
