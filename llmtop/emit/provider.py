"""Who answers a client's requests: the provider, by the address and the kind of client."""

from __future__ import annotations

from typing import Any, NamedTuple

_BY_HOST = (
    ("api.openai.com", "openai"),
    ("api.anthropic.com", "anthropic"),
    (".openai.azure.com", "azure.ai.openai"),
    (".services.ai.azure.com", "azure.ai.inference"),
    ("openrouter.ai", "openrouter"),
    ("api.groq.com", "groq"),
    ("api.deepseek.com", "deepseek"),
    ("api.mistral.ai", "mistral_ai"),
    ("api.x.ai", "x_ai"),
    ("api.together.xyz", "together"),
    ("api.fireworks.ai", "fireworks"),
    ("api.perplexity.ai", "perplexity"),
    ("api.cerebras.ai", "cerebras"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
    (".amazonaws.com", "aws.bedrock"),
)
_BY_CLASS = (
    ("Azure", "azure.ai.openai"),
    ("Bedrock", "aws.bedrock"),
    ("Vertex", "gcp.vertex_ai"),
)
_BY_LIBRARY = {
    name: name
    for name in ("openai", "anthropic", "groq", "together", "cerebras", "fireworks", "perplexity")
}
"""Whose client it is says whose API a server speaks, where its address says no more."""
_BY_PORT = {11434: "ollama", 1234: "lm_studio"}
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_INCLUDES_USAGE = (
    "api.openai.com",
    "openrouter.ai",
    "api.groq.com",
    "api.deepseek.com",
)
"""Hosts that document `stream_options.include_usage`."""


class Server(NamedTuple):
    """Whom a client talks to."""

    provider: str | None
    base_url: str | None
    host: str | None
    includes_usage: bool
    """Whether streams are known to tell their usage when they are asked to."""


def server_of(client: Any) -> Server:
    """Whom a client talks to, as far as it tells."""
    address = getattr(client, "base_url", None)
    host, port, shown = _parts(str(address)) if address is not None else (None, None, None)
    kind = type(client)
    provider = None
    for end, name in _BY_HOST:
        if host is not None and (host == end.lstrip(".") or host.endswith("." + end.lstrip("."))):
            provider = name
            break
    if provider is None:
        provider = next((name for word, name in _BY_CLASS if word in kind.__name__), None)
    if provider is None and host in _LOCAL:
        provider = _BY_PORT.get(port or 0)
    if provider is None:
        provider = _BY_LIBRARY.get(kind.__module__.partition(".")[0])
    return Server(provider, shown, host, host in _INCLUDES_USAGE)


def _parts(address: str) -> tuple[str | None, int | None, str | None]:
    """Host, port, and the address without what may be secret in it."""
    from urllib.parse import urlsplit

    try:
        url = urlsplit(address)
        host, port = url.hostname, url.port
    except ValueError:
        return None, None, None
    if host is None:
        return None, None, None
    place = f"[{host}]" if ":" in host else host
    if port is not None:
        place = f"{place}:{port}"
    return host, port, f"{url.scheme}://{place}{url.path}"
