"""Records within what carried them: a logger's text, a container's log, an export's list.

Whoever ships logs writes its own object around each line, and keeps the line as a text; loggers
put a time and a level before it. Only what stands to the end of a text is taken for a record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import DecodeError, json

from llmtop.decode.generic_names import NAMES, canonical
from llmtop.span import Fragment

MOST_WRAPPERS = 3
"""How deep a record may be within what carried it."""
_DEEPEST_ARRAY = 4
_LONGEST_PREFIX = 250
_BRACKETED = re.compile(r"\[[^\]\[{}\"]{0,80}\]")
_GUIDES_WORD = re.compile(r"\b(LLM_(?:REQUEST|RESPONSE|SPAN))\W*\Z")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_GRAVE = re.compile(r"\b(?:ERROR|CRITICAL|FATAL)\b", re.IGNORECASE)
_TIMES = (*NAMES["time"], "_time", "__realtime_timestamp", "ingestion_time")
_TEXTS = ("log", "message", "MESSAGE", "@message", "msg", "line", "textPayload", "_raw", "event",
          "Message")  # fmt: skip
"""Where shippers of logs keep a line."""
_OBJECTS = ("_source", "jsonPayload", "json", "log", "result")
"""Where they keep a line that they decoded."""
_LISTS = ("results", "data", "records", "items", "logs", "entries", "events", "calls", "rows",
          "hits", "requests", "result", "llm_calls", "interactions")  # fmt: skip
"""Where exports keep their records."""
_WRAPPERS = frozenset({*_TEXTS, *_OBJECTS, *_LISTS})


def record_in_text(line: bytes | str) -> dict[str, Any] | None:
    """The object that a line of text ends with, with the time and the level told before it."""
    if isinstance(line, bytes):
        if line.find(b"{", 0, _LONGEST_PREFIX) < 0:
            return None
        line = line.decode("utf-8", "replace")
    text = line.rstrip()
    brace = text.find("{", 0, _LONGEST_PREFIX)
    if brace < 0 or not text.endswith("}"):
        return None
    prefix = text[:brace]
    if '"' in prefix or "[" in _BRACKETED.sub("", prefix):
        # A part of a document that is laid out over lines.
        return None
    try:
        inner = json.decode(text[brace:].encode("utf-8", "surrogatepass"))
    except (DecodeError, UnicodeError, RecursionError):
        return None
    if not isinstance(inner, dict):
        return None
    word = _GUIDES_WORD.search(prefix)
    if word is not None:
        inner = {"message": word.group(1), "llm_log": inner}
    moment = _MOMENT.search(prefix)
    if _GRAVE.search(prefix):
        inner.setdefault("level", "error")
    return _with_time(inner, None if moment is None else moment.group())


def records_in(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What a document of no known format carries: a record, or the records of a list."""
    if _WRAPPERS.isdisjoint(document):
        return
    for name in _TEXTS:
        text = document.get(name)
        if type(text) is str and "{" in text[:_LONGEST_PREFIX]:
            found = record_in_text(text)
            if found is not None:
                yield with_time_of(document, found)
                return
    for name in _LISTS:
        records = _list_at(document.get(name), name)
        if records:
            yield from records
            return
    for name in _OBJECTS:
        inner = document.get(name)
        if type(inner) is dict and inner:
            yield with_time_of(document, inner)
            return


def carrier_of(document: Mapping[str, Any]) -> str | None:
    """The key of the text that is all of a record, if a document carries one so."""
    for name in _TEXTS:
        text = document.get(name)
        if type(text) is str and text[:1] == "{":
            return name
    return None


def with_time_of(document: Mapping[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
    """A record with the moment at which a document carried it, if it does not tell its own."""
    return inner if _time_of(inner) is not None else _with_time(inner, _time_of(document))


def _list_at(value: Any, name: str) -> list[dict[str, Any]]:
    """The objects of a list, which some exports have in an object of the same name."""
    if type(value) is dict and type(value.get(name)) is list:
        value = value[name]
    return [each for each in value if type(each) is dict] if type(value) is list else []


def _time_of(document: Mapping[str, Any]) -> Any:
    for key, value in document.items():
        if value is not None and canonical(key) in _TIMES and type(value) is not dict:
            return value
    return None


def _with_time(inner: dict[str, Any], moment: Any) -> dict[str, Any]:
    """The record, with the moment at which it was carried if it does not tell its own."""
    if moment is None or _time_of(inner) is not None:
        return inner
    return {**inner, "timestamp": moment}


def objects_of(values: list[Any], depth: int = 0) -> Iterator[dict[str, Any]]:
    """The objects of an array; recorders of calls write labels and arrays around them."""
    for value in values:
        if isinstance(value, dict):
            yield value
        elif isinstance(value, list) and depth < _DEEPEST_ARRAY:
            yield from objects_of(value, depth + 1)


def numbered(told: Sequence[Fragment], at: int, index: int) -> Sequence[Fragment]:
    """What one of several records at a place tells; without an id the number tells it apart."""
    for fragment in told:
        if fragment.span_id is None and fragment.request_id is None:
            fragment.span_id = f"@{at}.{index}"
    return told
