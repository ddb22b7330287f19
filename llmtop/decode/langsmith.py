"""LangSmith's runs: batches of `post` and `patch`, and exported runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmtop.decode import attributes, errors, export_shapes, providers, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import conversation
from llmtop.decode.timestamps import utc_time
from llmtop.decode.values import count, mapping, number, text
from llmtop.payload import Payload
from llmtop.span import CALL_OPERATIONS, Flag, Fragment, Span

_OPENED = int(Flag.OPENED)
_ENDED = int(Flag.ENDED)
_STREAM = int(Flag.STREAM)

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
                    payload.input += conversation(run.get("inputs"))
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
    return "run_type" in run and "start_time" in run and "inputs" in run


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
    return mapping(mapping(run.get("extra")).get("metadata")) or mapping(run.get("metadata"))


def _fragment(run: Run, part: str, place: int) -> Fragment:
    of = run.get
    path = [each.partition("Z")[2] for each in (text(of("dotted_order")) or "").split(".")]
    outputs = mapping(of("outputs"))
    hidden = _metadata(run)
    end, start = utc_time(of("end_time")), utc_time(of("start_time"))
    kind = text(of("run_type"))
    fragment = Fragment(
        span_id=text(of("id")) or path[-1] or None,
        trace_id=text(of("trace_id")) or path[0] or None,
        parent_id=_parent(run, path),
        name=text(of("name")),
        operation=None if kind is None else _OPERATIONS.get(kind.lower(), "other"),
        provider=providers.provider(hidden.get("ls_provider")),
        model=text(hidden.get("ls_model_name")),
        start=start,
        end=end,
        flags=(_OPENED if part != "patch" else 0) | (_ENDED if end is not None else 0),
        session_id=text(
            hidden.get("session_id")
            or hidden.get("thread_id")
            or hidden.get("conversation_id")
            or of("thread_id")
        ),
        user_id=text(hidden.get("user_id")),
        place=place,
    )
    if kind is None and fragment.model is not None:
        fragment.operation = "chat"
    if end is not None:
        _finish(fragment, run)
    if fragment.operation in CALL_OPERATIONS or kind is None:
        _call(fragment, run, outputs)
    return fragment


def _parent(run: Run, path: list[str]) -> str | None:
    told = text(run.get("parent_run_id"))
    if told is None and len(path) > 1:
        told = path[-2] or None
    if told is None:
        above = run.get("parent_run_ids")
        told = text(above[-1]) if isinstance(above, list) and above else None
    return told


def _finish(fragment: Fragment, run: Run) -> None:
    error = run.get("error")
    fragment.status = "ok"
    if error in (None, "") and run.get("status") != "error":
        return
    fragment.status = "error"
    fragment.error_type, fragment.error_message = errors.told(error)
    if fragment.error_type in _GIVEN_UP:
        fragment.status = "cancelled"


def _call(fragment: Fragment, run: Run, outputs: Mapping[str, Any]) -> None:
    """What is told of a run that calls a model, and not of the sums that those around it bear."""
    generated = mapping(outputs.get("llm_output"))
    if fragment.model is None:
        asked = mapping(mapping(run.get("extra")).get("invocation_params"))
        fragment.model = text(
            asked.get("model")
            or asked.get("model_name")
            or asked.get("model_id")
            or mapping(run.get("inputs")).get("model")
        )
    message = _message(outputs)
    about = mapping(message.get("response_metadata"))
    fragment.response_model = text(
        outputs.get("model")
        or generated.get("model_name")
        or about.get("model_name")
        or about.get("model")
    )
    fragment.response_id = text(outputs.get("id") or about.get("id"))
    fragment.finish_reason = _finish_reason(outputs, about)
    first = utc_time(run.get("first_token_time") or _first_token(run.get("events")))
    if first is not None:
        fragment.flags |= _STREAM
        if fragment.start is not None and first >= fragment.start:
            fragment.ttft = first - fragment.start
    _usage(fragment, run, outputs, message)


def _first_token(events: object) -> Any:
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict) and event.get("name") == "new_token":
            return event.get("time")
    return None


def _finish_reason(outputs: Mapping[str, Any], about: Mapping[str, Any]) -> str | None:
    choices = outputs.get("choices")
    told = (
        mapping(choices[0]).get("finish_reason") if isinstance(choices, list) and choices else None
    )
    if isinstance(told, dict):
        # JavaScript's wrapper puts a stream's last chunk here.
        told = told.get("finish_reason")
    told = told or about.get("finish_reason") or about.get("stop_reason")
    return attributes.finish_reason(told or outputs.get("stop_reason"))


def _usage(
    fragment: Fragment, run: Run, outputs: Mapping[str, Any], message: Mapping[str, Any]
) -> None:
    used = (
        mapping(outputs.get("usage_metadata"))
        or mapping(message.get("usage_metadata"))
        or mapping(_metadata(run).get("usage_metadata"))
    )
    if used:
        # Input tokens are the sum of all kinds of them here, whatever the provider says.
        usage.read(fragment, used, exclusive=False)
        fragment.cache_write_1h_tokens = count(
            mapping(used.get("input_token_details")).get("ephemeral_1h_input_tokens")
        )
    else:
        usage.read(
            fragment,
            mapping(outputs.get("usage"))
            or mapping(mapping(outputs.get("llm_output")).get("token_usage")),
        )
    if fragment.input_tokens is None and fragment.output_tokens is None:
        _counted(fragment, run)
    # A total of 0 means that the platform knows no price.
    fragment.cost = number(run.get("total_cost")) or number(used.get("total_cost")) or None


def _counted(fragment: Fragment, run: Run) -> None:
    """The tokens that the platform counted; where it found none, both are 0."""
    sent, said = count(run.get("prompt_tokens")), count(run.get("completion_tokens"))
    if not sent and not said:
        return
    usage.read(
        fragment,
        {
            "prompt_tokens": sent,
            "completion_tokens": said,
            "prompt_tokens_details": _by_kind(run.get("prompt_token_details")),
            "completion_tokens_details": _by_kind(run.get("completion_token_details")),
        },
        exclusive=False,
    )


def _by_kind(details: object) -> Mapping[str, Any]:
    told = mapping(details)
    return mapping(told.get("raw")) or told


def _message(outputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first message of an answer as LangChain keeps it, written out or with its class."""
    first: Any = outputs.get("generations")
    while isinstance(first, list):
        first = first[0] if first else None
    message = mapping(mapping(first).get("message")) or mapping(outputs.get("output"))
    return mapping(message.get("kwargs")) or message


def _said(outputs: Any) -> Any:
    """What was answered: the message within LangChain's generations, or all there is."""
    message = _message(mapping(outputs))
    return message if "content" in message else outputs
