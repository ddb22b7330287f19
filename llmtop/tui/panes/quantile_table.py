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
UPRIGHT_WIDTH = _LABEL + 2 * _COUNT
UPRIGHT_HEIGHT = len(_ORDER) + 2

Part = tuple[str, str]


def _told(figures: Figures) -> list[tuple[str, Quantiles]]:
    told = (("took", figures.latency), ("ttft", figures.ttft))
    return [(label, quantiles) for label, quantiles in told if quantiles is not None]


def across(figures: Figures, width: int) -> list[list[Part]]:
    """A head, and a line each for the latency and the time to the first token, if there is one."""
    chosen = _NAMES[: max(0, (width - _LABEL) // _WIDTH)]
    names = [name for name in _ORDER if name in chosen]
    head = " " * _LABEL + "".join(name.rjust(_WIDTH) for name in names)
    lines: list[list[Part]] = [[(head, "head")]]
    for label, quantiles in _told(figures):
        texts = [_seconds(getattr(quantiles, name), _WIDTH) for name in names]
        lines.append([(cell(label, _LABEL), "dim"), ("".join(texts), "")])
    return lines


def upright(figures: Figures) -> list[list[Part]]:
    """The same as columns, for the side of the chart; `UPRIGHT_WIDTH` cells."""
    told = _told(figures)
    missing = " " * (_COUNT * (2 - len(told)))
    head = " " * _LABEL + "".join(label.rjust(_COUNT) for label, _ in told)
    lines: list[list[Part]] = [[(head + missing, "head")]]
    for name in _ORDER:
        texts = [_seconds(getattr(quantiles, name), _COUNT) for _, quantiles in told]
        lines.append([(cell(name, _LABEL), "dim"), ("".join(texts) + missing, "")])
    counts = [cell(numbers.count(quantiles.count), _COUNT, "right") for _, quantiles in told]
    return [*lines, [(cell("calls", _LABEL), "dim"), ("".join(counts) + missing, "dim")]]


def _seconds(value: float, width: int) -> str:
    return cell(column_numbers.seconds(value, width - 1), width, "right")
