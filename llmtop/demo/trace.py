"""One trace of the demo as native records, with times as seconds from the demo's beginning."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

from llmtop.demo.models import Model
from llmtop.demo.weather import Weather

Record = dict[str, Any]

CHARACTERS_PER_TOKEN = 4
TIMEOUT_S = 30.0


class Step(NamedTuple):
    """A record and the second at which it is sent."""

    due: float
    record: Record


class Outcome(NamedTuple):
    """How a call went."""

    end: float
    ok: bool
    text: str


class Mishap(NamedTuple):
    """An error that a provider answers with."""

    type: str
    message: str
    after: float
    """Median seconds until it is known."""


RATE_LIMIT = Mishap("rate_limit_error", "429 Too Many Requests: retry in 2s", 0.14)
MISHAPS = (
    (0.004, Mishap("timeout", f"Request timed out after {TIMEOUT_S:.0f} s", TIMEOUT_S)),
    (0.003, Mishap("overloaded_error", "529 Overloaded: the service is busy", 0.9)),
    (0.002, Mishap("api_connection_error", "Connection reset by peer", 1.4)),
    (0.001, Mishap("invalid_request_error", "maximum context length is 128000 tokens", 0.2)),
)


def tokens_in(text: str) -> int:
    """About how many tokens a text is."""
    return len(text) // CHARACTERS_PER_TOKEN + 1


class Trace:
    """Builds the records of one trace; whoever builds says what happens, this says how long."""

    def __init__(
        self, chance: random.Random, weather: Weather, start: float, user: str, session: str
    ) -> None:
        self.start = start
        self.steps: list[Step] = []
        self.calls = 0
        self.chance = chance
        self._weather = weather
        self._user = user
        self._session = session
        self._trace_id = f"{chance.getrandbits(128):032x}"

    def span(self, name: str, at: float, parent: str | None, attributes: Record) -> Record:
        """Open a span; returns its record, which `close` ends."""
        record: Record = {
            "type": "span",
            "span_id": f"{self.chance.getrandbits(64):016x}",
            "trace_id": self._trace_id,
            "parent_id": parent,
            "name": name,
            "start_time": at,
            "end_time": None,
            "attributes": {"session.id": self._session, **attributes},
            "events": [],
            "status": None,
            "error": None,
        }
        self.steps.append(Step(at, record))
        return record

    def close(
        self,
        opened: Record,
        at: float,
        error: str | None = None,
        attributes: Record | None = None,
    ) -> None:
        """End a span at a second, perhaps in an error and with more attributes."""
        events = []
        if error is not None:
            told = {"exception.message": error}
            events.append({"name": "exception", "timestamp": at, "attributes": told})
        ended = {
            **opened,
            "end_time": at,
            "attributes": {**opened["attributes"], **(attributes or {})},
            "events": events,
            "status": "ok" if error is None else "error",
            "error": error,
        }
        self.steps.append(Step(at, ended))

    def duration(self, median: float, spread: float = 0.4) -> float:
        """A log-normal duration in seconds."""
        return median * self.chance.lognormvariate(0.0, spread)

    def call(
        self,
        model: Model,
        messages: list[Record],
        answer: str,
        at: float,
        parent: str | None,
        *,
        known_prefix: int = 0,
        overhead: int = 0,
        tool_calls: list[Record] | None = None,
        stream: bool = True,
    ) -> Outcome:
        """A chat call, tried again up to twice when the provider limits.

        `known_prefix` are prompt tokens that an earlier call sent already, `overhead` are tokens
        of tool definitions, which no message shows.
        """
        for attempt in range(3):
            if self._weather.limited(at, model) and self.chance.random() < 0.8:
                ended = at + self.duration(RATE_LIMIT.after)
                self._request(model, messages, at, parent, stream, attempt)
                self._fail(ended, RATE_LIMIT)
                at = ended + 2.0**attempt * self.chance.uniform(0.8, 1.3)
                continue
            roll = self.chance.random()
            self._request(model, messages, at, parent, stream, attempt)
            for likely, mishap in MISHAPS:
                roll -= likely
                if roll < 0:
                    spread = 0.01 if mishap.after == TIMEOUT_S else 0.3
                    ended = at + self.duration(mishap.after, spread)
                    self._fail(ended, mishap)
                    return Outcome(ended, ok=False, text="")
            ended = self._answer(
                model, messages, answer, at, known_prefix, overhead, tool_calls, stream
            )
            return Outcome(ended, ok=True, text=answer)
        return Outcome(at, ok=False, text="")

    def embed(self, model: Model, text: str, at: float, parent: str | None) -> float:
        """An embedding call; returns the second at which it ends."""
        self._request(model, [{"role": "user", "content": text}], at, parent, False, 0)
        request = self.steps[-1].record
        request["operation"] = "embeddings"
        took = self.duration(model.first_token, model.spread) * self._weather.slowness(at, model)
        tokens = tokens_in(text)
        self._respond(
            at + took, prompt_tokens=tokens, total_tokens=tokens, latency_ms=round(took * 1000, 1)
        )
        return at + took

    def _request(
        self,
        model: Model,
        messages: list[Record],
        at: float,
        parent: str | None,
        stream: bool,
        attempt: int,
    ) -> None:
        self.calls += 1
        record: Record = {
            "type": "request",
            "request_id": f"req_{self.chance.getrandbits(64):016x}",
            "timestamp": at,
            "provider": model.provider,
            "model": model.name,
            "operation": "chat",
            "messages": messages,
            "user_id": self._user,
            "session_id": self._session,
            "trace_id": self._trace_id,
            "span_id": f"{self.chance.getrandbits(64):016x}",
            "parent_id": parent,
            "stream": stream,
            "temperature": 0.2 if parent else 0.7,
            "max_tokens": 4096 if model.reasons else 1024,
        }
        if attempt:
            record["attributes"] = {"retry.attempt": attempt}
        self.steps.append(Step(at, record))

    def _respond(self, at: float, **told: Any) -> None:
        request_id = self.steps[-1].record["request_id"]
        record = {"type": "response", "request_id": request_id, "timestamp": at, **told}
        self.steps.append(Step(at, record))

    def _fail(self, at: float, mishap: Mishap) -> None:
        began = self.steps[-1].due
        took = round((at - began) * 1000, 1)
        self._respond(at, error=mishap.message, error_type=mishap.type, latency_ms=took)

    def _answer(
        self,
        model: Model,
        messages: list[Record],
        answer: str,
        at: float,
        known_prefix: int,
        overhead: int,
        tool_calls: list[Record] | None,
        stream: bool,
    ) -> float:
        prompt = overhead + sum(tokens_in(message["content"]) + 4 for message in messages)
        told: Record = {}
        output = tokens_in(answer) + sum(tokens_in(str(call)) for call in tool_calls or ())
        if model.reasons:
            thought = int(self.duration(260, 0.8))
            output += thought
            told["reasoning_tokens"] = thought
        slowness = self._weather.slowness(at, model)
        first = self.duration(model.first_token, model.spread) * slowness * (1 + prompt / 12_000)
        took = first + output / self.duration(model.speed, 0.18) * slowness
        if model.caches and known_prefix >= 1024:
            told["cache_read_tokens"] = known_prefix // 128 * 128
        elif model.provider == "anthropic" and overhead >= 1024:
            told["cache_write_tokens"] = overhead
        if stream:
            told["ttft_ms"] = round(first * 1000, 1)
        if tool_calls:
            told["tool_calls"] = tool_calls
        cut = stream and self.chance.random() < 0.008
        self._respond(
            at + took,
            model=model.answered,
            content=answer[: len(answer) // 2] if cut else answer,
            finish_reason="length" if cut else "tool_calls" if tool_calls else "stop",
            prompt_tokens=prompt,
            completion_tokens=output,
            total_tokens=prompt + output,
            latency_ms=round(took * 1000, 1),
            **told,
        )
        return at + took
