"""The parameters of requests: times, filters and limits, refused with a sentence when wrong."""

from __future__ import annotations

import re
import time
from difflib import get_close_matches
from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.exceptions import HTTPException

from llmtop import setting_values
from llmtop.decode.timestamps import parse_time
from llmtop.filter import Filter, FilterError, parse
from llmtop.live.view import WINDOWS
from llmtop.span import Span

MOST_TEXT = 2_000
"""Characters in a parameter."""
UNPROCESSABLE = 422


async def known(request: Request) -> None:
    """Refuse a parameter that the route does not have: a typing error must not widen an answer."""
    route = request.scope.get("route")
    dependant = getattr(route, "dependant", None)
    if dependant is None:
        return
    names = _names(dependant)
    for name in request.query_params:
        if name not in names:
            nearest = get_close_matches(name, names, n=1)
            hint = f" Did you mean {nearest[0]}?" if nearest else f" There are {_listed(names)}."
            raise HTTPException(UNPROCESSABLE, f"There is no parameter {name[:50]}.{hint}")


def _names(dependant: object) -> list[str]:
    found = [field.alias for field in getattr(dependant, "query_params", ())]
    for inner in getattr(dependant, "dependencies", ()):
        found += _names(inner)
    return found


def _listed(names: list[str]) -> str:
    return ", ".join(names) if names else "none here"


def moment(text: str | None, name: str) -> float | None:
    """Seconds since the epoch, from ISO 8601, a number, `2h` or `2h ago`, or `now`."""
    if text is None:
        return None
    told = text.strip()
    if told == "now":
        return time.time()
    # In an address, the + of a zone stands for a space.
    told = re.sub(r"(\d) (\d\d:?\d\d)\Z", r"\1+\2", told)
    relative = re.fullmatch(r"(?:now *)?-? *([\d.]+ *[a-zA-Z]+?)(?: *ago)?", told)
    if relative is not None:
        try:
            return time.time() - setting_values.seconds(relative[1])
        except ValueError as error:
            raise HTTPException(UNPROCESSABLE, f"{name}: {error}.") from error
    found = parse_time(told)
    if found is None:
        raise HTTPException(
            UNPROCESSABLE,
            f"{name}: {told[:50]!r} is not a time, such as 2026-05-01T12:00:00Z, 2h or now.",
        )
    return found


async def filter_of(
    q: Annotated[
        str | None,
        Query(
            max_length=MOST_TEXT,
            description="A filter in llmtop's language, such as `status:error latency:>2s`.",
        ),
    ] = None,
) -> Filter | None:
    """The filter of `q`."""
    if q is None or not q.strip():
        return None
    try:
        return parse(q)
    except FilterError as error:
        raise HTTPException(
            UNPROCESSABLE, f"q: {error.message} (at character {error.position + 1})."
        ) from error


Matching = Annotated[Filter | None, Depends(filter_of)]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
Next = Annotated[
    str | None,
    Query(alias="cursor", max_length=MOST_TEXT, description="`next` of the page before."),
]
Begin = Annotated[
    str | None,
    Query(max_length=100, description="From then on: ISO 8601, or relative as in `2h`."),
]
End = Annotated[str | None, Query(max_length=100, description="Until then, as `start_time`.")]
EventId = Annotated[
    str | None,
    Query(max_length=200, description="The `id` of the last event, as the header Last-Event-ID."),
]
Exact = Annotated[str | None, Query(max_length=MOST_TEXT)]


def window(text: str) -> tuple[str, float | None]:
    """The name and the seconds (None: all of time) of a window, by name or any length of time."""
    if text in WINDOWS:
        return text, WINDOWS[text]
    try:
        seconds = setting_values.seconds(text)
    except ValueError as error:
        raise HTTPException(UNPROCESSABLE, f"window: {error}, or `all`.") from error
    if seconds < 1.0:
        raise HTTPException(UNPROCESSABLE, "window: the shortest is 1s.")
    return text, seconds


def span_range(begin: str | None, end: str | None) -> tuple[float | None, float | None]:
    """The range of time that is asked for."""
    first, last = moment(begin, "start_time"), moment(end, "end_time")
    if first is not None and last is not None and first > last:
        raise HTTPException(UNPROCESSABLE, "start_time lies after end_time.")
    return first, last


def named_model(span: Span, model: str) -> bool:
    """Whether a call asked for a model, or was answered by it."""
    wanted = model.lower()
    series = span.series
    return any(
        name is not None and name.lower() == wanted
        for name in (series.model, series.requested, series.answered)
    )
