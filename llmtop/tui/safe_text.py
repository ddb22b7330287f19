"""Text of logs made fit for a terminal: nothing in it is obeyed, and its width is known."""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size

_CONTROL = {
    **{number: chr(0x2400 + number) for number in range(32)},
    9: " ",
    10: "⏎",
    13: "␍",
    127: "␡",
    **dict.fromkeys(range(128, 160), "�"),
}
# What has no width, turns the direction of writing, or joins what stands around it. Variation
# selectors and joiners go as well: terminals do not agree how wide what they make is.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SPOKEN = {"\u202e": "�", "\u202d": "�", "\u2028": "⏎", "\u2029": "⏎"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_COMBINING = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{2})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def safe(text: str, *, newline: str = "⏎") -> str:
    """The text with control characters made visible and everything invisible left out.

    `newline` stands for line ends; give `"\\n"` to keep them.
    """
    if text.isascii() and text.isprintable():
        return text
    if newline == "\n":
        text = text.replace("\r\n", "\n")
        return "\n".join(safe(line) for line in text.split("\n"))
    if newline != "⏎":
        text = text.replace("\r\n", newline).replace("\n", newline)
    text = _SURROGATE.sub("�", text.translate(_CONTROL))
    if not text.isascii():
        text = _INVISIBLE.sub(lambda found: _SPOKEN.get(found.group(), ""), text)
        text = _COMBINING.sub(r"\1", text)
    return text


def cell(text: str | None, width: int, align: str = "left") -> str:
    """Exactly `width` cells: cut with an ellipsis, or filled; `align` is left, right or center."""
    if width <= 0:
        return ""
    shown = safe(text if text is not None else "–")
    length = len(shown) if shown.isascii() else cell_len(shown)
    if length > width:
        if width == 1:
            return "…"
        return set_cell_size(shown[: width * 2], width - 1) + "…"
    blank = " " * (width - length)
    if align == "right":
        return blank + shown
    if align == "center":
        half = len(blank) // 2
        return blank[:half] + shown + blank[half:]
    return shown + blank


def wrapped(text: str, width: int) -> list[str]:
    """Safe text in lines of at most `width` cells, broken at spaces where there are some."""
    lines: list[str] = []
    for paragraph in safe(text, newline="\n").split("\n"):
        lines.extend(_wrapped_line(paragraph, max(width, 1)))
    return lines


def _wrapped_line(text: str, width: int) -> list[str]:
    if len(text) <= width and (text.isascii() or cell_len(text) <= width):
        return [text]
    lines: list[str] = []
    start = 0
    while start < len(text):
        end = _fitting(text, start, width)
        if end < len(text):
            space = text.rfind(" ", start + 1, end + 1)
            if space > start + width // 2:
                lines.append(text[start:space])
                start = space + 1
                continue
        lines.append(text[start:end])
        start = end
    return lines


def _fitting(text: str, start: int, width: int) -> int:
    """Where a line that begins at `start` must end at the latest."""
    end = min(start + width, len(text))
    piece = text[start:end]
    if piece.isascii():
        return end
    while end > start + 1 and cell_len(piece) > width:
        end -= max(1, (cell_len(piece) - width) // 2)
        piece = text[start:end]
    return end
