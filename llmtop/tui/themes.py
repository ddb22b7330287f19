"""The two themes of llmtop; colours by name stand nowhere else."""

from __future__ import annotations

from textual.theme import Theme

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
