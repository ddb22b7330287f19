"""What the body of a request asks of a model, for the endpoints of OpenAI and Anthropic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from llmtop.emit.gather import ChatPieces, Gatherer, MessagePieces, ResponsePieces


class Endpoint(NamedTuple):
    """One kind of request: its operation, where the messages are, and how its streams are read."""

    operation: str
    messages: Callable[[Mapping[str, Any]], Any]
    pieces: Callable[[], Gatherer]
    can_include_usage: bool = False


class Asked(NamedTuple):
    """A request to a model: its kind, and the fields of a request record."""

    endpoint: Endpoint
    model: str | None
    messages: Any
    stream: bool
    user_id: str | None
    fields: dict[str, Any]


_OWN_FIELDS = frozenset({"temperature", "top_p", "tools", "tool_choice"})
_MOST_TOKENS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_NOT_PARAMETERS = frozenset(
    {"model", "messages", "input", "instructions", "system", "prompt", "stream", "user", "metadata"}
) | {*_MOST_TOKENS, *_OWN_FIELDS}
_NOT_GIVEN = frozenset({"NotGiven", "Omit"})


def asked(path: str, body: Mapping[str, Any]) -> Asked | None:
    """What a request asks, or `None` if it is none to a model."""
    endpoint = endpoint_of(path)
    if endpoint is None:
        return None
    told = {name: each for name, each in body.items() if type(each).__name__ not in _NOT_GIVEN}
    fields = {name: told[name] for name in _OWN_FIELDS if told.get(name) is not None}
    for name in _MOST_TOKENS:
        if told.get(name) is not None:
            fields["max_tokens"] = told[name]
    parameters = {
        name: each
        for name, each in told.items()
        if name not in _NOT_PARAMETERS and each is not None
    }
    if parameters:
        fields["parameters"] = parameters
    model = told.get("model")
    return Asked(
        endpoint,
        None if model is None else str(model),
        endpoint.messages(told),
        bool(told.get("stream")),
        _user(told),
        fields,
    )


def _user(body: Mapping[str, Any]) -> str | None:
    metadata = body.get("metadata")
    user = body.get("user") or (metadata.get("user_id") if isinstance(metadata, Mapping) else None)
    return None if user is None else str(user)


def _chat(body: Mapping[str, Any]) -> Any:
    return body.get("messages")


def _prompt(body: Mapping[str, Any]) -> Any:
    return _texts(body.get("prompt"))


def _input(body: Mapping[str, Any]) -> Any:
    return _texts(body.get("input"))


def _responses(body: Mapping[str, Any]) -> Any:
    given = body.get("input")
    messages = given if isinstance(given, list) else _texts(given)
    return _with_system(body.get("instructions"), messages)


def _anthropic(body: Mapping[str, Any]) -> Any:
    return _with_system(body.get("system"), body.get("messages"))


def _with_system(system: Any, messages: Any) -> Any:
    if not system:
        return messages
    return [{"role": "system", "content": system}, *(messages or ())]


def _texts(given: Any) -> Any:
    """Prompts or texts to embed as messages; of tokens only how many they are."""
    if given is None:
        return None
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    if isinstance(given, list | tuple) and given and isinstance(given[0], int):
        return [{"role": "user", "content": f"[{len(given)} tokens]"}]
    if isinstance(given, list | tuple):
        return [
            {"role": "user", "content": each if isinstance(each, str) else f"[{len(each)} tokens]"}
            for each in given
        ]
    return given


_ENDPOINTS = {
    "/chat/completions": Endpoint("chat", _chat, ChatPieces, can_include_usage=True),
    "/completions": Endpoint("text_completion", _prompt, ChatPieces, can_include_usage=True),
    "/responses": Endpoint("chat", _responses, ResponsePieces),
    "/responses/compact": Endpoint("chat", _responses, ResponsePieces),
    "/embeddings": Endpoint("embeddings", _input, ChatPieces),
    "/images/generations": Endpoint("image_generation", _prompt, ChatPieces),
    "/v1/messages": Endpoint("chat", _anthropic, MessagePieces),
    "/v1/complete": Endpoint("text_completion", _prompt, ChatPieces),
}


def endpoint_of(path: str) -> Endpoint | None:
    """The endpoint of a path such as `/chat/completions` or `/v1/messages?beta=true`."""
    path = "/" + path.partition("?")[0].strip("/")
    for prefix in ("", "/v1", "/openai/v1"):
        found = _ENDPOINTS.get(path.removeprefix(prefix))
        if found is not None:
            return found
    return None


METHODS = {
    "chat.completions": "/chat/completions",
    "completions": "/completions",
    "responses": "/responses",
    "embeddings": "/embeddings",
    "messages": "/v1/messages",
}
"""Where clients that are only like OpenAI's or Anthropic's have their `create`."""
