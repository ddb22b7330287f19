"""Names of providers in OpenTelemetry's words, and which of them are the user's own machine."""

from __future__ import annotations

import re
from functools import lru_cache

from llmtop.decode.values import text

_PROVIDERS = {
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "together": "together_ai",
    "togetherai": "together_ai",
    "vertex.anthropic": "gcp.vertex_ai",
    "azure": "azure.ai.openai",
    "az.ai.openai": "azure.ai.openai",
    "azure_openai": "azure.ai.openai",
    "az.ai.inference": "azure.ai.inference",
    "aws": "aws.bedrock",
    "bedrock": "aws.bedrock",
    "amazon": "aws.bedrock",
    "google": "gcp.gemini",
    "gemini": "gcp.gemini",
    "google_genai": "gcp.gemini",
    "vertex_ai": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "xai": "x_ai",
    "google.generative-ai": "gcp.gemini",
    "google.vertex": "gcp.vertex_ai",
    "azure-openai": "azure.ai.openai",
    "amazon-bedrock": "aws.bedrock",
    "googleai": "gcp.gemini",
    "google.ai.studio": "gcp.gemini",
}
_FRAMEWORKS = frozenset(
    {
        "ag2",
        "agent_framework",
        "agno",
        "autogen",
        "crewai",
        "dspy",
        "gateway",
        "gcp.vertex.agent",
        "genkit",
        "haystack",
        "langchain",
        "langgraph",
        "llama_index",
        "llamaindex",
        "mastra",
        "microsoft.agent_framework",
        "pydantic-ai",
        "pydantic_ai",
        "semantic_kernel",
        "smolagents",
        "spring_ai",
        "strands",
        "strands-agents",
        "voltagent",
    }
)
"""Frameworks that name themselves where the provider belongs."""
_UNKNOWN = frozenset({"unknown", "_other", "none"})
_APIS = frozenset({"chat", "responses", "embedding", "completion", "messages", "image"})
"""Which of a provider's interfaces is called, as the Vercel AI SDK adds it to the name."""
_LOCAL_PROVIDERS = frozenset(
    {"ollama", "vllm", "llamacpp", "llama.cpp", "lmstudio", "lm_studio", "sglang", "localai", "tgi"}
)
UNSETTLED = _LOCAL_PROVIDERS | _FRAMEWORKS
"""Names of providers that say more, or less, than who serves the model."""


def provider(value: object) -> str | None:
    """A provider's name, in OpenTelemetry's words where it has some."""
    told = text(value)
    return None if told is None else _provider(told)


@lru_cache(maxsize=1024)
def _provider(told: str) -> str | None:
    name = told.strip().lower().replace(" ", "_")
    if name in _UNKNOWN:
        return None
    start, _, api = name.rpartition(".")
    if start and api in _APIS:
        name = start
    return _PROVIDERS.get(name, name) or None


_SERVED = re.compile(
    r"(?:arn:aws[\w-]*:bedrock:.*|(?:(?:us|eu|apac|jp|au|ca|global|us-gov)\.)?"
    r"(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen|stability|twelvelabs|writer)"
    r"\.[\w.:-]+)\Z"
)
"""Models as Bedrock names them: vendor, dot, model."""
_MADE = (
    (re.compile(r"claude-"), "anthropic"),
    (re.compile(r"(?:models/)?gemini-"), "gcp.gemini"),
    (re.compile(r"gpt-(?!oss)|chatgpt-|o[134](?:-|\Z)|text-embedding-[3a]|ft:gpt-"), "openai"),
    (re.compile(r"(?:mistral|ministral|magistral|codestral|pixtral)-"), "mistral_ai"),
    (re.compile(r"grok-"), "x_ai"),
    (re.compile(r"command-"), "cohere"),
)
"""Beginnings of models' names that only one vendor uses for what it serves itself."""


@lru_cache(maxsize=1024)
def of_model(model: str) -> str | None:
    """Who serves a model, where its name leaves no doubt: `gpt-4o`, `anthropic/claude-…`."""
    name = model.lower()
    if _SERVED.match(name):
        return "aws.bedrock"
    for beginning, vendor in _MADE:
        if beginning.match(name):
            return vendor
    route, slash, _ = name.partition("/")
    served = _provider(route) if slash else None
    return served if served in _ROUTES else None


_ROUTES = frozenset(
    {
        *_PROVIDERS.values(),
        *_LOCAL_PROVIDERS,
        "anthropic",
        "cohere",
        "deepseek",
        "fireworks_ai",
        "groq",
        "openai",
        "openrouter",
        "perplexity",
        "together_ai",
    }
)
"""Providers that routers write before a model's name."""


def is_local_provider(name: str | None) -> bool:
    """Whether a provider's name is that of a server on the user's own machine."""
    return name in _LOCAL_PROVIDERS


_LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]", "::1", "0.0.0.0", "host.docker.internal")  # noqa: S104 - names of hosts, nothing is bound


@lru_cache(maxsize=4096)
def is_hosted_model(name: str) -> bool:
    """Whether a model is served by its maker alone: at a local address there is a proxy."""
    return _HOSTED.match(name.lower()) is not None


_HOSTED = re.compile(
    r"(?:\w+/)*(?:gpt-[345]|chatgpt|o[134](?:-|\Z)|text-embedding-[3a]|claude|gemini|grok|command-r)"
)


def is_local_address(value: object) -> bool:
    """Whether a server's address or URL is on the user's own machine."""
    told = text(value)
    return told is not None and _is_local_host(told)


@lru_cache(maxsize=1024)
def _is_local_host(told: str) -> bool:
    host = told.split("://", 1)[-1].split("/", 1)[0].lower()
    return any(host == name or host.startswith(f"{name}:") for name in _LOCAL_HOSTS)
