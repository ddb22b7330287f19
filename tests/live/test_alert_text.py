"""The text of a rule: what it means, and what is said when it means nothing."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.filter import parse
from llmtop.live.alert_text import RuleError, parse_budget, parse_rule, with_clauses


@pytest.mark.parametrize(
    ("text", "figure", "sign", "limit"),
    [
        ("error_rate > 5%", "error_rate", ">", 0.05),
        ("error_rate>=0.05", "error_rate", ">=", 0.05),
        ("p95>10s", "p95", ">", 10.0),
        ("p99 > 500ms", "p99", ">", 0.5),
        ("ttft_p95 > 2s", "ttft_p95", ">", 2.0),
        ("max > 1.5m", "max", ">", 90.0),
        ("in_flight > 50", "in_flight", ">", 50.0),
        ("lost > 0", "lost", ">", 0.0),
        ("tokens > 10k", "tokens", ">", 10_000.0),
        ("cost > $5", "cost", ">", 5.0),
        ("cost > 50c", "cost", ">", 0.5),
        ("calls < 1", "calls", "<", 1.0),
        ("latency > 3", "p95", ">", 3.0),
    ],
)
def test_a_rule_names_a_figure_and_its_limit(
    text: str, figure: str, sign: str, limit: float
) -> None:
    rule = parse_rule(text)
    assert (rule.figure, rule.sign, rule.limit) == (figure, sign, pytest.approx(limit))
    assert rule.over is None
    assert rule.name == text


@pytest.mark.parametrize(
    ("text", "over", "period"),
    [
        ("cost > $5 per 1h", 3600.0, None),
        ("cost > 5/h", 3600.0, None),
        ("cost > 5 over 10 min", 600.0, None),
        ("cost > 5 per day", None, "day"),
        ("cost > 5 over 1d", 86400.0, None),
        ("cost > 5 per month", None, "month"),
    ],
)
def test_a_rule_looks_back_over_a_stretch_or_since_a_period_began(
    text: str, over: float | None, period: str | None
) -> None:
    rule = parse_rule(text)
    assert (rule.over, rule.period) == (over, period)


def test_every_clause_may_stand_in_any_order_and_the_filter_takes_the_rest() -> None:
    rule = parse_rule("p95 > 10s for 1m over 10m per model min 20 where model:gpt-4o or per user")
    assert (rule.hold, rule.over, rule.per, rule.at_least) == (60.0, 600.0, "model", 20)
    assert rule.filter == parse("model:gpt-4o or per user")
    assert parse_rule("p95 > 10s per model over 10m for 1m").over == 600.0


def test_clauses_told_apart_are_added_to_a_rule() -> None:
    rule = with_clauses(parse_rule("errors > 3"), {"over": "1h", "for": "", "where": "user:ada"})
    assert (rule.over, rule.hold, rule.filter) == (3600.0, 0.0, parse("user:ada"))


@pytest.mark.parametrize(
    ("text", "limit", "over", "period"),
    [
        ("$20 per day", 20.0, None, "day"),
        ("5/h", 5.0, 3600.0, None),
        ("5 / hour", 5.0, 3600.0, None),
        ("$100 a month", 100.0, None, "month"),
        ("1.50 usd/week", 1.5, None, "week"),
        ("20/2d", 20.0, 172_800.0, None),
    ],
)
def test_a_budget_is_a_limit_to_the_cost(
    text: str, limit: float, over: float | None, period: str | None
) -> None:
    rule = parse_budget(text)
    assert (rule.figure, rule.limit, rule.over, rule.period) == ("cost", limit, over, period)


def test_a_budget_may_be_for_each_user() -> None:
    assert parse_budget("$2 per day per user").per == "user"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("p95", "is not a rule"),
        ("eror_rate > 3%", "did you mean error_rate"),
        ("p95 > $3", "written as in `10s`"),
        ("error_rate > 5", "written as in `5%`"),
        ("errors > 5s", "written as in `50`"),
        ("p95 > 3s per planet", "not per planet"),
        ("p95 > 3s over soon", "not a length of time"),
        ("p95 > 3s over 90d", "at most 31d"),
        ("p95 > 3s where latency:>x", "the filter"),
        ("p95 > 3s min x", "written as in"),
        ("p95 > 3s for", "something must follow `for`"),
        ("rejected > 0 where user:a", "no filter and no group applies"),
        ("rejected > 0 per model", "no filter and no group applies"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        parse_rule(text)


@pytest.mark.parametrize("text", ["", "5", "$5 per fortnight", "much per day", "per day"])
def test_what_is_no_budget_is_said(text: str) -> None:
    with pytest.raises(RuleError):
        parse_budget(text)


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_a_sentence(text: str) -> None:
    for read in (parse_rule, parse_budget):
        with suppress(RuleError):
            assert read(text).limit >= 0.0


@pytest.mark.parametrize(
    ("text", "group", "behind"),
    [
        ("error_rate > 5%", None, "status:error"),
        ("p95 > 1.5s where user:ada", None, "user:ada latency:>1500ms"),
        ("p95 > 2s where a or b", None, "(a or b) latency:>2000ms"),
        ("in_flight > 5 per model", "gpt-4o", "model:=gpt-4o status:running"),
        ("cost > 5 per user", "Ada L.", 'user:"=Ada L."'),
        ("calls < 1", None, ""),
    ],
)
def test_the_calls_behind_an_alert_are_a_filter(text: str, group: str | None, behind: str) -> None:
    rule = parse_rule(text)
    assert rule.calls_behind(group) == behind
    assert parse(rule.calls_behind(group))
