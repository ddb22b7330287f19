"""The terms of the filter language: what `key:value` and a plain word ask of a span."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from fnmatch import translate
from typing import NamedTuple, Protocol

from llmtop.span import Flag, Span

Predicate = Callable[[Span], bool]

_LOST = int(Flag.LOST)
_ENDED = int(Flag.ENDED)


class FilterError(ValueError):
    """A filter that cannot be understood: a sentence, and where in the text it goes wrong."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class Contents(Protocol):
    """Looks into what calls were asked and answered, which no span holds in memory."""

    def holding(self, words: str) -> Predicate:
        """Whether a call's texts hold some words; `False` as long as it was not looked into."""


class _Elsewhere:
    """Lets a filter be understood that somebody else will ask."""

    def holding(self, words: str) -> Predicate:
        """No answer."""
        raise_it = LookupError(f"nobody looks for {words!r} here")

        def matches(span: Span) -> bool:
            del span
            raise raise_it

        return matches


ELSEWHERE: Contents = _Elsewhere()
"""For those who only want to know whether a filter is well formed."""


Texts = Callable[[Span], Iterable[str | None]]
Amount = Callable[[Span], "float | None"]


def _pattern(value: str) -> Callable[[str], bool]:
    """A value as a test: a part of the text, or all of it where it has a `*`."""
    wanted = value.lower()
    if "*" in wanted or "?" in wanted:
        matches = re.compile(translate(wanted)).match
        return lambda text: matches(text.lower()) is not None
    return lambda text: wanted in text.lower()


def _exactly(value: str) -> Callable[[str], bool]:
    wanted = value.lower()
    return lambda text: text.lower() == wanted


def _texts(texts: Texts) -> Callable[[str, int], Predicate]:
    def make(value: str, position: int) -> Predicate:
        del position
        if value.startswith("="):
            tests = [_exactly(value[1:])]
        else:
            tests = [_pattern(part) for part in value.split(",") if part] or [_pattern(value)]
        return lambda span: any(
            text is not None and test(text) for text in texts(span) for test in tests
        )

    return make


def status_of(span: Span) -> str:
    """How a span stands: `running`, `lost`, `error`, `cancelled` or `ok`."""
    if span.running:
        return "running"
    if span.flags & _LOST and not span.flags & _ENDED:
        return "lost"
    return span.status or "ok"


STATUSES = ("ok", "error", "running", "lost", "cancelled")


def _status(value: str, position: int) -> Predicate:
    wanted = set()
    for part in value.lower().split(","):
        found = [name for name in STATUSES if part and name.startswith(part)]
        if part in {"failed", "err", "failure"}:
            found = ["error"]
        if not found:
            raise FilterError(f"a status is one of {', '.join(STATUSES)}, not `{part}`", position)
        wanted.update(found)
    return lambda span: status_of(span) in wanted


_UNITS: Mapping[str, Mapping[str, float]] = {
    "time": {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0},
    "count": {"k": 1e3, "m": 1e6, "g": 1e9, "b": 1e9},
    "money": {"c": 0.01, "¢": 0.01, "usd": 1.0},
}
_NUMBER = re.compile(r"\$?\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-zµ¢]*)\Z", re.IGNORECASE)


def _amounts(amount: Amount, unit: str, example: str) -> Callable[[str, int], Predicate]:
    def make(value: str, position: int) -> Predicate:
        if ".." in value:
            low_text, _, high_text = value.partition("..")
            low = _number(low_text, unit, example, position) if low_text else float("-inf")
            high = _number(high_text, unit, example, position) if high_text else float("inf")
            if low > high:
                raise FilterError("the range runs backwards: the smaller goes first", position)
            return lambda span: (found := amount(span)) is not None and low <= found <= high
        sign = re.match(r"(>=|<=|>|<|=|)", value)
        operator = sign.group(1) if sign else ""
        limit = _number(value[len(operator) :], unit, example, position)
        compare = _COMPARISONS[operator]
        return lambda span: (found := amount(span)) is not None and compare(found, limit)

    return make


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">": lambda found, limit: found > limit,
    ">=": lambda found, limit: found >= limit,
    "": lambda found, limit: found >= limit,
    "<": lambda found, limit: found < limit,
    "<=": lambda found, limit: found <= limit,
    "=": lambda found, limit: found == limit,
}


def _number(text: str, unit: str, example: str, position: int) -> float:
    match = _NUMBER.match(text.strip())
    units = _UNITS[unit]
    if match is None:
        raise FilterError(f"`{text}` is not an amount; write it as in `{example}`", position)
    name = match.group(2).lower()
    if name and name not in units:
        raise FilterError(f"the unit `{name}` is not one of {', '.join(units)}", position)
    return float(match.group(1)) * units.get(name, 1.0)


def _tokens_of(span: Span) -> float | None:
    if span.input_tokens is None and span.output_tokens is None:
        return None
    return float((span.input_tokens or 0) + (span.output_tokens or 0))


