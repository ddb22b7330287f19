"""Keeps the recording as small as was asked: applies the policy at the start and once a day."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from llmtop.history.prune import Deed, Policy, prune

EVERY_S = 86_400.0


class Retention:
    """Prunes on a thread of its own, and says what it did."""

    def __init__(
        self,
        folder: Path,
        policy: Policy,
        tell: Callable[[Deed], None],
        complain: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.time,
        every: float = EVERY_S,
    ) -> None:
        """Begin; `tell` hears what is done, `complain` a sentence when nothing can be.

        `every` is how many seconds lie between two prunings.
        """
        self._folder = folder
        self._policy = policy
        self._tell = tell
        self._complain = complain
        self._clock = clock
        self._every = every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="llmtop-prune", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                deeds = prune(self._folder, self._policy, self._clock())
            except OSError as error:
                self._complain(f"{self._folder} cannot be pruned: {error.strerror or error}.")
            else:
                for deed in deeds:
                    self._tell(deed)
            self._ended.wait(self._every)

    def close(self) -> None:
        """Prune no more; what has begun is finished."""
        self._ended.set()
        self._thread.join(60.0)
