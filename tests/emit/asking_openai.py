"""What the tests of OpenAI's library share: a client that is instrumented, and something to say."""

from __future__ import annotations

from typing import Any

from openai import AsyncOpenAI

import llmtop
from tests.emit.model_server import ModelServer

MODEL = "gpt-4o-mini"
TOOLS: Any = [
    {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
]


def say(text: str) -> Any:
    return [{"role": "user", "content": text}]


def an_async_client(model_server: ModelServer) -> AsyncOpenAI:
    made = AsyncOpenAI(api_key="k", base_url=model_server.openai_url, max_retries=0)
    return llmtop.instrument(made, include_usage=True)
