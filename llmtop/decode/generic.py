"""Any JSON object a line that names a model and says something of tokens, time, cost or text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec import DecodeError, Raw, json

from llmtop.decode import attribute_payload, attributes, errors, operations, providers, usage
from llmtop.decode.explanation import Explanation
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.generic_fields import Mapped, Shapes, Taken, taken
from llmtop.decode.generic_names import NAMES, canonical
from llmtop.decode.messages import conversation
from llmtop.decode.shapes import SKIPPED
from llmtop.decode.values import number, shown, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_BOTH = _OPENED | _ENDED
_STREAM = int(Flag.STREAM)
_LOCAL = int(Flag.LOCAL)

_MOST_SAMPLES = 20
_LONG = 100
_CONTENT = frozenset({*NAMES["input"], *NAMES["output"]})
_objects = json.Decoder(dict[str, Raw])
_TELLING = ("input_tokens", "output_tokens", "total_tokens", "cost", "duration", "ttft", "input",
            "output", "error", "error_type")  # fmt: skip
_OPENING_WORDS = ("request", "start", "begin", "sent", "sending", "calling")
_ENDING_WORDS = ("response", "complet", "finish", "end", "done", "error", "fail", "received", "ok",
                 "retry")  # fmt: skip
_LOGGERS = frozenset({"levelname", "level", "logger", "record", "severity", "logger_name"})
_CONVENTIONS = frozenset({"gen_ai.request.model", "gen_ai.response.model", "llm.model_name",
                "openinference.span.kind", "llm.token_count.prompt"})  # fmt: skip
"""Attributes of a span that someone wrote out as an object of its own."""


class Generic(Format):
    """Hand-made logs: the names that people use, at the top or in the usual objects."""

    name = "generic JSON lines"
    mapped: ClassVar[Mapped | None] = None
    """The user's own names of fields, from the configuration."""

    def __init__(self) -> None:
        self._paths: dict[str, dict[str, int]] = {}
        self._samples = 0
        self._shapes = Shapes(self.mapped)

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a model, or a request's id, and one thing more that a call has."""
        return _tells_of_a_call(taken(document, cls.mapped), document)

    def read_line(self, line: bytes, place: int) -> Sequence[Fragment] | None:
        """One line; long texts of prompts and answers are passed over undecoded."""
        try:
            document = {
                name: SKIPPED if name in _CONTENT and _is_long_text(raw) else json.decode(raw)
                for name, raw in _objects.decode(line).items()
            }
        except (DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return self.read(document, place)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """One call a line, or one half of a call where the line says so."""
        found = self._shapes.taken(document)
        if not _tells_of_a_call(found, document):
            return None
        told = found.values
        if "name" in told and not _LOGGERS.isdisjoint(document):
            # It names the logger.
            del told["name"]
        if self._samples < _MOST_SAMPLES:
            self._note(found)
        fragment = Fragment(place=place)
        if not _CONVENTIONS.isdisjoint(document):
            attributes.apply(fragment, document)
        for field, value in told.items():
            if field in _TEXT_FIELDS:
                setattr(fragment, field, text(value))
        if "finish_reason" in told:
            fragment.finish_reason = attributes.finish_reason(told["finish_reason"])
        fragment.provider = providers.provider(told.get("provider")) or fragment.provider
        operation = operations.operation(told.get("operation")) or fragment.operation
        fragment.operation = operation if operation not in {None, "other"} else "chat"
        _count(fragment, found)
        fragment.cost = number(told.get("cost"))
        fragment.duration = told.get("duration")
        fragment.ttft = told.get("ttft", fragment.ttft)
        _time(fragment, told, document)
        _outcome(fragment, told)
        if told.get("stream") in (True, "true"):
            fragment.flags |= _STREAM
        if providers.is_local_provider(fragment.provider) or providers.is_local_address(
            told.get("base_url")
        ):
            fragment.flags |= _LOCAL
        return (fragment,)

    def _note(self, found: Taken) -> None:
        self._samples += 1
        for field, path in found.paths.items():
            if field not in found.values:
                continue
            counts = self._paths.setdefault(field, {})
            counts[path] = counts.get(path, 0) + 1

    def explain(self) -> Explanation:
        """What was taken for what, in the first records."""
        found = []
        for field in (*NAMES, "duration", "ttft"):
            counts = self._paths.get(field)
            if counts:
                path = max(counts, key=lambda each: counts[each])
                found.append((field, path))
        return Explanation(self.name, self._confidence(), tuple(found))

    def _confidence(self) -> str:
        """How sure it is that these are calls, from what they tell."""
        told = self._paths
        if "model" in told and ("input_tokens" in told or "output_tokens" in told):
            return "likely: records name a model and count tokens"
        if "model" in told:
            return "a guess: records name a model, and tell no tokens"
        return "a guess: records tell of requests, and name no model"

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Prompt and answer under whichever names they have, and the rest as attributes."""
        if not any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            return
        if not _CONVENTIONS.isdisjoint(document):
            attribute_payload.fill(payload, document)
            return
        told = taken(document, self.mapped)
        if "input" in told.values:
            payload.input += conversation(told.values["input"])
        if "output" in told.values:
            payload.output += conversation(told.values["output"], "assistant")
        shown_paths = {told.paths.get("input"), told.paths.get("output")}
        rest = {name: value for name, value in document.items() if name not in shown_paths}
        attribute_payload.fill(payload, rest)


_TEXT_FIELDS = frozenset(
    {
        "model",
        "response_model",
        "request_id",
        "response_id",
        "trace_id",
        "span_id",
        "parent_id",
        "user_id",
        "session_id",
        "agent",
        "name",
        "error_type",
    }
)


def mapped_generic(mapped: Mapped) -> type[Generic]:
    """The format with a user's own names."""

    class MappedGeneric(Generic):
        """Hand-made logs, with names from the configuration."""

    MappedGeneric.mapped = mapped
    return MappedGeneric


def _is_long_text(raw: Raw) -> bool:
    told = memoryview(raw)
    return len(told) > _LONG and told[0] == _QUOTE


_QUOTE = b'"'[0]


def _tells_of_a_call(found: Taken, document: Document) -> bool:
    told = found.values
    if not _CONVENTIONS.isdisjoint(document):
        return True
    if "model" in told or "response_model" in told:
        return (
            "request_id" in told
            or any(name in told for name in _TELLING)
            or ("start" in told and "end" in told)
        )
    if "request_id" in told:
        return any(name in told for name in ("input_tokens", "output_tokens", "cost", "ttft"))
    return False


def _count(fragment: Fragment, found: Taken) -> None:
    """Token counts; Anthropic's names tell that input tokens leave out cached ones."""
    told = found.values
    for field in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
                  "reasoning_tokens"):  # fmt: skip
        if told.get(field) is not None:
            setattr(fragment, field, told[field])
    total = told.get("total_tokens")
    if total is not None and fragment.input_tokens is not None and fragment.output_tokens is None:
        fragment.output_tokens = max(0, total - fragment.input_tokens)
    if fragment.reasoning_tokens and fragment.output_tokens is not None:
        name = canonical(found.paths.get("output_tokens", "").rpartition(".")[2])
        if name == "candidates_token_count":
            # Gemini's answer leaves out what the model thought.
            fragment.output_tokens += fragment.reasoning_tokens
    if fragment.cache_read_tokens or fragment.cache_write_tokens:
        if fragment.input_tokens is not None and _leaves_out_cached(found):
            fragment.input_tokens += (fragment.cache_read_tokens or 0) + (
                fragment.cache_write_tokens or 0
            )
        else:
            usage.include_cache(fragment)


