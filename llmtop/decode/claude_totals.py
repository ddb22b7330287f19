"""The totals at the end of a stream-json run: they replace what its lines told, never add to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from llmtop.decode.claude_lines import Usage
from llmtop.decode.claude_spans import provider_of
from llmtop.decode.values import count, number
from llmtop.span import Flag, Fragment

_ESTIMATED = int(Flag.ESTIMATED)
_BOTH = int(Flag.OPENED | Flag.ENDED)
_MOST_CALLS = 10_000

_KINDS = (
    ("inputTokens", "input_tokens"),
    ("outputTokens", "output_tokens"),
    ("cacheReadInputTokens", "cache_read_input_tokens"),
    ("cacheCreationInputTokens", "cache_creation_input_tokens"),
)
_WEIGHTS = (1.0, 5.0, 0.1, 1.25)
"""About what the four kinds of tokens cost, to each other: for sharing out a told cost."""


class _Call(Struct):
    """What is known of one call: input, output, cache read, cache written."""

    tokens: list[int]
    cost: float | None = None


class Totals:
    """What the calls of one session told, by model, to be set against the told totals."""

    def __init__(self) -> None:
        self._calls: dict[str, dict[str, _Call]] = {}
        self._models: dict[str, str] = {}
        """The model of each call."""
        self._before: dict[str, tuple[list[int], float]] = {}
        self._told: dict[str, list[int]] = {}

    def note(self, model: str | None, call: str, usage: Usage) -> None:
        """Take in a line of a call; the last one has the most. Some do not name the model again."""
        if len(self._models) < _MOST_CALLS:
            model = self._models.setdefault(call, model or "")
        elif call not in self._models:
            return
        else:
            model = self._models[call]
        calls = self._calls.setdefault(model, {})
        known = calls.get(call)
        if known is None:
            calls[call] = _Call(_tokens(usage))
        else:
            known.tokens = [max(pair) for pair in zip(known.tokens, _tokens(usage), strict=True)]

    def settle(
        self, told: Mapping[str, Any], session: str | None, at: float | None, place: int
    ) -> list[Fragment]:
        """Share out what the totals of each model (`modelUsage`) say beyond the calls' own lines.

        Calls that told no usage get it; if all did, all get an even part of the rest.
        """
        found: list[Fragment] = []
        for model, figures in told.items():
            if not isinstance(figures, dict):
                continue
            tokens = [count(figures.get(name)) or 0 for name, _ in _KINDS]
            calls = self._calls_of(model, len(told))
            if calls:
                found.extend(self._share(model, calls, tokens, number(figures.get("costUSD"))))
            elif any(tokens):
                cost = number(figures.get("costUSD"))
                found.append(_unseen(model, tokens, cost, session, at, place))
        return found

    def settle_all(
        self,
        usage: Usage | None,
        cost: float | None,
        session: str | None,
        at: float | None,
        place: int,
    ) -> list[Fragment]:
        """Share out what totals say that are not told by model: those of older versions."""
        if usage is None and cost is None:
            return []
        tokens = [0] * len(_KINDS) if usage is None else _tokens(usage)
        every = {name: call for calls in self._calls.values() for name, call in calls.items()}
        if every:
            return self._share("", every, tokens, cost)
        return [_unseen(None, tokens, cost, session, at, place)] if any(tokens) else []

    def _calls_of(self, model: str, models: int) -> dict[str, _Call]:
        known = self._calls.get(model)
        if known is None:
            plain = model.partition("[")[0]
            alike = [name for name in self._calls if name.startswith(plain) or plain == name]
            if not alike and models == 1 and len(self._calls) == 1:
                alike = list(self._calls)
            known = self._calls[alike[0]] if len(alike) == 1 else {}
        return known

    def _share(
        self, model: str, calls: dict[str, _Call], told: list[int], cost: float | None
    ) -> list[Fragment]:
        last = self._told.get(model)
        sums = [sum(call.tokens[kind] for call in calls.values()) for kind in range(4)]
        spent = sum(call.cost or 0.0 for call in calls.values())
        if last is not None and sum(told) < sum(last):
            # The session was taken up by another process, which counts from zero.
            self._before[model] = ([*last], spent)
        self._told[model] = told
        base, base_cost = self._before.get(model, ([0] * 4, 0.0))
        surplus = [
            max(0, before + new - known)
            for before, new, known in zip(base, told, sums, strict=True)
        ]
        silent = [name for name, call in calls.items() if not any(call.tokens)]
        receivers = silent or list(calls)
        for kind, rest in enumerate(surplus):
            for name, part in zip(receivers, _parts(rest, len(receivers)), strict=True):
                calls[name].tokens[kind] += part
        unpaid = [name for name, call in calls.items() if call.cost is None]
        if cost is not None and unpaid:
            _pay(calls, unpaid, max(0.0, base_cost + cost - spent))
        changed = dict.fromkeys([*(receivers if any(surplus) else ()), *unpaid])
        return [_fragment(name, calls[name]) for name in changed]


def _tokens(usage: Usage) -> list[int]:
    return [
        usage.input_tokens or 0,
        usage.output_tokens or 0,
        usage.cache_read_input_tokens or 0,
        usage.cache_creation_input_tokens or 0,
    ]


def _parts(whole: int, parts: int) -> list[int]:
    each, rest = divmod(whole, parts)
    return [each + (index < rest) for index in range(parts)]


def _pay(calls: Mapping[str, _Call], unpaid: Sequence[str], cost: float) -> None:
    weights = [
        sum(weight * tokens for weight, tokens in zip(_WEIGHTS, calls[name].tokens, strict=True))
        for name in unpaid
    ]
    whole = sum(weights)
    for name, weight in zip(unpaid, weights, strict=True):
        calls[name].cost = cost * weight / whole if whole else cost / len(unpaid)


def _fragment(name: str, call: _Call) -> Fragment:
    read, output, cached, written = call.tokens
    return Fragment(
        span_id=name,
        input_tokens=read + cached + written,
        output_tokens=output,
        cache_read_tokens=cached,
        cache_write_tokens=written,
        cost=call.cost,
        flags=_ESTIMATED,
    )


def _unseen(
    model: str | None,
    tokens: list[int],
    cost: float | None,
    session: str | None,
    at: float | None,
    place: int,
) -> Fragment:
    """One span for the calls, of one model or of all, of which the stream shows no line."""
    read, output, cached, written = tokens
    return Fragment(
        span_id=f"{session}:{model or 'calls'}",
        trace_id=session,
        name="calls that the stream does not show",
        operation="chat",
        provider=None if model is None else provider_of(model),
        model=None if model is None else model.partition("[")[0],
        end=at,
        input_tokens=read + cached + written,
        output_tokens=output,
        cache_read_tokens=cached,
        cache_write_tokens=written,
        cost=cost,
        status="ok",
        session_id=session,
        flags=_BOTH,
        place=place,
    )
