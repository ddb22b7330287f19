"""Any JSON object a line that names a model and says something of tokens, time, cost or text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from msgspec import DecodeError

from llmtop.decode import attribute_payload, attributes
from llmtop.decode.explanation import Explanation
from llmtop.decode.format import Document, Format, Unreadable, tells_of
from llmtop.decode.generic_evidence import UNANSWERED, why_not_a_call
from llmtop.decode.generic_fields import Mapped, mapped_values
from llmtop.decode.generic_fragment import finish
from llmtop.decode.generic_names import NAMES
from llmtop.decode.generic_plan import OWN, Plan, Plans
from llmtop.decode.generic_units import Units
from llmtop.decode.messages import conversation
from llmtop.decode.skimmed import skimmed
from llmtop.payload import Payload
from llmtop.span import Fragment, Span

_MOST_SAMPLES = 20
_NONE: Mapping[str, str] = {}


class Generic(Format):
    """Hand-made logs: the names that people use, at the top or in the usual objects."""

    name = "generic JSON lines"
    is_certain = False
    reads_chunks = False
    mapped: ClassVar[Mapped | None] = None
    """The user's own names of fields, from the configuration."""
    plans: ClassVar[Plans] = Plans()

    def __init__(self) -> None:
        self._paths: dict[str, dict[str, int]] = {}
        self._samples = 0
        self._units = Units()

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a model, or a request's id, and one thing more that a call has."""
        document, plan = cls.plans.of(document)
        if plan.is_of_a_convention:
            return True
        fragment = Fragment()
        rest, _ = cls._take(document, plan, fragment)
        return why_not_a_call(fragment, rest, plan, document) != ""

    @classmethod
    def may_be(cls, document: Document) -> bool:
        """Whether a record with these keys may be a call, whatever their values."""
        return cls.mapped is not None or cls.plans.of(document)[1].may_be_a_call

    def read_line(self, line: bytes, place: int) -> Sequence[Fragment] | None:
        """One line with the keys of an earlier one: of the first, every format was asked."""
        try:
            document = skimmed(line)
        except (DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return self.read_known(document, place) if type(document) is dict else None

    def read_known(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The same for a line that was decoded."""
        document, plan = self.plans.find(document)
        if plan is None or not (plan.may_be_a_call or self.mapped):
            return None
        return self._read(document, plan, place)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """One call a line, or one half of a call where the line says so."""
        document, plan = self.plans.of(document)
        return self._read(document, plan, place)

    def _read(self, document: Document, plan: Plan, place: int) -> Sequence[Fragment] | None:
        fragment = Fragment(place=place)
        paths: Mapping[str, str] = _NONE
        if self.mapped is not None or plan.is_of_a_convention:
            rest, paths = self._take(document, plan, fragment)
        else:
            rest = plan.read(document, fragment)
        reason = why_not_a_call(fragment, rest, plan, document)
        if reason is not None and not plan.is_of_a_convention:
            if reason:
                raise Unreadable(reason)
            return None
        if "duration_untold" in rest or "ttft_untold" in rest:
            self._tell_units(fragment, rest, plan, paths)
        if self._samples < _MOST_SAMPLES:
            self._note(paths, plan, document)
        if not finish(fragment, rest, plan, document):
            raise Unreadable(UNANSWERED)
        return (fragment,)

    def _tell_units(
        self, fragment: Fragment, rest: dict[str, Any], plan: Plan, paths: Mapping[str, str]
    ) -> None:
        for field in ("duration", "ttft"):
            untold = f"{field}_untold"
            if untold in rest and getattr(fragment, field) is None:
                path = paths.get(untold) or plan.places[untold][0].path
                setattr(fragment, field, self._units.seconds(path, rest[untold]))

    @classmethod
    def _take(
        cls, document: Document, plan: Plan, fragment: Fragment
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Put into a fragment what a record tells; what else it tells, and the user's paths."""
        if plan.is_of_a_convention:
            attributes.apply(fragment, document)
        rest = plan.read(document, fragment)
        paths: dict[str, str] = {}
        for field, value, path in mapped_values(document, cls.mapped or {}):
            paths[field] = path
            if field in OWN:
                setattr(fragment, field, value)
            else:
                rest[field] = value
        return rest, paths

    def _note(self, paths: Mapping[str, str], plan: Plan, document: Document) -> None:
        self._samples += 1
        for field in dict.fromkeys((*paths, *plan.places)):
            place = plan.place(field, document)
            path = paths.get(field) or (None if place is None else place.path)
            if path is not None:
                counts = self._paths.setdefault(field, {})
                counts[path] = counts.get(path, 0) + 1

    def explain(self) -> Explanation:
        """What was taken for what, in the first records."""
        found = []
        for field in (*NAMES, "duration", "ttft"):
            for told in (field, f"{field}_untold"):
                counts = self._paths.get(told)
                if counts:
                    path = max(counts, key=lambda each: counts[each])
                    said = path if told == field else f"{path}, {self._units.said(path)}"
                    found.append((field, said))
                    break
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
        document, plan = self.plans.of(document)
        if plan.is_of_a_convention:
            attribute_payload.fill(payload, document)
            return
        rest, paths = self._take(document, plan, Fragment())
        shown: set[str | None] = set()
        for field, role in (("input", "user"), ("output", "assistant")):
            if field in rest:
                place = plan.place(field, document)
                shown.add(paths.get(field) or (None if place is None else place.path))
                said = conversation(rest[field], role)
                setattr(payload, field, getattr(payload, field) + said)
        left = {name: value for name, value in document.items() if name not in shown}
        attribute_payload.fill(payload, left)


def mapped_generic(mapped: Mapped) -> type[Generic]:
    """The format with a user's own names."""

    class MappedGeneric(Generic):
        """Hand-made logs, with names from the configuration."""

    MappedGeneric.mapped = mapped
    return MappedGeneric
