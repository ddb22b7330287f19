"""The filter language: `model:gpt-4o status:error latency:>2s` becomes a predicate on spans."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from llmtop.filter_terms import (
    ALIASES,
    KEYS,
    STATUSES,
    Contents,
    Predicate,
    looks_inside,
    term,
)
from llmtop.filter_terms import ELSEWHERE as ELSEWHERE
from llmtop.filter_terms import FilterError as FilterError
from llmtop.filter_terms import status_of as status_of


class Filter:
    """A filter that was understood; two are equal if their texts are."""

    __slots__ = ("matches", "text")

    def __init__(self, text: str, matches: Predicate) -> None:
        self.text = text
        self.matches = matches

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Filter) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Filter({self.text!r})"


def parse(text: str, contents: Contents | None = None) -> Filter:
    """Understand a filter.

    Words must all be found in what identifies a call; `key:value` looks at one field; `-` or
    `not` turns a term round; `or` (`|`) and parentheses combine. Raises FilterError, also for
    `text:` where there are no contents to look into.
    """
    parser = _Parser(_tokens(text), contents)
    return Filter(" ".join(text.split()), parser.whole())


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<open>-?\() | (?P<close>\)) | (?P<or>\|\|?) |
      (?P<term>-?(?:[A-Za-z_]+:)?(?:"[^"]*"|[^\s()|"]+)(?:"[^"]*"|[^\s()|"])*)
    )""",
    re.VERBOSE,
)
_MOST_TERMS = 200


def _tokens(text: str) -> list[_Token]:
    found = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at, end)
        if match is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            if text[start:].lstrip("-").startswith('"') or '"' in text[start:]:
                raise FilterError("a quotation mark is not closed", text.index('"', start))
            raise FilterError(f"{text[start]!r} is not understood here", start)
        kind = str(match.lastgroup)
        found.append(_Token(kind, match.group(kind), match.start(kind)))
        at = match.end()
        if len(found) > _MOST_TERMS:
            raise FilterError(f"a filter has at most {_MOST_TERMS} terms", at)
    return found


class _Parser:
    """Reads `term term or term`, where words that stand beside each other must all hold."""

    def __init__(self, tokens: list[_Token], contents: Contents | None) -> None:
        self._tokens = tokens
        self._contents = contents
        self._at = 0

    def whole(self) -> Predicate:
        found = self._either(0)
        if self._at < len(self._tokens):
            raise FilterError("this parenthesis was not opened", self._tokens[self._at].position)
        return found

    def _either(self, depth: int) -> Predicate:
        found = [self._all(depth)]
        while self._is_or():
            self._at += 1
            if self._at >= len(self._tokens) or self._tokens[self._at].kind == "close":
                position = self._tokens[self._at - 1].position
                raise FilterError("something must follow `or`", position)
            found.append(self._all(depth))
        if len(found) == 1:
            return found[0]
        return lambda span: any(part(span) for part in found)

    def _is_or(self) -> bool:
        if self._at >= len(self._tokens):
            return False
        token = self._tokens[self._at]
        return token.kind == "or" or (token.kind == "term" and token.text.lower() == "or")

    def _all(self, depth: int) -> Predicate:
        found: list[Predicate] = []
        inside: list[Predicate] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.kind == "close" or self._is_or():
                break
            self._at += 1
            if token.kind == "term" and token.text.lower() == "and":
                continue
            # Texts are looked into last, for the calls that all else lets through.
            (inside if looks_inside(token.text) else found).append(self._one(token, depth))
        found += inside
        if not found and self._is_or():
            raise FilterError("something must stand before `or`", self._tokens[self._at].position)
        if len(found) == 1:
            return found[0]
        return lambda span: all(part(span) for part in found)

    def _one(self, token: _Token, depth: int) -> Predicate:
        if token.kind == "open":
            inner = self._group(token, depth)
            return _negated(inner) if token.text.startswith("-") else inner
        text, position = token.text, token.position
        if text.lower() == "not":
            if self._at >= len(self._tokens):
                raise FilterError("something must follow `not`", position)
            following = self._tokens[self._at]
            if following.kind in {"close", "or"}:
                raise FilterError("something must follow `not`", position)
            self._at += 1
            return _negated(self._one(following, depth))
        if text.startswith("-") and len(text) > 1:
            return _negated(term(text[1:], position + 1, self._contents))
        return term(text, position, self._contents)

    def _group(self, token: _Token, depth: int) -> Predicate:
        if depth > 40:
            raise FilterError("parentheses are nested too deeply", token.position)
        inner = self._either(depth + 1)
        if self._at >= len(self._tokens):
            raise FilterError("this parenthesis is not closed", token.position)
        self._at += 1
        return inner


def _negated(inner: Predicate) -> Predicate:
    return lambda span: not inner(span)


MOST_SUGGESTIONS = 30


def suggestions(text: str, cursor: int, values: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """What the term at the cursor can become: keys, or the values known for its key."""
    start = max(text.rfind(" ", 0, cursor), text.rfind("(", 0, cursor)) + 1
    term = text[start:cursor].lstrip("-")
    key, colon, value = term.partition(":")
    if not colon:
        return tuple(f"{name}:" for name in KEYS if key and name.startswith(key.lower()))
    known = ALIASES.get(key.lower(), key.lower())
    choices = sorted(STATUSES if known == "status" else values.get(known, ()))
    wanted = value.lower().lstrip('"')
    fitting = [choice for choice in choices if choice.lower().startswith(wanted)] or [
        choice for choice in choices if wanted in choice.lower()
    ]
    return tuple(f"{key}:{choice}" for choice in fitting[:MOST_SUGGESTIONS])
