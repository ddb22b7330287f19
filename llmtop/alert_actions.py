"""What an alert does outside of llmtop: runs the user's command, posts to the user's URL."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import json

from llmtop.live.alerts import Change
from llmtop.version import __version__

COMMAND_TIMEOUT_S = 60.0
POST_TIMEOUT_S = 10.0
PAUSES_S = (1.0, 4.0)
"""Waited (seconds) before a URL is tried once more."""
MOST_WAITING = 100
"""Actions that may wait for slower ones; further ones are left out, and counted as failed."""
REMEMBERED = 20


def sentence(change: Change) -> str:
    """What happened, for people."""
    rule = change.rule
    whom = "" if change.group is None else f" for {rule.per} {change.group}"
    verb = "is" if change.fires else "is back to"
    return (
        f"{rule.name}{whom}: {rule.figure} {verb} {rule.written(change.value)}"
        f" ({rule.stretch()}; limit {rule.written(rule.limit)})"
    )


def sentences(changes: Sequence[Change]) -> str:
    """What happened to several alerts at once; all fire, or all cleared."""
    if len(changes) == 1:
        return sentence(changes[0])
    names = dict.fromkeys(change.rule.name for change in changes)
    verb = "fire" if changes[0].fires else "are well again"
    return f"{len(changes)} alerts {verb}: {', '.join(names)}"


def document(change: Change) -> dict[str, Any]:
    """What happened, for programs: the body of the POST, and the command's standard input."""
    rule = change.rule
    return {
        "text": sentence(change),
        "alert": rule.name,
        "state": "firing" if change.fires else "cleared",
        "figure": rule.figure,
        "value": change.value,
        "limit": rule.limit,
        "comparison": rule.sign,
        "unit": {"share": "share", "time": "s", "money": "USD"}.get(rule.unit, "count"),
        "over": rule.stretch(),
        "filter": rule.filter.text if rule.filter is not None else None,
        "group": None if change.group is None else {rule.per: change.group},
        "calls": rule.calls_behind(change.group),
        "time": _iso(change.at),
        "since": _iso(change.since),
    }


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")


class AlertActions:
    """Acts on a thread of its own, begun with the first action: nobody ever waits for it."""

    def __init__(self, complain: Callable[[str], None] | None = None) -> None:
        """`complain` hears of each action that did not work out, on the actions' thread."""
        self.problems: deque[str] = deque(maxlen=REMEMBERED)
        """Sentences on actions that did not work out, the last ones."""
        self._complain = complain
        self._waiting: queue.Queue[Change | None] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def notify(self, change: Change) -> None:
        """Do what the change's rule asks for, soon."""
        if change.rule.command is None and change.rule.url is None:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="alerts", daemon=True)
            self._thread.start()
        try:
            self._waiting.put_nowait(change)
        except queue.Full:
            self._failed(change, "too many actions wait; this one is left out")

    def close(self, timeout: float = 3.0) -> None:
        """Let what waits be done for at most `timeout` seconds."""
        self._closing.set()
        if self._thread is not None:
            try:
                self._waiting.put_nowait(None)
            except queue.Full:
                return
            self._thread.join(timeout)

    def _work(self) -> None:
        while (change := self._waiting.get()) is not None:
            body = json.encode(document(change))
            if change.rule.command is not None:
                self._run(change, change.rule.command, body)
            if change.rule.url is not None:
                self._post(change, change.rule.url, body)

    def _run(self, change: Change, command: str, body: bytes) -> None:
        rule = change.rule
        told = {
            "LLMTOP_ALERT": rule.name,
            "LLMTOP_ALERT_STATE": "firing" if change.fires else "cleared",
            "LLMTOP_ALERT_TEXT": sentence(change),
            "LLMTOP_ALERT_VALUE": "" if change.value is None else f"{change.value:.10g}",
            "LLMTOP_ALERT_GROUP": change.group or "",
        }
        # A NUL cannot stand in an environment; text of logs may hold one.
        told = {name: value.replace("\0", "�") for name, value in told.items()}
        try:
            done = subprocess.run(  # noqa: S603 - the user's own command; logs only reach its input
                ["/bin/sh", "-c", command],
                input=body,
                env={**os.environ, **told},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=COMMAND_TIMEOUT_S,
                check=False,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired:
            self._failed(change, f"its command was ended after {COMMAND_TIMEOUT_S:.0f} s")
        except (OSError, ValueError) as error:
            self._failed(change, f"its command cannot be run: {error}")
        else:
            if done.returncode:
                self._failed(change, f"its command ended with {done.returncode}")

    def _post(self, change: Change, url: str, body: bytes) -> None:
        # Imported here: most alerts post nothing, and the screen would begin later.
        import urllib.error
        import urllib.request

        headers = {"Content-Type": "application/json", "User-Agent": f"llmtop/{__version__}"}
        problem = ""
        for pause in (*PAUSES_S, None):
            try:
                # The user wrote the URL; that it is http or https was checked with the settings.
                asked = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - see above
                with urllib.request.urlopen(asked, timeout=POST_TIMEOUT_S):  # noqa: S310 - see above
                    return
            except urllib.error.HTTPError as error:
                problem = f"answered {error.code}"
                error.close()
                if error.code < 500 and error.code != 429:
                    break
            except (OSError, ValueError) as error:
                problem = f"did not answer: {getattr(error, 'reason', error)}"
            if pause is None or self._closing.wait(pause):
                break
        self._failed(change, f"its URL {problem}")

    def _failed(self, change: Change, problem: str) -> None:
        said = f"{change.rule.name}: {problem}."
        self.problems.append(said)
        if self._complain is not None:
            self._complain(said)
