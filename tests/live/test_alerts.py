"""Alerts: they fire after a while, once, say for what, and clear without flapping."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.filter import parse
from llmtop.live.alert_text import parse_budget, parse_rule
from llmtop.live.alerts import CLEARS_AFTER_S, Alerts, Change, period_start
from llmtop.live.groups import OTHERS
from llmtop.live.live import Live
from llmtop.live.rolling import MOST_GROUPS, Rolling
from llmtop.live.view import Honest
from llmtop.span import Fragment
from tests.live.fragments import NOON, request, response
from tests.rates import PerMillion


class Watched:
    """Rules on calls, and a clock that is moved by hand."""

    def __init__(self, *rules: str, whole: bool = False, follow: bool = True) -> None:
        self.live = Live(PerMillion(), follow=follow, lost_after=60.0)
        self.alerts = Alerts([parse_rule(rule) for rule in rules], self.live, whole=whole)
        self.now = NOON
        self.honest = Honest()
        self._number = 0

    def call(self, seconds: float = 1.0, *, at: float | None = None, **told: object) -> None:
        """A call that ends now."""
        self._number += 1
        end = self.now if at is None else at
        opening = {key: told.pop(key) for key in ("model", "user_id", "session_id") if key in told}
        self.apply(
            request(f"r{self._number}", end - seconds, **opening),
            response(f"r{self._number}", end, **told),
        )

    def apply(self, *fragments: Fragment) -> None:
        self.live.apply(fragments, self.now)

    def look(self, after: float = 0.0) -> list[Change]:
        self.now += after
        self.live.tick(self.now)
        return self.alerts.evaluate(self.now, self.honest)

    def firing(self) -> list[tuple[str, str | None]]:
        return [(alert.rule.name, alert.group) for alert in self.alerts.firing()]


def test_an_alert_fires_once_while_its_figure_is_beyond_the_limit() -> None:
    watched = Watched("error_rate > 40%")
    watched.call()
    assert watched.look() == []
    watched.call(error_type="Timeout")
    (change,) = watched.look(1.0)
    assert change.fires
    assert change.value == pytest.approx(0.5)
    assert change.at == watched.now
    assert [watched.look(1.0) for _ in range(10)] == [[]] * 10
    assert watched.firing() == [("error_rate > 40%", None)]
    assert watched.alerts.fired == 1


def test_an_alert_with_for_waits_and_begins_anew_when_the_figure_was_good_meanwhile() -> None:
    watched = Watched("in_flight > 1 for 30s")
    watched.apply(request("a", watched.now), request("b", watched.now))
    assert watched.look() == []
    assert watched.look(20.0) == []
    assert [alert.state for alert in watched.alerts.alerts()] == ["pending"]
    watched.apply(response("a", watched.now))
    assert watched.look(5.0) == []
    assert [alert.state for alert in watched.alerts.alerts()] == ["ok"]
    watched.apply(request("c", watched.now))
    assert watched.look() == []
    assert watched.look(29.0) == []
    (change,) = watched.look(1.0)
    assert change.fires


def test_a_figure_around_its_limit_fires_once_and_does_not_flap() -> None:
    watched = Watched("in_flight > 10")
    for number in range(10):
        watched.apply(request(f"always{number}", watched.now))
    changes = []
    for number in range(30):
        watched.apply(request(f"now-and-then{number}", watched.now))
        changes += watched.look(1.0)
        watched.apply(response(f"now-and-then{number}", watched.now))
        changes += watched.look(1.0)
    assert [change.fires for change in changes] == [True]


def test_an_alert_clears_when_its_figure_has_been_clearly_good_for_a_while() -> None:
    watched = Watched("in_flight > 10")
    for number in range(11):
        watched.apply(request(f"r{number}", watched.now))
    (fired,) = watched.look()
    for number in range(3):
        watched.apply(response(f"r{number}", watched.now))
    assert watched.look(1.0) == []
    assert watched.look(CLEARS_AFTER_S - 1.0) == []
    (cleared,) = watched.look(2.0)
    assert not cleared.fires
    assert cleared.since == fired.at
    assert watched.firing() == []


def test_an_alert_clears_once_there_are_no_calls_any_more() -> None:
    watched = Watched("p95 > 2s over 1m")
    watched.call(5.0)
    assert [change.fires for change in watched.look()] == [True]
    assert watched.look(70.0) == []
    assert [change.fires for change in watched.look(CLEARS_AFTER_S)] == [False]
    assert watched.alerts.alerts()[0].value is None


def test_a_limit_from_below_fires_only_after_there_was_time_for_more() -> None:
    watched = Watched("calls < 1 over 1m")
    assert watched.look() == []
    assert watched.look(50.0) == []
    assert [change.fires for change in watched.look(11.0)] == [True]


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("p50 > 1s", 2.0),
        ("p99 > 1s", 2.0),
        ("max > 1s", 2.0),
        ("ttft_p95 > 100ms", 0.5),
        ("cost > $4", 5.0),
        ("tokens > 10", 2_000_000),
        ("input_tokens > 10", 1_000_000),
        ("output_tokens > 10", 1_000_000),
        ("errors > 0", 1),
        ("calls > 0", 1),
        ("calls_per_minute > 0.1 over 2m", 0.5),
        ("error_rate > 99%", 1.0),
    ],
)
def test_every_figure_is_that_of_the_calls(rule: str, value: float) -> None:
    watched = Watched(rule)
    watched.call(2.0, error_type="X", ttft=0.5, input_tokens=1_000_000, output_tokens=1_000_000)
    (change,) = watched.look()
    assert change.value == pytest.approx(value, rel=0.01)


def test_a_call_without_a_price_is_not_taken_as_free() -> None:
    watched = Watched("cost < $1", "unpriced > 0")
    watched.call(model="mystery", input_tokens=10, output_tokens=10)
    assert [change.rule.figure for change in watched.look()] == ["unpriced"]
    assert {alert.rule.figure: alert.value for alert in watched.alerts.alerts()} == {
        "unpriced": 1.0,
        "cost": None,
    }


def test_calls_given_up_as_lost_fire_when_they_are_given_up() -> None:
    watched = Watched("lost > 0 over 10s")
    watched.apply(request("a", watched.now))
    assert watched.look(59.0) == []
    (change,) = watched.look(2.0)
    assert (change.fires, change.value) == (True, 1.0)


def test_what_the_sources_lost_counts_over_the_stretch_and_not_for_ever() -> None:
    watched = Watched("datagrams_lost > 5 over 1m", "rejected > 0 over 1m")
    assert watched.look() == []
    watched.honest = Honest(datagrams_lost=7, rejected=1)
    assert [change.value for change in watched.look(1.0)] == [7.0, 1.0]
    watched.look(100.0)
    assert [change.fires for change in watched.look(CLEARS_AFTER_S)] == [False, False]


def test_each_model_has_an_alert_of_its_own() -> None:
    watched = Watched("errors > 0 per model")
    watched.call(model="fine")
    watched.call(model="bad", error_type="X")
    watched.call(model="worse", error_type="X")
    watched.look()
    assert sorted(watched.firing()) == [
        ("errors > 0 per model", "bad"),
        ("errors > 0 per model", "worse"),
    ]


def test_calls_of_nobody_are_no_users() -> None:
    watched = Watched("calls > 0 per user")
    watched.call()
    watched.call(user_id="ada")
    watched.look()
    assert [group for _, group in watched.firing()] == ["ada"]


def test_a_filter_narrows_a_rule() -> None:
    watched = Watched("p95 > 2s where model:slow")
    watched.call(9.0, model="quick")
    assert watched.look() == []
    watched.call(9.0, model="slow")
    assert len(watched.look()) == 1


def test_an_answer_that_comes_in_parts_is_counted_once() -> None:
    watched = Watched("input_tokens > 15")
    watched.apply(request("a", watched.now, input_tokens=10))
    watched.look()
    for _ in range(3):
        watched.apply(response("a", watched.now, input_tokens=10))
        watched.look(1.0)
    assert watched.firing() == []


def test_a_rule_needs_as_many_calls_as_it_says() -> None:
    watched = Watched("error_rate > 5% min 3")
    watched.call(error_type="X")
    watched.call()
    assert watched.look() == []
    watched.call()
    assert len(watched.look()) == 1


def test_old_calls_that_are_read_now_do_not_count_as_now() -> None:
    watched = Watched("errors > 0 over 5m")
    watched.call(at=NOON - 3600.0, error_type="X")
    assert watched.look() == []


def test_a_log_that_is_not_followed_is_judged_at_its_end() -> None:
    watched = Watched("errors > 0 over 5m", follow=False)
    watched.call(at=NOON - 86400.0, error_type="X")
    assert len(watched.look()) == 1


def test_the_whole_log_counts_where_a_rule_does_not_say_otherwise() -> None:
    watched = Watched("errors > 1", "errors > 1 over 5m", whole=True, follow=False)
    watched.call(at=NOON - 86400.0, error_type="X")
    watched.call(at=NOON, error_type="X")
    assert [change.rule.over for change in watched.look()] == [None]


def test_a_budget_per_day_counts_since_midnight() -> None:
    midnight = period_start(NOON, "day")
    watched = Watched()
    watched.alerts = Alerts([parse_budget("$7 per day")], watched.live)
    watched.now = midnight + 1800.0
    watched.call(at=midnight - 60.0, input_tokens=5_000_000)
    watched.call(at=midnight + 60.0, input_tokens=5_000_000)
    assert watched.look() == []
    watched.call(input_tokens=3_000_000)
    (change,) = watched.look(60.0)
    assert change.value == pytest.approx(8.0)
    watched.look(86400.0)
    assert [each.fires for each in watched.look(CLEARS_AFTER_S)] == [False]


def local(year: int, month: int, day: int, hour: int = 0) -> float:
    return time.mktime((year, month, day, hour, 0, 0, 0, 0, -1))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York"])
def test_periods_begin_where_the_user_lives(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        moment = local(2026, 3, 12, 15)
        assert period_start(moment, "day") == local(2026, 3, 12)
        assert period_start(moment, "week") == local(2026, 3, 9)
        assert period_start(moment, "month") == local(2026, 3, 1)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_endless_new_users_do_not_fill_the_memory() -> None:
    rolling = Rolling(60.0, per="user", matches=parse(""))
    live = Live(PerMillion())
    live.watch(rolling)
    for number in range(MOST_GROUPS + 50):
        live.apply([request(f"r{number}", user_id=f"u{number}"), response(f"r{number}")], NOON)
    live.settle()
    rolling.look_at(NOON + 10.0)
    assert len(rolling.sums) == MOST_GROUPS + 1
    assert rolling.sums[OTHERS].calls == 50


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.integers(1, 20), st.booleans()), min_size=1, max_size=40
    )
)
def test_rolling_sums_are_those_of_the_calls_in_the_stretch(
    told: list[tuple[int, int, bool]],
) -> None:
    live = Live(PerMillion())
    rolling = Rolling(60.0)
    live.watch(rolling)
    ends = []
    for number, (second, latency, failed) in enumerate(sorted(told)):
        end = NOON + second
        kind = "X" if failed else None
        live.apply(
            [request(f"r{number}", end - latency), response(f"r{number}", end, error_type=kind)],
            end,
        )
        ends.append((second, failed))
        live.settle()
        rolling.look_at(end)
        within = [each for at, each in ends if second - 60 < at <= second]
        sums = rolling.sums[""]
        assert (sums.calls, sums.errors) == (len(within), sum(within))


@given(st.lists(st.integers(0, 15), max_size=200))
def test_however_a_figure_moves_an_alert_fires_and_clears_in_turn(counts: list[int]) -> None:
    watched = Watched("in_flight > 7 for 3s")
    running: list[str] = []
    changes: list[Change] = []
    for step, wanted in enumerate(counts):
        while len(running) > wanted:
            watched.apply(response(running.pop(), watched.now))
        while len(running) < wanted:
            running.append(f"{step}-{len(running)}")
            watched.apply(request(running[-1], watched.now))
        changes += watched.look(1.0)
    assert [change.fires for change in changes] == [n % 2 == 0 for n in range(len(changes))]
    for one, other in pairwise(changes):
        assert other.fires or other.at - one.at >= CLEARS_AFTER_S
