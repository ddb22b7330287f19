"""Who answers: by the address first, then by the kind of client, and never a secret of the URL."""

from __future__ import annotations

import pytest
from anthropic import Anthropic, AnthropicBedrock
from openai import AzureOpenAI, OpenAI

from llmtop.emit.provider import server_of


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        (None, "openai"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://us-east.openai.azure.com/openai/v1", "azure.ai.openai"),
        ("https://generativelanguage.googleapis.com/v1beta/openai/", "gcp.gemini"),
        ("http://localhost:11434/v1", "ollama"),
        ("http://127.0.0.1:8000/v1", "openai"),
        ("https://notapi.openai.com.example.org/v1", "openai"),
    ],
)
def test_the_address_says_who_answers(address: str | None, provider: str) -> None:
    with OpenAI(api_key="k", base_url=address) as client:
        assert server_of(client).provider == provider


def test_else_the_kind_of_client_does() -> None:
    with Anthropic(api_key="k", base_url="http://127.0.0.1:1/") as client:
        assert server_of(client).provider == "anthropic"
    azure = AzureOpenAI(api_key="k", api_version="1", base_url="https://llm.example.org/")
    with azure:
        assert server_of(azure).provider == "azure.ai.openai"
    bedrock = AnthropicBedrock(aws_region="r", aws_access_key="a", aws_secret_key="s")
    with bedrock:
        assert server_of(bedrock).provider == "aws.bedrock"
    assert server_of(object()) == (None, None, None, False)


def test_only_hosts_that_document_it_are_asked_for_usage() -> None:
    for address, expected in (
        ("https://api.openai.com/v1", True),
        ("https://api.openai.com.example.org/v1", False),
        ("http://127.0.0.1:8000/v1", False),
    ):
        with OpenAI(api_key="k", base_url=address) as client:
            assert server_of(client).includes_usage is expected


def test_user_and_password_of_an_address_are_not_told() -> None:
    with OpenAI(
        api_key="k", base_url="https://user:secret@llm.example.org:8443/v1?key=x"
    ) as client:
        told = server_of(client)
    assert told.host == "llm.example.org"
    assert told.base_url == "https://llm.example.org:8443/v1/"
