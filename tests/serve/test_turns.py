"""The lock between the mover and those who look: nobody is kept out."""

from __future__ import annotations

import threading

from llmtop.serve.turns import Turns
from tests.waiting import PATIENCE_S, wait_until


def test_who_waits_gets_a_turn_before_the_mover_comes_again() -> None:
    turns = Turns()
    order: list[str] = []

    def look() -> None:
        with turns:
            order.append("look")

    for _ in range(50):
        looker = threading.Thread(target=look)
        with turns:
            looker.start()
            wait_until(turns._next.locked)
            order.append("move")
        with turns:
            order.append("move again")
        looker.join(PATIENCE_S)
    assert order == ["move", "look", "move again"] * 50


def test_only_one_is_in_at_a_time() -> None:
    turns = Turns()
    inside = 0
    most = 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(200):
            with turns:
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30.0)
    assert (inside, most) == (0, 1)
