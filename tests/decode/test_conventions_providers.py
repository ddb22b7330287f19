"""Who serves a model, where a framework names itself as the provider: the model tells."""

from __future__ import annotations

import pytest

from llmtop.pricing import Prices
from tests.decode.one_span import one


@pytest.mark.parametrize(
    ("named", "model", "provider"),
    [
        ("strands-agents", "us.anthropic.claude-sonnet-4-20250514-v1:0", "aws.bedrock"),
        ("strands-agents", "claude-sonnet-4-5", "anthropic"),
        ("strands-agents", "gpt-4o", "openai"),
        ("gcp.vertex.agent", "gemini-2.5-flash", "gcp.gemini"),
        ("gcp.vertex.agent", "openai/gpt-4o", "openai"),
        ("langchain", "mistral-large-latest", "mistral_ai"),
        ("gateway", "anthropic/claude-sonnet-4-5", "anthropic"),
        ("strands-agents", "gpt-oss-120b", "strands-agents"),
        ("strands-agents", "our-own-model", "strands-agents"),
        ("Unknown", "gpt-4o", None),
        ("anthropic", "gpt-4o", "anthropic"),
    ],
)
def test_where_a_framework_names_itself_the_model_tells_the_provider(
    named: str, model: str, provider: str | None
) -> None:
    told = one({"gen_ai.system": named, "gen_ai.request.model": model,
                "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20})  # fmt: skip
    assert told.call.series.provider == provider


@pytest.mark.parametrize(
    ("named", "model"),
    [
        ("strands-agents", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
        ("gcp.vertex.agent", "gemini-2.5-flash"),
        ("gcp.vertex.agent", "openai/gpt-4o"),
        ("gateway", "anthropic/claude-sonnet-4-5"),
        ("openai", "openai/gpt-4o"),
        ("Unknown", "gpt-4o"),
    ],
)
def test_such_a_call_has_its_price(named: str, model: str) -> None:
    prices = Prices()
    prices.load()
    told = one({"gen_ai.system": named, "gen_ai.request.model": model})
    assert prices.card(told.call.series) is not None