def _nowhere(value: str, position: int) -> Predicate:
    del value
    start = position - len("text:")
    raise FilterError("`text:` is for the screen, `summary`, `query` and `export`", start)


class _Key(NamedTuple):
    make: Callable[[str, int], Predicate]
    example: str
    meaning: str


def _text_key(texts: Texts, example: str, meaning: str) -> _Key:
    return _Key(_texts(texts), example, meaning)


def _amount_key(amount: Amount, unit: str, example: str, meaning: str) -> _Key:
    return _Key(_amounts(amount, unit, example), example, meaning)


KEYS: Mapping[str, _Key] = {
    "model": _text_key(
        lambda s: (s.series.model, s.series.requested, s.series.answered),
        "model:gpt-4o",
        "the model asked for or answering; `*` is anything, `,` is or, `=` in front is exactly",
    ),
    "provider": _text_key(lambda s: (s.series.provider,), "provider:anthropic", "who serves it"),
    "op": _text_key(lambda s: (s.series.operation,), "op:chat", "the operation"),
    "status": _Key(_status, "status:error", "ok, error, running, lost or cancelled"),
    "user": _text_key(lambda s: (s.user_id,), "user:ada", "the user's id"),
    "session": _text_key(lambda s: (s.session_id,), "session:s-12", "the conversation's id"),
    "trace": _text_key(lambda s: (s.trace_id,), "trace:4bf92f", "the trace's id"),
    "id": _text_key(lambda s: (s.span_id, s.request_id), "id:req-7", "the span's or request's id"),
    "name": _text_key(lambda s: (s.name,), "name:summarise", "the span's name"),
    "agent": _text_key(lambda s: (s.agent,), "agent:planner", "the agent's name"),
    "text": _Key(
        _nowhere, "text:refund", "words in the prompt, the answer or a tool call's arguments"
    ),
    "error": _text_key(
        lambda s: (s.failure.type, s.failure.message) if s.failure else (),
        "error:timeout",
        "the error's type or message",
    ),
    "finish": _text_key(lambda s: (s.finish_reason,), "finish:length", "the finish reason"),
    "latency": _amount_key(lambda s: s.latency, "time", "latency:>2s", "from start to end"),
    "ttft": _amount_key(lambda s: s.ttft, "time", "ttft:>500ms", "time to the first token"),
    "cost": _amount_key(lambda s: s.cost, "money", "cost:>0.01", "US dollars"),
    "tokens": _amount_key(_tokens_of, "count", "tokens:>10k", "input and output tokens"),
    "in": _amount_key(lambda s: s.input_tokens, "count", "in:>1000", "input tokens"),
    "out": _amount_key(lambda s: s.output_tokens, "count", "out:<10", "output tokens"),
    "cached": _amount_key(
        lambda s: s.cache.read if s.cache else None, "count", "cached:>0", "cached input tokens"
    ),
}
"""The keys of the language, each with an example and its meaning."""

ALIASES: Mapping[str, str] = {
    "operation": "op",
    "input": "in",
    "output": "out",
    "cache": "cached",
    "content": "text",
    "duration": "latency",
    "request": "id",
    "span": "id",
}


def _all_keys() -> str:
    return " ".join(f"{key}:" for key in KEYS)


def looks_inside(text: str) -> bool:
    """Whether a term as it is written looks into prompts and answers."""
    key, colon, _ = text.lstrip("-").lower().partition(":")
    return bool(colon) and ALIASES.get(key, key) == "text"


def term(text: str, position: int, contents: Contents | None) -> Predicate:
    """What a term asks of a span. Raises FilterError; `position` is where the term begins."""
    key, colon, value = text.partition(":")
    key = key.lower()
    if not colon or text.startswith('"'):
        return _word(text.replace('"', ""))
    known = ALIASES.get(key, key)
    if known not in KEYS:
        nearest = get_close_matches(key, [*KEYS, *ALIASES], n=1, cutoff=0.6)
        if nearest or not value or value[:1] in "<>=":
            hint = f"did you mean `{nearest[0]}:`?" if nearest else f"the keys are {_all_keys()}"
            raise FilterError(f"there is no key `{key}:`; {hint}", position)
        return _word(text.replace('"', ""))
    value = value.replace('"', "")
    value_position = position + len(key) + 1
    if not value:
        raise FilterError(f"`{key}:` needs a value, as in `{KEYS[known].example}`", value_position)
    if known == "text" and contents is not None:
        return contents.holding(value)
    return KEYS[known].make(value, value_position)


def _word(word: str) -> Predicate:
    wanted = word.lower()
    return lambda span: any(
        text is not None and wanted in text.lower() for text in _identifying(span)
    )


def _identifying(span: Span) -> Iterable[str | None]:
    series = span.series
    yield series.model
    yield series.requested
    yield series.answered
    yield series.provider
    yield series.operation
    yield span.name
    yield span.agent
    yield span.user_id
    yield span.session_id
    yield span.span_id
    yield span.trace_id
    yield span.request_id
    yield span.finish_reason
    if span.failure is not None:
        yield span.failure.type
        yield span.failure.message
