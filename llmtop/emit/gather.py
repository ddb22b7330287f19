"""What the pieces of a streamed answer tell, put together as they come, its text up to a cap."""

from __future__ import annotations

from typing import Any, Protocol

from llmtop.emit.answer import Fields, get, rows, told_by, type_of, usage_of

LONGEST_TEXT = 1_000_000
"""Characters of a streamed text that are kept; how many there were is said."""


class Gatherer(Protocol):
    """Takes the pieces of one stream."""

    begun: bool
    """Whether something of the answer itself has come."""
    finished: bool
    """Whether the answer said that it is complete."""

    def take(self, piece: Any) -> None:
        """Take one piece."""

    def told(self) -> Fields:
        """The fields of a response record so far."""


class _Text:
    """A text that grows, kept up to its cap."""

    __slots__ = ("_kept", "_left", "_more")

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._left = LONGEST_TEXT
        self._more = 0

    def add(self, text: object) -> bool:
        if not isinstance(text, str) or not text:
            return False
        if len(text) <= self._left:
            self._left -= len(text)
            self._kept.append(text)
        else:
            self._kept.append(text[: self._left])
            self._more += len(text) - self._left
            self._left = 0
        return True

    def whole(self) -> str | None:
        if not self._kept:
            return None
        more = f"\n… {self._more} characters more …" if self._more else ""
        return "".join(self._kept) + more


def _place(piece: Any) -> int:
    """Which of several texts or tool calls a piece belongs to."""
    index = get(piece, "index")
    return index if isinstance(index, int) else 0


class _ToolCall:
    __slots__ = ("arguments", "id", "name")

    def __init__(self) -> None:
        self.id: str | None = None
        self.name: str | None = None
        self.arguments = _Text()

    def told(self) -> Fields:
        return {
            "id": self.id,
            "type": "function",
            "function": {"name": self.name, "arguments": self.arguments.whole()},
        }


class ChatPieces:
    """Chunks of OpenAI's chat and text completions."""

    def __init__(self) -> None:
        self.begun = False
        self.finished = False
        self._fields: Fields = {}
        self._texts: dict[int, _Text] = {}
        self._refusal = _Text()
        self._reasoning = _Text()
        self._calls: dict[tuple[int, int], _ToolCall] = {}

    def take(self, piece: Any) -> None:
        """Take one chunk."""
        fields = self._fields
        if "response_id" not in fields and get(piece, "id"):
            fields["response_id"] = get(piece, "id")
        if get(piece, "model"):
            fields["model"] = get(piece, "model")
        usage = get(piece, "usage")
        if usage is not None:
            fields.update(usage_of(usage))
        for choice in rows(get(piece, "choices")):
            at = _place(choice)
            self._take_delta(at, get(choice, "delta") or choice)
            reason = get(choice, "finish_reason")
            if reason:
                fields.setdefault("finish_reason", reason)
                self.finished = True

    def _take_delta(self, at: int, delta: Any) -> None:
        text = self._texts.get(at)
        if text is None:
            text = self._texts[at] = _Text()
        content = get(delta, "content")
        if text.add(get(delta, "text") if content is None else content):
            self.begun = True
        if self._refusal.add(get(delta, "refusal")):
            self.begun = True
        if self._reasoning.add(get(delta, "reasoning_content") or get(delta, "reasoning")):
            self.begun = True
        for piece in rows(get(delta, "tool_calls")):
            self.begun = True
            place = (at, _place(piece))
            call = self._calls.get(place)
            if call is None:
                call = self._calls[place] = _ToolCall()
            function = get(piece, "function")
            call.id = call.id or get(piece, "id")
            call.name = call.name or get(function, "name")
            call.arguments.add(get(function, "arguments"))

    def told(self) -> Fields:
        """The fields so far."""
        told = dict(self._fields)
        texts = [text for at in sorted(self._texts) if (text := self._texts[at].whole())]
        refusal = self._refusal.whole()
        if refusal:
            told["refusal"] = refusal
        content = "\n\n".join(texts) or refusal
        reasoning = self._reasoning.whole()
        if reasoning:
            content = f"[reasoning] {reasoning}\n{content or ''}"
        if content:
            told["content"] = content
        if self._calls:
            told["tool_calls"] = [self._calls[place].told() for place in sorted(self._calls)]
        return told


