"""The table of quantiles: how long calls took, and how long until their first token."""

from __future__ import annotations

from llmtop.live.view import Figures, Quantiles
from llmtop.tui import numbers
from llmtop.tui.panes import column_numbers
from llmtop.tui.safe_text import cell

_NAMES = ("p50", "p95", "p99", "max", "p90")
"""Which of them come first when there is not room for all."""
_ORDER = ("p50", "p90", "p95", "p99", "max")
_LABEL = 5
_WIDTH = column_numbers.SECONDS_WIDTH
_COUNT = 9

Part = tuple[str, str]


def lines(figures: Figures, width: int) -> list[list[Part]]:
    """A head and a line each for the latency and the time to the first token, if there is one."""
    chosen = _NAMES[: max(0, (width - _LABEL) // _WIDTH)]
    names = [name for name in _ORDER if name in chosen]
    count = width >= _LABEL + len(_ORDER) * _WIDTH + _COUNT
    head = " " * _LABEL + "".join(name.rjust(_WIDTH) for name in names)
    found: list[list[Part]] = [[(head + ("calls".rjust(_COUNT) if count else ""), "head")]]
    for label, quantiles in (("took", figures.latency), ("ttft", figures.ttft)):
        if quantiles is not None:
            found.append(_row(label, quantiles, names, count=count))
    return found


def _row(label: str, quantiles: Quantiles, names: list[str], *, count: bool) -> list[Part]:
    texts = [
        cell(column_numbers.seconds(getattr(quantiles, name), _WIDTH - 1), _WIDTH, "right")
        for name in names
    ]
    parts: list[Part] = [(cell(label, _LABEL), "dim"), ("".join(texts), "")]
    if count:
        parts.append((cell(numbers.count(quantiles.count), _COUNT, "right"), "dim"))
    return parts
