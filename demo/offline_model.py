"""The model that the example apps talk to: an OpenAI-compatible server, or a made-up one here.

With `OPENAI_API_KEY` or `OPENAI_BASE_URL` set, `client()` is OpenAI's own client. Without, it is an
object with the same methods that answers from a few sentences and takes its time as a model does.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from types import SimpleNamespace as Thing
from typing import Any

ANSWERS = (
    "A trace is a tree of spans, and each span is one timed operation of your program.",
    "The first token came late because the prompt was long; caching its prefix would help.",
    "Twelve thousand tokens went into the prompt, and nine thousand of them were cached.",
    "Retries do not make a slow provider faster, but they do make the bill longer.",
)


class _Completions:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def create(self, *, model: str, messages: list[Any], **asked: Any) -> Any:
        """Answer, at once or in pieces; with tools, ask for the first one of them first."""
        time.sleep(self._chance.uniform(0.1, 0.6))
        answered = any(message["role"] == "tool" for message in messages)
        if asked.get("tools") and not answered:
            return self._tool_call(model, messages, asked["tools"])
        text = self._chance.choice(ANSWERS)
        if answered:
            text = f"{messages[-1]['content']}, so dress for that."
        usage = Thing(
            prompt_tokens=sum(len(str(message["content"])) // 4 + 4 for message in messages),
            completion_tokens=len(text) // 4,
        )
        if asked.get("stream"):
            return self._pieces(model, text, usage)
        message = Thing(role="assistant", content=text, tool_calls=None)
        choice = Thing(index=0, message=message, finish_reason="stop")
        return Thing(model=model, choices=[choice], usage=usage)

    def _pieces(self, model: str, text: str, usage: Thing) -> Iterator[Thing]:
        for word in text.split(" "):
            time.sleep(self._chance.uniform(0.01, 0.05))
            delta = Thing(content=word + " ")
            yield Thing(model=model, choices=[Thing(index=0, delta=delta)])
        last = Thing(index=0, delta=Thing(content=None), finish_reason="stop")
        yield Thing(model=model, choices=[last], usage=usage)

    def _tool_call(self, model: str, messages: list[Any], tools: list[Any]) -> Thing:
        function = Thing(name=tools[0]["function"]["name"], arguments='{"city": "Paris"}')
        call = Thing(id=f"call_{len(messages)}", type="function", function=function)
        message = Thing(role="assistant", content=None, tool_calls=[call])
        choice = Thing(index=0, message=message, finish_reason="tool_calls")
        usage = Thing(prompt_tokens=180, completion_tokens=16)
        return Thing(model=model, choices=[choice], usage=usage)


class _Embeddings:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def create(self, *, model: str, input: list[str]) -> Any:  # noqa: A002 - the name that the library has
        """Made-up vectors."""
        time.sleep(self._chance.uniform(0.02, 0.1))
        data = [Thing(embedding=[self._chance.random() for _ in range(8)]) for _ in input]
        tokens = sum(len(text) // 4 + 1 for text in input)
        return Thing(object="list", model=model, data=data, usage=Thing(prompt_tokens=tokens))


class OfflineModel:
    """A client with the methods of OpenAI's that the example apps use."""

    def __init__(self, seed: int = 1) -> None:
        chance = random.Random(seed)
        self.chat = Thing(completions=_Completions(chance))
        self.embeddings = _Embeddings(chance)


def client() -> Any:
    """OpenAI's client where the environment names a server or a key, else the made-up one."""
    if os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL"):
        from openai import OpenAI

        return OpenAI(api_key=os.environ.get("OPENAI_API_KEY") or "none")
    return OfflineModel()


def model() -> str:
    """The model to ask for."""
    return os.environ.get("OPENAI_MODEL", "gpt-4o-mini")
