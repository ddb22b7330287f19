"""LangSmith's runs: batches of `post` and `patch`, and exported runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmtop.decode import errors, export_shapes, providers, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, number, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

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


class LangSmith(Format):
    """A run is told in two parts, which share the last of the ids in their `dotted_order`."""

    name = "LangSmith"
    shape = export_shapes.LANGSMITH

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by a run's order in its trace, or by a batch of such runs."""
        if isinstance(document.get("post"), list) or isinstance(document.get("patch"), list):
            return any("dotted_order" in run for run, _ in _runs(document))
        return "dotted_order" in document and ("run_type" in document or "end_time" in document)

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """A fragment a run and part."""
        return [_fragment(run, part, place) for run, part in _runs(document)]

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """Inputs, outputs and metadata of one run."""
        for run, part in _runs(document):
            if tells_of(_fragment(run, part, span.opened_at), span):
                if not payload.input:
                    payload.input += conversation(run.get("inputs"))
                outputs = run.get("outputs")
                if outputs:
                    payload.output = conversation(outputs, "assistant")
                payload.attributes.update(mapping(mapping(run.get("extra")).get("metadata")))


def _runs(document: Document) -> Iterator[tuple[Mapping[str, Any], str]]:
    batch = False
    for part in ("post", "patch"):
        listed = document.get(part)
        if isinstance(listed, list):
            batch = True
            for run in listed:
                if isinstance(run, dict):
                    yield run, part
    if not batch:
        yield document, "whole"


def _fragment(run: Mapping[str, Any], part: str, place: int) -> Fragment:
    order = (text(run.get("dotted_order")) or "").split(".")
    path = [each.partition("Z")[2] for each in order]
    outputs = mapping(run.get("outputs"))
    hidden = mapping(mapping(run.get("extra")).get("metadata"))
    end = parse_time(run.get("end_time"))
    start = parse_time(run.get("start_time"))
    error = run.get("error")
    first = parse_time(run.get("first_token_time"))
    kind = text(run.get("run_type"))
    fragment = Fragment(
        span_id=text(run.get("id")) or (path[-1] if path else None),
        trace_id=text(run.get("trace_id")),
        parent_id=text(run.get("parent_run_id")) or (path[-2] if len(path) > 1 else None),
        name=text(run.get("name")),
        operation=None if kind is None else _OPERATIONS.get(kind, "other"),
        provider=providers.provider(hidden.get("ls_provider")),
        model=text(hidden.get("ls_model_name")),
        response_model=text(outputs.get("model"))
        or text(mapping(outputs.get("llm_output")).get("model_name")),
        response_id=text(outputs.get("id")),
        start=start,
        end=end,
        ttft=first - start if first is not None and start is not None and first >= start else None,
        flags=(_OPENED if part != "patch" else 0) | (_ENDED if end is not None else 0),
        session_id=text(hidden.get("session_id") or hidden.get("thread_id")),
        user_id=text(hidden.get("user_id")),
        cost=number(run.get("total_cost")),
        place=place,
    )
    if kind is None and fragment.model is not None:
        fragment.operation = "chat"
    if end is not None:
        fragment.status = "ok"
        if error not in (None, ""):
            fragment.status = "error"
            fragment.error_type, fragment.error_message = errors.told(error)
    _usage(fragment, run, outputs)
    return fragment


def _usage(fragment: Fragment, run: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
    used = (
        mapping(outputs.get("usage_metadata"))
        or mapping(outputs.get("usage"))
        or _generated(outputs)
        or mapping(mapping(outputs.get("llm_output")).get("token_usage"))
    )
    usage.read(fragment, used, exclusive=False)
    if fragment.input_tokens is None:
        fragment.input_tokens = count(run.get("prompt_tokens"))
        fragment.output_tokens = count(run.get("completion_tokens"))


def _generated(outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The usage that LangChain keeps with the first message of an answer."""
    first: Any = outputs.get("generations")
    while isinstance(first, list):
        first = first[0] if first else None
    message = mapping(mapping(first).get("message"))
    told = mapping(message.get("kwargs")) or message
    return mapping(told.get("usage_metadata"))
