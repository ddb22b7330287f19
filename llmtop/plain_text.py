"""Text of logs made fit for plain output: nothing in it is obeyed by a terminal or a parser."""

from __future__ import annotations

from llmtop.written_figures import UNKNOWN

_REPLACED = "�"


def plain(text: str | None, *, keep: str = "") -> str:
    """The text with a sign in place of each character that cannot be printed, but those to keep."""
    if text is None:
        return UNKNOWN
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in keep else _REPLACED for each in text)


def on_one_line(text: str) -> str:
    """Likewise, with single spaces for all white space."""
    return plain(" ".join(text.split()))
