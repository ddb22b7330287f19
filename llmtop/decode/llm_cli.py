"""What `llm logs --json` prints: an array of responses, each a whole call."""

from __future__ import annotations

from collections.abc import Sequence

from llmtop.decode import attributes, usage
from llmtop.decode.format import Document, Format, tells_of
from llmtop.decode.messages import message
from llmtop.decode.timestamps import parse_time
from llmtop.decode.values import count, mapping, text
from llmtop.payload import Payload
from llmtop.span import Flag, Fragment, Span

_BOTH = int(Flag.OPENED | Flag.ENDED)


class LlmCli(Format):
    """Responses of the `llm` command line tool."""

    name = "llm logs"

    @classmethod
    def recognises(cls, document: Document) -> bool:
        """Known by the names of three columns."""
        return all(name in document for name in ("conversation_id", "duration_ms", "datetime_utc"))

    def read(self, document: Document, place: int) -> Sequence[Fragment] | None:
        """The whole call."""
        answer = mapping(document.get("response_json"))
        fragment = Fragment(
            span_id=text(document.get("id")),
            operation="chat",
            model=text(document.get("model")),
            response_model=text(document.get("resolved_model")),
            start=parse_time(document.get("datetime_utc")),
            duration=attributes.milliseconds(document.get("duration_ms")),
            flags=_BOTH,
            status="ok",
            session_id=text(document.get("conversation_id")),
            finish_reason=text(answer.get("finish_reason")),
            place=place,
        )
        usage.read(fragment, mapping(document.get("token_details")), exclusive=False)
        fragment.input_tokens = count(document.get("input_tokens"))
        fragment.output_tokens = count(document.get("output_tokens"))
        return (fragment,)

    def describe(self, document: Document, span: Span, payload: Payload) -> None:
        """System prompt, prompt and response."""
        if not any(tells_of(each, span) for each in self.read(document, span.opened_at) or ()):
            return
        for role, name in (("system", "system"), ("user", "prompt")):
            if document.get(name):
                payload.input += (message({"role": role, "content": document[name]}),)
        if document.get("response"):
            payload.output += (message({"role": "assistant", "content": document["response"]}),)
        payload.parameters.update(mapping(document.get("options_json")))
