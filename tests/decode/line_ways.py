"""Lines of a transcript read in several ways, which must all tell the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from llmtop.decode.format import Format
from tests.decode.reading import read

Line = TypeVar("Line")


def check_typed_and_fitted(
    kind: type[Format],
    line_of: Callable[[bytes], Line | None],
    is_of_kind: Callable[[Line], bool],
    lines: Sequence[dict[str, Any]],
    *,
    misfit: str,
) -> None:
    """Decoding lines at once gives what their fields give; `misfit` is a field of texts.

    A number there is left out, and keeps a line from being decoded at once.
    """
    quick, full = kind(), kind()
    for place, document in enumerate(lines):
        fitted = full.read({**document, misfit: 5}, place)
        line = line_of(json.dumps(document).encode())
        if line is None:
            assert quick.read(document, place) == fitted
            continue
        assert is_of_kind(line) is kind.recognises(document)
        if is_of_kind(line):
            assert quick.read_line(json.dumps(document).encode(), place) == fitted
        else:
            quick.read(document, place)


def check_at_once_and_one_by_one(lines: Sequence[dict[str, Any]]) -> None:
    """A chunk of lines tells what chunks of one line tell."""
    at_once = read(*lines)
    one_by_one = read()
    for document in lines:
        one_by_one.lines(document)
    assert at_once.figures.calls == one_by_one.figures.calls
    assert at_once.figures.input_tokens == one_by_one.figures.input_tokens
    assert at_once.figures.output_tokens == one_by_one.figures.output_tokens
