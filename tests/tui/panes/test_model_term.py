from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmtop.filter import parse
from llmtop.span import Span
from llmtop.tui.panes.model_term import model_term
from tests.live.fragments import live, request

NAMES = st.one_of(
    st.text(min_size=1, max_size=20),
    st.text(alphabet='abAB-."(),|*?[]= \t\n:/\\\u65e5', min_size=1, max_size=12),
    st.sampled_from(["gpt-4o", "or", "not", "-x", "a,b", "meta/llama 3 (70B)", 'say "hi"', "=x"]),
)


def call(model: str | None, provider: str | None = None) -> Span:
    (found,) = list(live(request("r", model=model, provider=provider)).index)
    return found


def test_a_model_is_not_mistaken_for_one_whose_name_is_longer() -> None:
    matches = parse(model_term("gpt-4o")).matches
    assert matches(call("gpt-4o"))
    assert not matches(call("gpt-4o-mini"))


def test_an_unknown_model_is_what_no_name_was_told_of() -> None:
    matches = parse(model_term(None)).matches
    assert matches(call(None))
    assert not matches(call("gpt-4o"))


def test_one_provider_of_several_is_told_apart() -> None:
    matches = parse(model_term("gpt-4o", "azure")).matches
    assert matches(call("gpt-4o", "azure"))
    assert not matches(call("gpt-4o", "openai"))
    assert not matches(call("gpt-4o-mini", "azure"))
    assert parse(model_term("gpt-4o", "")).matches(call("gpt-4o"))


@given(NAMES)
def test_any_name_can_be_filtered_for(name: str) -> None:
    assert parse(model_term(name)).matches(call(name))


@given(NAMES)
def test_the_term_still_holds_after_the_filter_was_tidied(name: str) -> None:
    tidied = parse(model_term(name)).text
    assert parse(tidied).matches(call(name))


@given(NAMES, NAMES)
def test_a_name_without_quotation_marks_is_the_only_one_that_passes(name: str, other: str) -> None:
    told = model_term(name)
    if "?" not in told and name.lower() != other.lower():
        assert not parse(told).matches(call(other))
