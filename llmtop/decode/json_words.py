"""How words stand in JSON: with what is escaped in it, also in JSON within JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_SPACE = (
    rb"(?:\s|\\+[nrtfv]|\\+u(?:000[9a-dA-D]|0085|00[aA]0|20[0-9a-fA-F]{2}|3000)"
    rb"|\xc2[\x85\xa0]|\xe2\x80[\x80-\xaf]|\xe2\x81\x9f|\xe3\x80\x80)+"
)
"""What a space may be written as: also as an escaped line break, wider, and by its number."""


@lru_cache(maxsize=64)
def written(words: str) -> re.Pattern[bytes]:
    """Finds in JSON all that may be these words; it may find more, and never less.

    Upper and lower case are the same; one space stands for any white space.
    """
    return re.compile(_SPACE.join(_word(word) for word in words.split()))


def standing_in(words: str) -> Callable[[str], bool]:
    """Whether words stand in a text, which may hold JSON in which they are escaped."""
    spoken = re.compile(r"\s+".join(map(re.escape, words.split())), re.IGNORECASE)
    in_json = written(words)

    def stand_in(text: str) -> bool:
        if spoken.search(text):
            return True
        # What a tool is called with, and what it answers, is often JSON itself.
        return "\\" in text and bool(in_json.search(text.encode("utf-8", "surrogatepass")))

    return stand_in


def _word(word: str) -> bytes:
    return b"".join(_character(character) for character in word)


def _character(character: str) -> bytes:
    if character in "\"\\/'<>&":
        # Escaped or not, once or more often; these four, and signs of HTML, also by number.
        return rb"(?:\\*%b|\\+u00%02x)" % (re.escape(character.encode()), ord(character))
    ways = {character, character.lower(), character.upper(), character.casefold()}
    return b"(?:%b)" % b"|".join(sorted(_way(way) for way in ways))


def _way(text: str) -> bytes:
    return b"".join(_plain_or_by_number(character) for character in text)


def _plain_or_by_number(character: str) -> bytes:
    plain = re.escape(character.encode("utf-8", "surrogatepass"))
    if character.isascii():
        return plain
    units = character.encode("utf-16-be", "surrogatepass")
    numbers = [units[at : at + 2].hex() for at in range(0, len(units), 2)]
    escaped = b"".join(rb"\\+u" + _either_case(number) for number in numbers)
    return b"(?:%b|%b)" % (plain, escaped)


def _either_case(number: str) -> bytes:
    return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in number).encode()
