"""What the service answers with: JSON by msgspec, and errors that are a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from msgspec import Struct, json
from starlette.responses import Response


class Problem(Struct, frozen=True):
    """The answer to a request that cannot be answered."""

    error: str
    """A sentence."""
    status: int


class Answer(Response):
    """A JSON answer."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The body."""
        return encode(content)


def problem(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An error as JSON."""
    return Answer(Problem(sentence, status), status, None if headers is None else dict(headers))


def phrase(status: int) -> str:
    """The name of a status, as a sentence."""
    try:
        return f"{HTTPStatus(status).phrase}."
    except ValueError:
        return f"Status {status}."


def encode(content: Any) -> bytes:
    """JSON, whatever text of logs is in it: half characters become U+FFFD."""
    try:
        return json.encode(content)
    except UnicodeError:
        return json.encode(_whole(content))


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Struct):
        return {name: _whole(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {_whole(key): _whole(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(each) for each in value]
    return value
