"""Lines of one kind: whole where they are in good order, field by field where they are not."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from llmtop.decode.typed_lines import TypedLines


class Line(Struct):
    """What a line tells."""

    name: str | None = None
    tokens: int | None = None


LINES = TypedLines(Line)


def test_lines_in_good_order_are_read_one_by_one_and_at_once() -> None:
    assert LINES.line(b'{"name": "a", "tokens": 3}') == Line("a", 3)
    assert LINES.lines(b'{"name": "a"}\n\n{"tokens": 3}\n') == [Line("a"), Line(None, 3)]


@pytest.mark.parametrize(
    "odd", [b'{"tokens": "many"}', b'{"name":', b"\xff", b"7", b'{"name": ' + b"[" * 5000], ids=repr
)
def test_one_odd_line_is_none_and_makes_all_lines_none(odd: bytes) -> None:
    assert LINES.line(odd) is None
    assert LINES.lines(b'{"name": "a"}\n' + odd + b"\n") is None


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({"name": "a", "tokens": 3, "other": []}, Line("a", 3)),
        ({"name": "a", "tokens": "many"}, Line("a")),
        ({"name": "a", "tokens": 3, "other": object()}, Line("a", 3)),
        ({"name": "a", "other": "\ud800"}, Line("a")),
    ],
    ids=["in good order", "a wrong kind", "no JSON", "a lone surrogate"],
)
def test_an_object_tells_what_fits(told: dict[str, Any], line: Line) -> None:
    assert LINES.fitted(told) == line