class ResponsePieces:
    """Events of OpenAI's Responses API."""

    _DELTAS = frozenset(
        {
            "response.output_text.delta",
            "response.refusal.delta",
            "response.function_call_arguments.delta",
            "response.custom_tool_call_input.delta",
            "response.reasoning_text.delta",
            "response.reasoning_summary_text.delta",
            "response.output_item.done",
        }
    )
    _ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})

    def __init__(self) -> None:
        self.begun = False
        self.finished = False
        self._fields: Fields = {}
        self._text = _Text()

    def take(self, piece: Any) -> None:
        """Take one event."""
        kind = type_of(piece)
        if kind in self._DELTAS:
            self.begun = True
            if kind == "response.output_text.delta":
                self._text.add(get(piece, "delta"))
        elif kind == "response.created":
            response = get(piece, "response")
            self._fields["response_id"] = get(response, "id")
            self._fields["model"] = get(response, "model")
        elif kind in self._ENDS:
            self.finished = True
            self._fields = told_by(get(piece, "response"))
        elif kind == "error":
            self.finished = True
            self._fields["error"] = get(piece, "message") or "error"
            self._fields["error_type"] = get(piece, "code") or "error"
            self._fields["status"] = "error"

    def told(self) -> Fields:
        """The fields so far."""
        told = {name: value for name, value in self._fields.items() if value is not None}
        content = self._text.whole()
        if content:
            told.setdefault("content", content)
        return told


class MessagePieces:
    """Events of Anthropic's Messages API."""

    def __init__(self) -> None:
        self.begun = False
        self.finished = False
        self._fields: Fields = {}
        self._usage: dict[str, Any] = {}
        self._texts: dict[int, _Text] = {}
        self._thoughts: dict[int, _Text] = {}
        self._calls: dict[int, _ToolCall] = {}

    def take(self, piece: Any) -> None:
        """Take one event."""
        kind = type_of(piece)
        if kind == "content_block_delta":
            self._take_delta(_place(piece), get(piece, "delta"))
        elif kind == "message_start":
            message = get(piece, "message")
            self._fields["response_id"] = get(message, "id")
            self._fields["model"] = get(message, "model")
            self._take_usage(get(message, "usage"))
        elif kind == "content_block_start":
            self._take_block(_place(piece), get(piece, "content_block"))
        elif kind == "message_delta":
            reason = get(get(piece, "delta"), "stop_reason")
            if reason:
                self._fields["finish_reason"] = reason
                self.finished = True
            self._take_usage(get(piece, "usage"))
        elif kind == "message_stop":
            self.finished = True

    def _take_usage(self, usage: Any) -> None:
        """Later figures replace earlier ones; what a later event leaves out stays."""
        for name in (
            "input_tokens",
            "output_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
            "cache_creation",
        ):
            value = get(usage, name)
            if value is not None:
                self._usage[name] = value

    def _take_block(self, at: int, block: Any) -> None:
        kind = type_of(block)
        if kind.endswith("tool_use"):
            self.begun = True
            call = self._calls[at] = _ToolCall()
            call.id, call.name = get(block, "id"), get(block, "name")
        elif kind == "text" and self._texts.setdefault(at, _Text()).add(get(block, "text")):
            self.begun = True

    def _take_delta(self, at: int, delta: Any) -> None:
        self.begun = True
        kind = type_of(delta)
        if kind == "text_delta":
            self._texts.setdefault(at, _Text()).add(get(delta, "text"))
        elif kind == "thinking_delta":
            self._thoughts.setdefault(at, _Text()).add(get(delta, "thinking"))
        elif kind == "input_json_delta" and at in self._calls:
            self._calls[at].arguments.add(get(delta, "partial_json"))

    def told(self) -> Fields:
        """The fields so far."""
        told = {name: value for name, value in self._fields.items() if value is not None}
        told.update(usage_of(self._usage or None))
        parts = [f"[reasoning] {text.whole()}" for _, text in sorted(self._thoughts.items())]
        parts += [whole for _, text in sorted(self._texts.items()) if (whole := text.whole())]
        if parts:
            told["content"] = "\n".join(parts)
        if told.get("finish_reason") == "refusal":
            told["refusal"] = told.get("content", "refusal")
        if self._calls:
            told["tool_calls"] = [call.told() for _, call in sorted(self._calls.items())]
        return told
