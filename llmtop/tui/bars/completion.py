"""What tab puts in the place of the term at the cursor, and goes on to when pressed again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from llmtop.filter import suggestions
from llmtop.tui.safe_text import safe


class Completion(NamedTuple):
    """A text in which one of the terms offered stands."""

    before: str
    after: str
    offered: tuple[str, ...]
    at: int
    """Which one of them."""

    @property
    def _chosen(self) -> str:
        chosen = _quoted(self.offered[self.at])
        return chosen + ("" if chosen.endswith(":") or self.after.startswith(" ") else " ")

    @property
    def text(self) -> str:
        """The whole text."""
        return self.before + self._chosen + self.after

    @property
    def cursor(self) -> int:
        """Where the cursor stands: behind the term."""
        return len(self.before + self._chosen)

    @property
    def goes_round(self) -> bool:
        """Whether there is another value; a key is followed by its values instead."""
        return len(self.offered) > 1 and not self._chosen.endswith(":")

    def step(self, by: int) -> Completion:
        """With the term offered after it, or before."""
        return self._replace(at=(self.at + by) % len(self.offered))

    def others(self) -> tuple[str, ...]:
        """The terms that follow, round to the one before."""
        return self.offered[self.at + 1 :] + self.offered[: self.at]


def offered(text: str, cursor: int, values: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """What the term at the cursor can become, other than what it is."""
    term = text[term_start(text, cursor) : cursor]
    return tuple(each for each in suggestions(text, cursor, values) if each != term)


def completed(text: str, cursor: int, terms: tuple[str, ...]) -> Completion:
    """The text with the first of some terms in the place of the one at the cursor."""
    return Completion(text[: term_start(text, cursor)], text[cursor:], terms, 0)


def term_start(text: str, cursor: int) -> int:
    """Where the term begins in which the cursor stands, after its `-`."""
    start = max(text.rfind(" ", 0, cursor), text.rfind("(", 0, cursor)) + 1
    return start + text[start:cursor].startswith("-")


def can_be_typed(value: str) -> bool:
    """Whether a value of a log may be put into the input: it says what it shows, on one line."""
    return value.isprintable() and safe(value) == value and '"' not in value


def _quoted(term: str) -> str:
    key, colon, value = term.partition(":")
    return f'{key}{colon}"{value}"' if set(value) & set(" ()|") else term
