"""Drawing keeps to its rate, and slows down where it costs too much."""

from __future__ import annotations

from llmtop.tui.pace import CORE_SHARE, SLOWEST_S, Pace


def test_the_first_drawing_waits_for_nothing_and_the_next_for_its_turn() -> None:
    pace = Pace(10.0)
    assert pace.wait(100.0) == 0.0
    pace.drawn(100.0)
    assert abs(pace.wait(100.03) - 0.07) < 1e-9
    assert pace.wait(100.2) == 0.0


def test_costly_drawings_come_less_often_but_never_less_than_once_a_second() -> None:
    pace = Pace(10.0)
    for _ in range(50):
        pace.cost(0.04)
    pace.drawn(0.0)
    assert abs(pace.wait(0.0) - 0.04 / CORE_SHARE) < 0.01
    for _ in range(50):
        pace.cost(5.0)
    assert pace.wait(0.0) == SLOWEST_S


def test_it_quickens_again_when_drawing_gets_cheap() -> None:
    pace = Pace(10.0)
    pace.cost(1.0)
    for _ in range(50):
        pace.cost(0.001)
    pace.drawn(0.0)
    assert abs(pace.wait(0.0) - 0.1) < 0.01
