"""The two themes of llmtop; colours by name stand nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from rich.console import Console
from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="llmtop-dark",
    primary="#7aa2c8",
    secondary="#8c9fb5",
    accent="#8fb6d9",
    foreground="#d5dae0",
    background="#14171c",
    surface="#181c22",
    panel="#252b34",
    success="#7fb58a",
    warning="#d9a860",
    error="#e07a73",
    dark=True,
)
LIGHT = Theme(
    name="llmtop-light",
    primary="#2f6690",
    secondary="#5a6b7d",
    accent="#245a86",
    foreground="#22282f",
    background="#f7f7f5",
    surface="#f2f2ef",
    panel="#dfe2e5",
    success="#2c7a45",
    warning="#966000",
    error="#b3261e",
    dark=False,
)
THEMES = (DARK, LIGHT)


def names() -> set[str]:
    """Every theme that can be chosen."""
    return {*BUILTIN_THEMES, *(theme.name for theme in THEMES)}


def mistake(name: str) -> str | None:
    """What is wrong with a theme's name, in a sentence; `None` if nothing is."""
    known = names()
    if name in known:
        return None
    near = get_close_matches(name, known, 1)
    hint = f" Did you mean {near[0]}?" if near else " The palette (ctrl+p) lists them."
    return f"There is no theme {name}.{hint}"


def suiting(environment: Mapping[str, str], light: bool | None) -> str:
    """The theme for a terminal: its own colours where it has few, or wants none."""
    few = Console(force_terminal=True, _environ=environment).color_system in {None, "standard"}
    if few or "NO_COLOR" in environment:
        return "ansi-light" if light else "ansi-dark"
    return LIGHT.name if light else DARK.name
