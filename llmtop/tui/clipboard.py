"""Copies through the terminal (OSC 52), and says truly what became of it."""

from __future__ import annotations

from collections.abc import Mapping

from llmtop import written_figures

COMMON_LIMIT = 74_994
"""Bytes that become the 100 000 characters of base64 which most terminals take at most."""
MOST = 1_000_000
"""Bytes; nothing longer is sent."""


def fit(text: str) -> str:
    """The text without what no clipboard can hold (lone surrogates)."""
    return text.encode("utf-8", "replace").decode("utf-8")


def report(what: str, text: str, environment: Mapping[str, str]) -> tuple[str, bool]:
    """What to tell the user of a copy, and whether it was worth sending."""
    size = len(text.encode("utf-8"))
    told = written_figures.size(size)
    if not text:
        return f"There is no {what} to copy.", False
    if size > MOST:
        return (
            f"The {what} ({told}) is too long for a terminal's clipboard.",
            False,
        )
    if environment.get("TERM_PROGRAM") == "Apple_Terminal":
        return "This terminal (Apple's) takes no copies from programs: nothing was copied.", False
    if environment.get("TERM", "").startswith("linux"):
        return "The Linux console has no clipboard: nothing was copied.", False
    said = f"Sent the {what} ({told}) to the terminal's clipboard."
    if size > COMMON_LIMIT:
        said += " Many terminals take no more than 75 kB: it may not be there."
    elif environment.get("STY"):
        said += " GNU screen may not pass it on."
    elif environment.get("TMUX"):
        said += " tmux passes it on with `set -g set-clipboard on`."
    return said, True
