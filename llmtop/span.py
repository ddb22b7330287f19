"""The nouns that every room shares: a fragment of a span, and the span that fragments add up to."""

from __future__ import annotations

import re
from enum import IntFlag

from msgspec import Struct

CALL_OPERATIONS = frozenset(
    {"chat", "text_completion", "generate_content", "embeddings", "rerank", "image_generation"}
)
"""Operations whose spans call a model; the names are OpenTelemetry's GenAI operation names."""

OPERATIONS = CALL_OPERATIONS | {
    "retrieval",
    "execute_tool",
    "invoke_agent",
    "create_agent",
    "invoke_workflow",
    "chain",
    "guardrail",
    "evaluator",
    "memory",
    "turn",
    "other",
}
"""Every operation that llmtop shows by name."""

MAX_DURATION_S = 7 * 24 * 3600.0
"""A longer duration (seconds) is a broken clock, not a slow model."""


STREAM_SCOPE = " (stream)"
"""Ends the scope of what tells of a stream's consumption apart from its request: the two are one
call, the second going on where the first ended."""


class Flag(IntFlag):
    """What is known about a span beyond its figures."""

    OPENED = 1
    """An opening was seen: the span began."""
    ENDED = 2
    """An end was seen: the span is over."""
    STREAM = 4
    """The answer was streamed."""
    LOCAL = 8
    """Served by the user's own machine: costs nothing."""
    LOWER_BOUND = 16
    """The output tokens are at least what is said."""
    COST_REPORTED = 32
    """The cost was told by the record, not computed from a price table."""
    BAD_CLOCK = 64
    """The times make no sense (negative or absurd): no latency is shown or averaged."""
    ESTIMATED = 128
    """The usage was estimated by the writer of the record."""
    LOST = 256
    """In flight for longer than the limit: its end is not expected any more."""
    NESTED = 512
    """A call around another call: shown, and not counted."""
    LOOP = 1024
    """Its chain of parents leads back to itself: shown at the root."""
    ESTIMATED_START = 2048
    """Only the end and the latency were told: the start is computed."""
    SYNTHETIC = 4096
    """Not a call to a model, though it looks like one: never counted as a call."""
    NO_LATENCY = 8192
    """Neither a latency nor two times were told."""
    DURATION_TOLD = 16384
    """The latency was told by a record, and wins over the difference of timestamps."""
    EVICTED = 32768
    """No longer kept: only the totals remember it."""
    CALL_BELOW = 65536
    """A call is among its descendants."""
    DOUBLE = 131072
    """Another instrumentation told of the same call: shown, and not counted."""
    SETTLED = 262144
    """Its figures, as they are now, are in the sums."""
    UNTIMED = 524288
    """No record told when it was: its times are those at which it was read."""
    BATCH = 1048576
    """Sent in a batch to be answered within a day, which providers do for less."""


# Plain integers: operators of IntFlag cost a microsecond each.
_UNCOUNTED = int(Flag.NESTED | Flag.SYNTHETIC | Flag.DOUBLE)
_SYNTHETIC = int(Flag.SYNTHETIC)
_OVER = int(Flag.ENDED | Flag.LOST)
_UNTIMED = int(Flag.BAD_CLOCK | Flag.NO_LATENCY)


