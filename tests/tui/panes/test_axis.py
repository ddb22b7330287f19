from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmtop.tui.panes.axis import labels, log_ticks, nice_ceiling, time_ticks


def told(length: float, width: int) -> list[str]:
    return [tick.label for tick in time_ticks(length, width)]


def test_ticks_are_round_and_in_one_unit() -> None:
    assert told(0.844, 40) == ["0", "200ms", "400ms", "600ms", "800ms"]
    assert told(3.6, 40) == ["0", "1s", "2s", "3s"]
    assert told(28.0, 60) == ["0", "5s", "10s", "15s", "20s", "25s"]
    assert told(1700.0, 40) == ["0", "10m", "20m"]
    assert told(7200.0 * 3, 40) == ["0", "2h", "4h", "6h"]
    assert told(86400.0 * 900, 40) == ["0", "500d"]


def test_a_tick_stands_where_its_moment_is() -> None:
    assert [(tick.at, tick.label) for tick in time_ticks(2.0, 40)] == [
        (0.0, "0"),
        (10.0, "0.5s"),
        (20.0, "1s"),
        (30.0, "1.5s"),
        (40.0, "2s"),
    ]


def test_a_logarithmic_axis_has_a_tick_for_each_power_of_ten() -> None:
    assert [tick.label for tick in log_ticks(0.05, 120.0, 40)] == ["100ms", "1s", "10s", "100s"]


def test_a_wide_logarithmic_axis_has_ticks_in_between() -> None:
    shown = [tick.label for tick in log_ticks(0.1, 10.0, 60)]
    assert shown == ["100ms", "200ms", "500ms", "1s", "2s", "5s", "10s"]


def test_labels_stand_apart() -> None:
    line = labels(log_ticks(0.001, 1000.0, 12), 12, centred=True)
    assert len(line) == 12
    assert all(label.endswith("s") for label in line.split())


def test_the_next_round_number() -> None:
    assert nice_ceiling(0.3) == 0.5
    assert nice_ceiling(1.0) == 1.0
    assert nice_ceiling(7.0) == 10.0


@given(st.floats(1e-6, 1e7), st.integers(1, 250))
def test_time_ticks_are_on_the_axis_and_not_too_many(length: float, width: int) -> None:
    ticks = time_ticks(length, width)
    assert all(0 <= tick.at <= width + 1e-6 for tick in ticks)
    assert len(ticks) <= width / 9 + 2
    assert len(labels(ticks, width)) == width
