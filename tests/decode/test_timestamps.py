"""Times as logs write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.timestamps import iso, parse_time, utc_time

MOMENT = 1767323045.25


@pytest.mark.parametrize(
    "told",
    [
        "2026-01-02T03:04:05.250Z",
        "2026-01-02T03:04:05.250000Z",
        "2026-01-02T03:04:05.25+00:00",
        "2026-01-02T04:04:05.250+01:00",
        "2026-01-02 03:04:05,250 UTC",
        "2026-01-02T03:04:05.250000000Z",
        "2026/01/02 03:04:05.25Z",
        "2026-01-01T22:04:05.250000-05:00",
        MOMENT,
        "1767323045.25",
        1767323045250,
        1767323045250000,
        1767323045250000000,
        "1767323045250",
        '"2026-01-02T03:04:05.250Z"',
        " 2026-01-02T03:04:05.250Z ",
        "2026-01-02 03:04:05.25 +0000 UTC",
        "2026-01-02 04:04:05.250000000 +0100 CET",
    ],
    ids=repr,
)
def test_one_moment_in_many_spellings(told: object) -> None:
    assert parse_time(told) == pytest.approx(MOMENT, abs=1e-4)
    assert parse_time(told) == pytest.approx(MOMENT, abs=1e-4), "also when it was seen before"


def test_a_time_without_a_zone_is_local() -> None:
    local = datetime(2026, 7, 2, 3, 4, 5).timestamp()  # noqa: DTZ001 - local time is what is checked
    for told in ("2026-07-02T03:04:05", "2026-07-02 03:04:05.000", "2026-07-02 03:04:05,000000"):
        assert parse_time(told) == pytest.approx(local)


@pytest.mark.parametrize(
    "told",
    ["2026-01-02T03:04:05.250", "2026-01-02 03:04:05.250000", "2026-01-02 03:04:05.25 ",
     "2026-1-2 03:04:05.25", "2026-01-02T04:04:05.250+01:00", "2026-1-2 04:04:05.25 +01:00",
     "2026/01/02 03:04:05.25Z", 1767323045250, MOMENT],
    ids=repr,
)  # fmt: skip
def test_a_database_without_a_zone_means_utc(told: object) -> None:
    assert utc_time(told) == pytest.approx(MOMENT, abs=1e-4)


@pytest.mark.parametrize("told", ["", "2026-13-01", "2026-01-02T03:04:99", None, True, [], -5])
def test_what_is_no_time_is_none_in_utc_either(told: object) -> None:
    assert utc_time(told) is None


def test_a_zone_is_not_taken_from_another_time_of_that_minute() -> None:
    assert parse_time("2026-01-02T03:04:05.000000+00:00") == pytest.approx(1767323045)
    assert parse_time("2026-01-02T03:04:05.000000+02:00") == pytest.approx(1767323045 - 7200)
    assert parse_time("2026-01-02T03:04:05.000000Z") == pytest.approx(1767323045)


@pytest.mark.parametrize(
    "told",
    ["", "soon", "2026-13-01T00:00:00Z", "2026-01-02T25:00:00Z", "2026-01-02T03:04:99Z", None,
     True, [], {}, float("nan"), float("inf"), -5, 0, "1e999", "2026-01-02T03:04:abcZ"],
    ids=repr,
)  # fmt: skip
def test_what_is_no_time_is_none(told: object) -> None:
    parse_time("2026-01-02T03:04:05Z")
    assert parse_time(told) is None


zones = st.sampled_from(
    [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))]
)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1), timezones=zones))  # noqa: DTZ001 - hypothesis takes naive bounds
def test_times_written_by_python_are_read_back(moment: datetime) -> None:
    for text in (moment.isoformat(), moment.isoformat(sep=" "), iso(moment.timestamp())):
        assert parse_time(text) == pytest.approx(moment.timestamp(), abs=1e-5)
    in_utc = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert parse_time(in_utc) == pytest.approx(moment.timestamp(), abs=2e-3)


@given(st.text(max_size=40) | st.integers() | st.floats())
def test_nothing_raises(told: object) -> None:
    found = parse_time(told)
    assert found is None or 0 < found < 253402300800


@pytest.mark.parametrize(
    "told",
    [
        "Fri, 02 Jan 2026 03:04:05 GMT",
        "02 Jan 2026 04:04:05 +0100",
        "02/Jan/2026:03:04:05 +0000",
        "2-jan-2026 03:04:05 UTC",
    ],
)
def test_moments_with_english_months(told: str) -> None:
    assert parse_time(told) == 1767323045.0


@pytest.mark.parametrize("told", ["Fri, 02 Foo 2026 03:04:05 GMT", "42 Jan 2026 03:04:05", "Jan 2"])
def test_what_is_no_month_or_no_day_is_no_time(told: str) -> None:
    assert parse_time(told) is None
