"""Times, filters and cursors of requests: read, or refused with a sentence."""

from __future__ import annotations

import time
from contextlib import suppress
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from llmtop.serve import cursor
from llmtop.serve.cursor import Cursor
from llmtop.serve.parameters import moment, window


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("2h", 7200), ("2h ago", 7200), ("-2h", 7200), ("now-2h", 7200), ("now - 90s", 90),
        ("1.5d", 129_600), ("30 m", 1800), ("now", 0), (" 5m ", 300), ("1week", None),
    ],
)  # fmt: skip
def test_relative_times_are_ago(text: str, ago: float | None) -> None:
    if ago is None:
        with pytest.raises(HTTPException, match="not a length of time"):
            moment(text, "start_time")
        return
    found = moment(text, "start_time")
    assert found == pytest.approx(time.time() - ago, abs=30.0)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01T12:00:00Z", "2026-05-01T12:00:00+00:00", "2026-05-01T12:00:00.000 00:00",
        "2026-05-01T14:00:00+02:00", "2026-05-01T14:00:00 02:00", "1777636800", "1777636800000",
    ],
)  # fmt: skip
def test_moments_are_iso_8601_or_numbers(text: str) -> None:
    assert moment(text, "start_time") == 1_777_636_800.0


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    with suppress(HTTPException):
        found = moment(text, "start_time")
        assert found is not None
        assert isfinite(found)


@pytest.mark.parametrize(
    ("text", "seconds"), [("5m", 300.0), ("all", None), ("90", 90.0), ("2d", 172_800.0)]
)
def test_a_window_is_a_name_or_a_length(text: str, seconds: float | None) -> None:
    assert window(text) == (text, seconds)


@given(st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=50))
def test_a_cursor_is_read_as_it_was_written(at: float, name: str) -> None:
    assert cursor.read(Cursor(at, name).written()) == Cursor(at, name)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    with suppress(HTTPException):
        found = cursor.read(text)
        assert found is not None
        assert isfinite(found.moment)
