"""What an empty pane says: why there is nothing, and what would bring something."""

from __future__ import annotations

from textual.strip import Strip

from llmtop.live.view import View
from llmtop.tui.actions import first_key, key_name
from llmtop.tui.pane import Pane
from llmtop.tui.safe_text import wrapped

Said = tuple[str, str]
"""A sentence and the name of its meaning."""


def notice(pane: Pane, view: View, what: str, width: int, height: int) -> list[Strip]:
    """Lines for a pane that has no `what` (a plural) to show for a view."""
    return said(pane, reasons(pane, view, what), width, height)


def said(pane: Pane, sentences: list[Said], width: int, height: int) -> list[Strip]:
    """Sentences as lines, below a blank one where there is room for it."""
    lines = [
        pane.line((line, meaning), width=width)
        for sentence, meaning in sentences
        for line in wrapped(sentence, width)
    ]
    blank = [pane.line(width=width)] if height > len(lines) else []
    return (blank + lines)[:height]


def reasons(pane: Pane, view: View, what: str) -> list[Said]:
    """Why a view has nothing of a kind, in the order of what most likely keeps it away."""
    if view.query.filter is not None and pane.llmtop.looking:
        return [
            (f"Looking for  {view.query.filter.text}", "strong"),
            (f"in {pane.llmtop.looking:,} prompts and answers.", "dim"),
        ]
    if view.query.filter is not None and view.spans:
        return [
            (f"No {what} pass the filter  {view.query.filter.text}", "strong"),
            (f"{_key(pane, 'clear_filter')} clears it, {_key(pane, 'filter')} changes it.", "dim"),
        ]
    if pane.llmtop.loading:
        read, total = pane.llmtop.progress
        share = f" ({100 * read // total} %)" if total else ""
        return [(f"Reading{share}: no {what} so far.", "dim")]
    if view.spans and not view.total.calls:
        return [
            (f"No {what} yet.", "strong"),
            (f"{view.spans:,} spans have come, and none of them calls a model.", "dim"),
        ]
    if view.total.calls and view.query.window != "all":
        return [
            (f"No {what} in the last {view.query.window}.", "strong"),
            (f"{_key(pane, 'window')} chooses a longer window.", "dim"),
        ]
    return [
        (f"No {what} yet.", "strong"),
        ("They appear here as soon as a source tells of one.", "dim"),
    ]


def _key(pane: Pane, action: str) -> str:
    """The key to press for something, as the user may have laid it."""
    return key_name(first_key(f"dashboard.{action}", pane.llmtop.keys))