class Fragment(Struct, gc=False):
    """What one line or datagram tells about one span; `None` is always "not told", never zero.

    Times are seconds since the epoch, durations are seconds, cost is US dollars. Input tokens
    include cached ones (read and written); output tokens include reasoning.
    """

    span_id: str | None = None
    trace_id: str | None = None
    parent_id: str | None = None
    request_id: str | None = None
    name: str | None = None
    operation: str | None = None
    provider: str | None = None
    model: str | None = None
    """The model that was asked for."""
    response_model: str | None = None
    """The model that answered."""
    start: float | None = None
    end: float | None = None
    duration: float | None = None
    """Latency, where the record tells it itself; it wins over `end - start`."""
    ttft: float | None = None
    """Seconds from the request to the first token."""
    status: str | None = None
    """`ok`, `error`, `cancelled`; `None` when not told."""
    error_type: str | None = None
    error_message: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    """The part of `cache_write_tokens` that was written for an hour (it has its own price)."""
    reasoning_tokens: int | None = None
    cost: float | None = None
    finish_reason: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    agent: str | None = None
    response_id: str | None = None
    """The provider's id of the answer: two spans that tell the same one are one call."""
    scope: str | None = None
    """Which instrumentation tells of the span; two of them may tell of the same call."""
    flags: int = 0
    """Bits of `Flag`; the decoder sets OPENED and/or ENDED."""
    place: int = -1
    """Where the record lies (see `sources.chunk`), or -1 for nowhere."""


class Cache(Struct, frozen=True, gc=False):
    """The rarer parts of a call's token usage, kept apart so that plain calls stay small."""

    read: int | None = None
    write: int | None = None
    write_1h: int | None = None
    reasoning: int | None = None


class Failure(Struct, frozen=True, gc=False):
    """Why a span failed: a short machine-readable type and the human's message."""

    type: str
    message: str | None = None


class Series(Struct, gc=False, eq=False):
    """One (provider, model, operation): interned, so that calls of one kind share it."""

    number: int
    """Small and dense; the key of this series in the ledgers."""
    provider: str | None
    model: str | None
    """The model as rows name it (see `row_model`)."""
    requested: str | None
    """The model that was asked for."""
    answered: str | None
    """The model that answered."""
    operation: str
    is_call: bool
    local: bool = False

    @property
    def price_model(self) -> str | None:
        """The most exact model name known: what prices are looked up for."""
        return self.answered or self.requested


class Span(Struct, gc=False, eq=False):
    """One timed operation, as far as its fragments have told."""

    span_id: str
    trace_id: str | None
    parent_id: str | None
    request_id: str | None
    name: str | None
    series: Series
    start: float
    """Seconds since the epoch."""
    end: float | None
    """Seconds since the epoch; `None` while running."""
    flags: int
    status: str | None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache: Cache | None = None
    cost: float | None = None
    """US dollars; `None` is unpriced, never free."""
    ttft: float | None = None
    failure: Failure | None = None
    finish_reason: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    agent: str | None = None
    opened_at: int = -1
    """Place of the record that opened the span."""
    ended_at: int = -1
    """Place of the record that ended it; equal to `opened_at` where one record did both."""

    @property
    def is_call(self) -> bool:
        """Whether this span calls a model."""
        return self.series.is_call and not self.flags & _SYNTHETIC

    @property
    def counted(self) -> bool:
        """Whether totals count this call: the innermost of nested ones, the first of doubles."""
        return self.series.is_call and not self.flags & _UNCOUNTED

    @property
    def running(self) -> bool:
        """Whether the span has begun, has not ended, and is not given up as lost."""
        return not self.flags & _OVER

    @property
    def failed(self) -> bool:
        """Whether the span ended in an error."""
        return self.status == "error"

    @property
    def latency(self) -> float | None:
        """Seconds from start to end, or `None` while unknown."""
        if self.end is None or self.flags & _UNTIMED:
            return None
        return self.end - self.start


_REFINEMENT = re.compile(r"[-@:](?:\d{4}-?\d{2}-?\d{2}|\d{3,4}|latest|v\d+(?:[:.]\d+)?)\Z")


def row_model(model: str | None, response_model: str | None) -> str | None:
    """Name the row a call belongs to: the model asked for, if the answer's name only refines it.

    `gpt-4o-mini` answered by `gpt-4o-mini-2024-07-18` is the row `gpt-4o-mini`; a router's `auto`
    answered by `gpt-4o` is the row `gpt-4o`.
    """
    if model is None or response_model is None:
        return response_model or model
    if response_model.startswith(model) and _REFINEMENT.fullmatch(response_model[len(model) :]):
        return model
    return response_model
