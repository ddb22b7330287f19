"""Names of the store's files tell their day, and no other file's name does."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.emit.file import file_name
from llmtop.history.days import covered, stored_day, told_day


@given(st.floats(min_value=946_684_800, max_value=4_102_444_799))
def test_a_moment_lies_in_the_day_of_its_file(moment: float) -> None:
    day = stored_day(file_name(moment))
    assert day is not None
    first, last = covered(day)
    assert first <= moment <= last


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("llm_logs_2025-11-24.jsonl", date(2025, 11, 24)),
        ("llm_logs_2025-11-24.jsonl.gz", date(2025, 11, 24)),
        ("llm_logs_2025-13-24.jsonl", None),
        ("llm_logs_2025-11-24.jsonl.bak", None),
        ("my_llm_logs_2025-11-24.jsonl", None),
        ("llm_logs_2025-11-24.json", None),
    ],
)
def test_only_files_of_the_store_are_its_days(name: str, day: date | None) -> None:
    assert stored_day(name) == day


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("app-20251124.log", date(2025, 11, 24)),
        ("app.log.2025-11-24", date(2025, 11, 24)),
        ("rollout-2025-11-24T10-00-00.jsonl", date(2025, 11, 24)),
        ("2025-11-24_to_2025-11-25.jsonl", None),
        ("1764000000123.jsonl", None),
        ("app.jsonl", None),
    ],
)
def test_a_day_is_told_by_other_logs_names_too_if_it_is_one(name: str, day: date | None) -> None:
    assert told_day(name) == day
