"""Cells are text, whatever a spreadsheet would make of them."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from llmtop.history.rows_as_text import cell, write_csv, write_json

VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2)


@given(st.text())
def test_no_text_runs_as_a_formula(text: str) -> None:
    shown = str(cell(text))
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b"))
    plain = text.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
    assert shown.removeprefix("'") == plain.removeprefix("'")


def test_figures_stay_figures() -> None:
    assert [cell(value) for value in (-1, -0.5, None, True)] == [-1, -0.5, "", "true"]


@given(st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES}), max_size=5))
def test_what_is_written_can_be_read(rows: list[dict[str, object]]) -> None:
    out = io.BytesIO()
    assert write_json(rows, out, ("a", "b")) == len(rows)
    assert len(json.loads(out.getvalue())) == len(rows)
    out = io.BytesIO()
    assert write_csv(rows, out, ("a", "b")) == len(rows)
    read = list(csv.reader(io.StringIO(out.getvalue().decode(), newline="")))
    assert len(read) == len(rows) + 1
    assert all(len(line) == 2 for line in read)


def test_a_carriage_return_in_a_cell_ends_no_row() -> None:
    out = io.BytesIO()
    write_csv([{"a": None, "b": "x\ry"}], out, ("a", "b"))
    assert list(csv.reader(io.StringIO(out.getvalue().decode(), newline="")))[1:] == [["", "x\ny"]]
