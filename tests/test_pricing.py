"""What calls cost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from genai_prices import Usage, calc_price

from llmtop.live.series import SeriesTable
from llmtop.pricing import FREE, Override, Prices, in_batch
from llmtop.span import Flag, Fragment, Series

TABLE = SeriesTable()


def series(model: str, provider: str | None = None, **told: object) -> Series:
    return TABLE.of(Fragment(model=model, provider=provider, operation="chat", **told))


@pytest.fixture(scope="module")
def prices() -> Prices:
    found = Prices()
    found.load()
    return found


@pytest.mark.parametrize(
    ("model", "provider", "usage"),
    [
        ("gpt-4o", "openai", (1000, 200, 800, 0)),
        ("gpt-4o-mini-2024-07-18", None, (1000, 200, 0, 0)),
        ("claude-3-5-sonnet-20241022", "anthropic", (1000, 200, 800, 100)),
        ("gemini-2.5-pro", "google", (100_000, 1000, 0, 0)),
        ("gemini-2.5-pro", "google", (300_000, 1000, 1000, 0)),
        ("gemini-2.5-pro", "google", (200_000, 1000, 0, 0)),
        ("gemini-2.5-pro", "google", (200_001, 1000, 0, 0)),
        ("claude-sonnet-4-5", "anthropic", (250_000, 10, 100, 50)),
        ("deepseek-chat", "deepseek", (5000, 100, 10, 0)),
    ],
)
def test_costs_are_those_of_the_price_library(
    prices: Prices, model: str, provider: str | None, usage: tuple[int, int, int, int]
) -> None:
    told, output, read, write = usage
    exact = calc_price(
        Usage(
            input_tokens=told,
            output_tokens=output,
            cache_read_tokens=read or None,
            cache_write_tokens=write or None,
        ),
        model,
        provider_id=provider,
    ).total_price
    found = prices.cost(series(model, provider), told, output, read, write, None, None)
    assert found == pytest.approx(float(exact), rel=1e-9)
    assert isinstance(exact, Decimal)


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("gpt-4o", "azure.ai.openai"),
        ("openai/gpt-4o", None),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "aws.bedrock"),
        ("gemini-2.5-flash", "gcp.vertex_ai"),
        ("text-embedding-3-small", None),
        ("mistral-large-latest", "mistral_ai"),
        ("gpt-4o", "some-gateway"),
    ],
)
def test_the_names_that_conventions_use_are_found(
    prices: Prices, model: str, provider: str | None
) -> None:
    assert prices.card(series(model, provider)) is not None


@pytest.mark.parametrize("model", ["my-llm-v9", "gpt-99", "gpt-4o-xyz"])
def test_an_unknown_model_is_unpriced_and_never_guessed(prices: Prices, model: str) -> None:
    assert prices.cost(series(model, "openai"), 10, 10, None, None, None, None) is None
    assert prices.cost(series(model), 10, 10, None, None, None, None) is None


def test_a_call_without_usage_has_no_cost(prices: Prices) -> None:
    assert prices.cost(series("gpt-4o"), None, None, None, None, None, None) is None


def test_a_local_server_is_free_whatever_its_model_is_called(prices: Prices) -> None:
    local = series("gpt-4o", "vllm", flags=int(Flag.LOCAL))
    assert prices.cost(local, 1000, 1000, None, None, None, None) == 0.0


def test_tokens_cached_for_an_hour_cost_more(prices: Prices) -> None:
    claude = series("claude-sonnet-4-5", "anthropic")
    short = prices.cost(claude, 1000, 0, 0, 1000, 0, None)
    hour = prices.cost(claude, 1000, 0, 0, 1000, 1000, None)
    assert short == pytest.approx(3.75e-3)
    assert hour == pytest.approx(6e-3)


def test_the_users_own_prices_go_before_the_table() -> None:
    own = Prices([Override("my-*", 1.0, 2.0), Override("gpt-4o", 0.0, 0.0, provider="gateway")])
    assert own.cost(series("my-llm"), 10**6, 10**6, None, None, None, None) == 3.0
    own.load()
    assert own.cost(series("gpt-4o", "gateway"), 10, 10, None, None, None, None) == 0.0
    assert own.cost(series("gpt-4o", "openai"), 10, 10, None, None, None, None) != 0.0


def test_before_the_table_is_loaded_nothing_has_a_price() -> None:
    waiting = Prices()
    assert not waiting.ready
    assert waiting.cost(series("gpt-4o"), 10, 10, None, None, None, None) is None


def test_a_batch_is_served_at_half_the_price_and_it_is_said(prices: Prices) -> None:
    card = prices.card(series("claude-sonnet-4-5", "anthropic"))
    assert card is not None
    used = (1000, 200, 300, 200, 100)
    assert in_batch(card).cost(*used) == pytest.approx(card.cost(*used) / 2)
    assert "half price" in in_batch(card).origin
    assert in_batch(FREE) is FREE
