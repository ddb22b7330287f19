"""Adds a term to a filter, or takes it away again when it is there already."""

from __future__ import annotations

import re


def toggled(text: str, term: str) -> str:
    """The filter `text` with `term` in it; without it if it stood there by itself.

    A term of the same key that stands at the top is replaced: there is no call of two models.
    """
    key = term.partition(":")[0]
    words = top_words(text)
    if words is None:
        return f"({text}) {term}"
    kept = [word for word in words if not word.startswith(f"{key}:")]
    if term not in words:
        kept.append(term)
    return " ".join(kept)


def top_words(text: str) -> list[str] | None:
    """The words of a filter that must all hold, or `None` if it has an `or` at the top."""
    words: list[str] = []
    depth = 0
    quoted = False
    word = ""
    for char in text:
        if char == '"':
            quoted = not quoted
        if not quoted:
            depth += {"(": 1, ")": -1}.get(char, 0)
        if char.isspace() and not quoted and depth == 0:
            words.append(word)
            word = ""
        else:
            word += char
    words = [each for each in [*words, word] if each]
    if any(each.lower() == "or" or each.startswith("|") or each.endswith("|") for each in words):
        return None
    return words


def term(key: str, value: str) -> str:
    """`key:value`, quoted where the value needs it."""
    plain = value.replace('"', "")
    return f'{key}:"{plain}"' if re.search(r'[\s()|"]', value) else f"{key}:{plain}"


def seconds(low: float, high: float) -> str:
    """A range of lengths of time as the filter says it: `latency:250ms..1.5s`."""
    return f"latency:{_length(low)}..{_length(high)}"


def _length(value: float) -> str:
    return f"{value:.10g}s" if value >= 1 else f"{value * 1000:.10g}ms"
