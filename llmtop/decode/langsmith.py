"""LangSmith's runs: batches of `post` and `patch`, and exported runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmtop.decode import errors, export_shapes, langsmith_calls, providers
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.found_documents import texts_of
from llmtop.decode.messages import conversation
from llmtop.decode.timestamps import utc_time
from llmtop.decode.values import mapping, text
from llmtop.payload import Payload
from llmtop.span import CALL_OPERATIONS, Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)

_OPERATIONS = {
    "llm": "chat",
    "embedding": "embeddings",
    "retriever": "retrieval",
    "tool": "execute_tool",
    "chain": "chain",
    "prompt": "other",
    "parser": "other",
}
_GIVEN_UP = frozenset({"CancelledError", "AbortError", "KeyboardInterrupt", "GeneratorExit"})
"""Errors by which a program ends a run that it does not want any more."""

Run = Mapping[str, Any]


class LangSmith(Format):
    """A run is told in two parts, which share the last of the ids in their `dotted_order`."""

    name = "LangSmith"
    shape = export_shapes.LANGSMITH

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a run's order in its trace or its type, or by a batch or page of such runs."""
        for name in ("post", "patch", "runs"):
            listed = document.get(name)
            if isinstance(listed, list):
                return any(map(_is_run, listed))
        return _is_run(document)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """A fragment a run and part."""
        return [_fragment(run, part, place) for run, part in _runs(document)]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Inputs, outputs and metadata of one run."""
        for run, part in _runs(document):
            if tells_of(_fragment(run, part, span.opened_at), span):
                if not payload.input:
                    payload.input += conversation(_alone(run.get("inputs")))
                outputs = run.get("outputs")
                if outputs:
                    payload.output = conversation(_said(outputs), "assistant")
                extra = mapping(run.get("extra"))
                payload.parameters.update(mapping(extra.get("invocation_params")))
                payload.attributes.update(_metadata(run))
                if run.get("tags"):
                    payload.attributes["tags"] = run["tags"]


def _is_run(run: object) -> bool:
    if not isinstance(run, dict):
        return False
    if "dotted_order" in run:
        return "run_type" in run or "end_time" in run or "trace_id" in run
    return "run_type" in run and "start_time" in run and not _BESIDE.isdisjoint(run)


_BESIDE = frozenset({"inputs", "outputs", "trace_id", "parent_run_id", "session_name"})
"""What else a run says, of which the platform is asked for as much as is wanted."""


def _runs(document: Document) -> Iterator[tuple[Run, str]]:
    batch = False
    for part in ("post", "patch", "runs"):
        listed = document.get(part)
        if isinstance(listed, list):
            batch = True
            for run in listed:
                yield from _with_children(run, part)
    if not batch:
        yield from _with_children(document, "whole")


def _with_children(run: object, part: str) -> Iterator[tuple[Run, str]]:
    """A run and the runs within it; they are told once more where they stand by themselves."""
    waiting = [run]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield each, part
            children = each.get("child_runs")
            if isinstance(children, list):
                waiting += reversed(children)


def _metadata(run: Run) -> Mapping[str, Any]:
    extra = run.get("extra")
    if type(extra) is dict:
        told = extra.get("metadata")
        if type(told) is dict and told:
            return told
    return mapping(mapping(extra).get("metadata")) or mapping(run.get("metadata"))


def _fragment(run: Run, part: str, place: int) -> Fragment:
    of = run.get
    span_id, trace_id, parent_id = _ids(run)
    hidden = _metadata(run)
    end, start = utc_time(of("end_time")), utc_time(of("start_time"))
    kind, model = text(of("run_type")), text(hidden.get("ls_model_name"))
    if kind is None:
        operation = None if model is None else "chat"
    else:
        operation = _OPERATIONS.get(kind) or _OPERATIONS.get(kind.lower(), "other")
    fragment = Fragment(
        span_id=span_id,
        trace_id=trace_id,
        parent_id=parent_id,
        name=text(of("name")),
        operation=operation,
        model=model,
        start=start,
        end=end,
        flags=(_OPENED if part == "post" or start is not None else 0)
        | (_ENDED if end is not None else 0),
        place=place,
    )
    if hidden:
        fragment.provider = providers.provider(hidden.get("ls_provider"))
        fragment.user_id = text(hidden.get("user_id"))
    for name in _SESSIONS:
        if name in hidden:
            fragment.session_id = text(hidden[name])
            break
    else:
        if "thread_id" in run:
            fragment.session_id = text(of("thread_id"))
    if end is not None:
        _finish(fragment, run)
    if operation in CALL_OPERATIONS or kind is None:
        langsmith_calls.tell(fragment, run, hidden, mapping(of("outputs")))
    return fragment


_SESSIONS = ("session_id", "thread_id", "conversation_id")
"""Metadata by which the platform groups traces to threads."""


def _ids(run: Run) -> tuple[str | None, str | None, str | None]:
    """The ids of a run, its trace and the run around it; those left out are in its order."""
    own, trace, parent = run.get("id"), run.get("trace_id"), run.get("parent_run_id")
    if own and trace and type(own) is str and type(trace) is str:
        if own == trace:
            return own, trace, None
        if parent and type(parent) is str:
            return own, trace, parent
    path = [each.partition("Z")[2] for each in (text(run.get("dotted_order")) or "").split(".")]
    above = run.get("parent_run_ids")
    around = text(parent) or (path[-2] if len(path) > 1 else None)
    if not around and isinstance(above, list) and above:
        around = text(above[-1])
    return text(own) or path[-1] or None, text(trace) or path[0] or None, around or None


def _finish(fragment: Fragment, run: Run) -> None:
    error = run.get("error")
    fragment.status = "ok"
    if error in (None, "") and run.get("status") != "error":
        return
    fragment.status = "error"
    fragment.error_type, fragment.error_message = errors.told(error)
    if fragment.error_type in _GIVEN_UP:
        fragment.status = "cancelled"


def _said(outputs: Any) -> Any:
    """What was answered: the message within LangChain's generations, or all there is."""
    message = langsmith_calls.message_of(mapping(outputs))
    return message if "content" in message else _alone(texts_of(outputs))


def _alone(value: Any) -> Any:
    """The text, or the list of texts, that is all there is, without its name."""
    if isinstance(value, dict) and len(value) == 1:
        (inner,) = value.values()
        if isinstance(inner, str | list):
            return inner
    return value
