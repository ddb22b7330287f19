"""A model, or what else costs are of, as a term of the filter language, whatever it is called."""

from __future__ import annotations

import re

from llmtop.filter_terms import ALIASES

_ODD_SPACE = re.compile(r"^\s|\s$|\s\s|[^\S ]")
_NEEDS_QUOTES = re.compile(r"[\s()|]")
_UNSAYABLE = re.compile(r"[\s,\"*?=\[\]]")


def model_term(model: str | None, provider: str | None = None) -> str:
    """The term that the calls of a model pass: of one provider only, if one is given."""
    of_model = _exactly("model", model)
    return of_model if provider is None else f"({of_model} {_exactly('provider', provider)})"


def group_term(group: str, name: str | None) -> str:
    """The term that the calls of a session, a user and the like pass."""
    return _exactly(ALIASES.get(group, group), name)


def _exactly(key: str, value: str | None) -> str:
    """`key:=value`; what the language cannot say is one character of any kind."""
    if not value:
        return f"-{key}:?*"
    unsayable = '"' in value or _ODD_SPACE.search(value)
    said = _UNSAYABLE.sub("?", value) if unsayable else f"={value}"
    return f'{key}:"{said}"' if _NEEDS_QUOTES.search(said) else f"{key}:{said}"
