from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.filter import parse
from llmtop.live import groups
from llmtop.live.groups import OTHERS
from llmtop.live.view import Group, GroupFigures, Query
from tests.live.fragments import NOON, live, request, response


def sums(found: list[GroupFigures] | tuple[GroupFigures, ...]) -> dict[str | None, int]:
    return {each.name: each.figures.calls for each in found}


def test_calls_are_summed_up_by_session_the_dearest_first() -> None:
    state = live(
        request("a", NOON, session_id="s1"),
        response("a", NOON + 1, input_tokens=100),
        request("b", NOON, session_id="s2"),
        response("b", NOON + 1, input_tokens=5_000, error_type="Timeout"),
        request("c", NOON, session_id="s1"),
        request("d", NOON),
        response("d", NOON + 1, input_tokens=7),
    )
    view = state.view(Query(window="all", group="session"), NOON + 5)
    assert [(each.name, each.figures.calls) for each in view.groups] == [
        ("s2", 1),
        ("s1", 2),
        (None, 1),
    ]
    first, second, _ = view.groups
    assert (first.figures.errors, second.figures.in_flight) == (1, 1)
    assert second.figures.cost == pytest.approx(1e-4)
    assert view.models[0].figures.calls == 4


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("model", {}),
        ("provider", {"openai": 1, None: 1}),
        ("operation", {"chat": 2}),
        ("user", {"ada": 1, "bob": 1}),
        ("agent", {"planner": 1, None: 1}),
        ("name", {"ask": 1, None: 1}),
    ],
)
def test_each_group_is_told_by_its_own_field(group: Group, expected: dict[str, int]) -> None:
    state = live(
        request("a", NOON, user_id="ada", agent="planner", provider="openai"),
        response("a", NOON + 1),
        request("b", NOON, user_id="bob", name="ask"),
        response("b", NOON + 1),
    )
    assert sums(state.view(Query(window="all", group=group), NOON + 5).groups) == expected


def test_a_call_that_learns_its_session_moves_there() -> None:
    state = live(request("a", NOON), request("b", NOON, session_id="s1"))
    query = Query(window="all", group="session")
    assert sums(state.view(query, NOON + 1).groups) == {None: 1, "s1": 1}
    state.apply([response("a", NOON + 2, session_id="s1")], NOON + 2)
    assert sums(state.view(query, NOON + 2).groups) == {"s1": 2}


def test_windows_and_filters_hold_for_groups_too() -> None:
    state = live(
        request("old", NOON - 600, session_id="s1"),
        response("old", NOON - 599),
        request("a", NOON, session_id="s1", model="gpt-4o"),
        response("a", NOON + 1),
        request("b", NOON, session_id="s2", model="o3"),
        response("b", NOON + 1),
    )
    now = NOON + 5
    assert sums(state.view(Query("5m", group="session"), now).groups) == {"s1": 1, "s2": 1}
    assert sums(state.view(Query("all", group="session"), now).groups) == {"s1": 2, "s2": 1}
    only = Query("all", parse("model:o3"), "session")
    assert sums(state.view(only, now).groups) == {"s2": 1}
    assert state.view(Query("all"), now).groups == ()


def test_too_many_groups_are_summed_up_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "MOST_GROUPS", 3)
    told = [request(f"r{number}", NOON, session_id=f"s{number}") for number in range(10)]
    state = live(*told, *(response(f"r{number}", NOON + 1) for number in range(10)))
    found = sums(state.view(Query("all", group="session"), NOON + 5).groups)
    assert found == {"s0": 1, "s1": 1, "s2": 1, OTHERS: 7}


def test_sums_of_calls_that_were_let_go_before_are_said_to_be_partial() -> None:
    told = [request(f"r{number}", NOON + number, session_id="s") for number in range(60)]
    state = live(*told, max_calls=20)
    assert state.view(Query("all"), NOON + 100).groups_partial is False
    assert state.view(Query("all", group="session"), NOON + 100).groups_partial is True


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["s1", "s2", None]), st.booleans())),
    st.lists(st.sampled_from([None, "model:gpt", "session:s1"]), max_size=3),
)
def test_groups_kept_up_are_those_summed_up_at_once(
    steps: list[tuple[int, str | None, bool]], filters: list[str | None]
) -> None:
    state = live()
    for moment, (number, session, ends) in enumerate(steps):
        told = response if ends else request
        state.apply([told(f"r{number}", NOON + moment, session_id=session)], NOON + moment)
        if moment % 3 == 0:
            state.view(Query("all", group="session"), NOON + moment)
        for text in filters:
            matches = None if text is None else parse(text)
            state.view(Query("all", matches, "session"), NOON + moment)
    found = sums(state.view(Query("all", group="session"), NOON + 100).groups)
    assert found == dict(Counter(span.session_id for span in state.calls()))
