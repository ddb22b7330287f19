"""Names of models in a column: where one is cut, both its ends stay."""

from __future__ import annotations

from llmtop.tui.safe_text import cell, safe

_SHORTEST = 10
"""Below so many cells only the beginning is kept."""


def model_name(name: str, width: int) -> str:
    """A model's name in `width` cells: models of one family differ in their last letters."""
    shown = safe(name)
    if len(shown) <= width or width < _SHORTEST or not shown.isascii():
        return cell(name, width)
    tail = width // 3
    return f"{shown[: width - tail - 1]}…{shown[-tail:]}"
