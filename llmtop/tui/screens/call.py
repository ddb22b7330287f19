"""The call screen: one call in full, from its ids to its prompt, its answer and its records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Resize

from llmtop.live.view import View
from llmtop.span import Span
from llmtop.tui import marked, numbers, span_words
from llmtop.tui.actions import bindings
from llmtop.tui.documents import span_text
from llmtop.tui.documents.document import Block, Document
from llmtop.tui.documents.document_pane import DocumentPane
from llmtop.tui.documents.span_reading import SpanReading
from llmtop.tui.messages import TraceOpened
from llmtop.tui.safe_text import safe
from llmtop.tui.screens.base import NARROW
from llmtop.tui.screens.searched import SearchedScreen

TITLE_CELLS = 48


class CallScreen(SearchedScreen):
    """Shows a span; `part` is where to begin: `""`, `input`, `output`, `attributes` or `raw`."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("call"), *bindings("search")]

    def __init__(self, span: Span, part: str = "") -> None:
        super().__init__()
        self.span = span
        self.part = part
        self._facts = DocumentPane("Facts", id="facts")
        self._text = DocumentPane(id="text")
        self._reading = SpanReading(self.llmtop)
        self._was_wide: bool | None = None

    @property
    def searched(self) -> DocumentPane:
        """What was said, and on narrow screens the facts above it."""
        return self._text

    @property
    def chosen(self) -> Span | None:
        """The span that is shown."""
        return self.span

    def compose_body(self) -> ComposeResult:
        """What is known beside what was said; on narrow screens one above the other."""
        with Horizontal(id="body"):
            yield self._facts
            yield self._text

    def on_mount(self) -> None:
        """Begin with the part that was asked for."""
        self._open(self.part)
        self.set_focus(self._text)

    def show(self, view: View) -> None:
        """Show the call as it stands now."""
        super().show(view)
        found = self.llmtop.find(self.span.span_id)
        self.span = found if found is not None else self.span
        self._show_changes()

    # Showing

    @property
    def _wide(self) -> bool:
        return self.app.size.width >= NARROW

    def _open(self, part: str = "") -> None:
        """Show the span from the beginning of a part."""
        self._text.begin(Document(()))
        self._facts.begin(Document(()))
        self._was_wide = None
        self._show_changes()
        self._text.go_to(part)

    def _show_changes(self) -> None:
        reading, wide = self._reading, self._wide
        self._text.rename(self._title())
        anew = reading.follow(self.span) or wide != self._was_wide
        if not reading.changed() and not anew:
            return
        facts = reading.facts()
        if anew:
            self._lay_out(facts, wide)
        elif wide:
            self._facts.show_head(facts)
        else:
            self._text.show_head(facts)

    def _lay_out(self, facts: Block, wide: bool) -> None:
        """Facts beside the text, or above it."""
        self._was_wide = wide
        self._facts.display = wide
        if wide:
            self._facts.show_document(Document([facts]))
        text = span_text.Builder(None if wide else facts)
        span_text.add(text, self.span, self._reading.payload)
        self._text.show_document(text.document())

    def _title(self) -> str:
        span, app = self.span, self.llmtop
        kind = "Call" if span.is_call else "Span"
        name = safe(span_words.title(span))[:TITLE_CELLS]
        when = numbers.clock(span_words.began(span), app.time_format, app.now)
        mark = f"{marked.SIGN} " if span in app.marked else ""
        return f"{mark}{kind} {span_words.sign(span)} {name} · {when}"

    def on_resize(self, event: Resize) -> None:
        """Facts stand beside the text where there is room."""
        del event
        self._show_changes()

    # Acting

    def action_part(self, name: str) -> None:
        """Show a part from its beginning."""
        self._text.go_to(name)
        self.set_focus(self._text)

    def action_trace(self) -> None:
        """Show the trace it belongs to."""
        self.post_message(TraceOpened(self.llmtop.trace_of(self.span), self.span))

    def action_step(self, by: int) -> None:
        """The next call of the list, or the one before."""
        calls = self.llmtop.calls
        at = _index(calls, self.span)
        if at is None:
            self._say("It is not among the calls of the list: the filter leaves it out.")
        elif not 0 <= at + by < len(calls):
            self._say("That was the last call of the list." if by > 0 else "It is the first one.")
        else:
            self._go_to(calls[at + by])

    def action_next_error(self) -> None:
        """The next failed call of the list."""
        self._to_error(1)

    def action_previous_error(self) -> None:
        """The failed call before it in the list."""
        self._to_error(-1)

    def _to_error(self, step: int) -> None:
        calls = self.llmtop.calls
        at = _index(calls, self.span)
        at = (-1 if step > 0 else len(calls)) if at is None else at
        at += step
        while 0 <= at < len(calls):
            if calls[at].failed:
                self._go_to(calls[at])
                return
            at += step
        self._say(f"No failed call {'below' if step > 0 else 'above'}.")

    def _go_to(self, span: Span) -> None:
        """Show another span, at the part that is in sight now."""
        text = self._text
        part = text.document.part_at(text.place) if text.place.block else None
        self.span = span
        self._open(text.chosen or ("" if part is None else part.name))

    def _say(self, sentence: str) -> None:
        self.notify(sentence, timeout=2, markup=False)


def _index(calls: Sequence[Span], span: Span) -> int | None:
    """Where a span stands in the list, or `None`."""
    try:
        return calls.index(span)
    except ValueError:
        return None