def _leaves_out_cached(found: Taken) -> bool:
    names = [
        canonical(found.paths.get(field, "").rpartition(".")[2])
        for field in ("input_tokens", "cache_read_tokens", "cache_write_tokens")
    ]
    return names[0] == "input_tokens" and not _ANTHROPIC.isdisjoint(names[1:])


_ANTHROPIC = frozenset({"cache_read_input_tokens", "cache_creation_input_tokens"})


def _time(fragment: Fragment, told: Mapping[str, Any], document: Document) -> None:
    moment = told.get("time")
    fragment.start = told.get("start", fragment.start)
    fragment.end = told.get("end", fragment.end)
    half = _half(told, document, fragment)
    if half == "request":
        fragment.flags |= _OPENED
        fragment.start = fragment.start or moment
    elif half == "response":
        fragment.flags |= _ENDED
        fragment.end = fragment.end or moment
        # What a response names is the model that answered, whichever half is read first.
        fragment.response_model = fragment.response_model or fragment.model
        fragment.model = None
    else:
        fragment.flags |= _BOTH
        if fragment.end is None and (fragment.start is None or fragment.duration is None):
            fragment.end = moment


def _outcome(fragment: Fragment, told: Mapping[str, Any]) -> None:
    if not fragment.flags & _ENDED:
        return
    status = told.get("status")
    if isinstance(status, bool):
        fragment.status = "ok" if status else "error"
    else:
        code = number(status)
        if code is not None and 100 <= code < 600:
            fragment.status = "error" if code >= 400 else "ok"
            if code >= 400:
                fragment.error_type = fragment.error_type or str(int(code))
        elif status is not None:
            fragment.status = errors.status(status)
    error = told.get("error")
    if error not in (None, False, "", [], {}, "None", "null", "false"):
        fragment.status = "error"
        kind, fragment.error_message = errors.told(error)
        fragment.error_type = fragment.error_type or kind
    elif fragment.error_type is not None:
        fragment.status = "error"
    fragment.status = fragment.status or "ok"


def _half(told: Mapping[str, Any], document: Document, fragment: Fragment) -> str | None:
    """Whether a line tells only the request or only the response of a call."""
    if fragment.request_id is None and fragment.span_id is None:
        return None
    answered = any(
        name in told
        for name in ("output_tokens", "total_tokens", "duration", "output", "error", "cost", "ttft")
    ) or (fragment.finish_reason is not None)
    words = " ".join(
        shown(document[name]).lower()
        for name in ("event", "type", "message", "msg", "kind", "phase")
        if isinstance(document.get(name), str)
    )
    if answered:
        if "input" in told or fragment.start is not None:
            return None
        return "response"
    if any(word in words for word in _ENDING_WORDS) and not any(
        word in words for word in _OPENING_WORDS
    ):
        return "response"
    return "request"
