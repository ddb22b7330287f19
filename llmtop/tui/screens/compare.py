"""The compare screen: two calls, their figures side by side, and where their texts differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from llmtop.live.view import View
from llmtop.payload import Message
from llmtop.span import Span
from llmtop.tui import span_words
from llmtop.tui.actions import bindings
from llmtop.tui.documents import diff_blocks
from llmtop.tui.documents.blocks import Lines, prose
from llmtop.tui.documents.compared_figures import Compared, ComparedFigures, Side, compared
from llmtop.tui.documents.conversation_text import conversation_text
from llmtop.tui.documents.document_pane import DocumentPane
from llmtop.tui.documents.line_diff import difference
from llmtop.tui.documents.span_reading import SpanReading
from llmtop.tui.documents.span_text import Builder
from llmtop.tui.safe_text import safe
from llmtop.tui.screens.searched import SearchedScreen

NAME_CELLS = 28


class CompareScreen(SearchedScreen):
    """Shows what `right` has other than `left`."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("compare"), *bindings("search")]

    def __init__(self, left: Span, right: Span) -> None:
        super().__init__()
        self.spans = (left, right)
        self._readings = (SpanReading(self.llmtop), SpanReading(self.llmtop))
        self._text = DocumentPane("Compare", id="text")
        self._told: Sequence[Compared] = ()

    @property
    def searched(self) -> DocumentPane:
        """Figures and texts."""
        return self._text

    def compose_body(self) -> ComposeResult:
        """One text."""
        yield self._text

    def on_mount(self) -> None:
        """Begin at the figures."""
        self.set_focus(self._text)

    def show(self, view: View) -> None:
        """Show both as they stand now; the texts are compared again only when records came."""
        super().show(view)
        app = self.llmtop
        left, right = (app.find(span.span_id) or span for span in self.spans)
        self.spans = (left, right)
        anew = [
            reading.follow(span) for reading, span in zip(self._readings, self.spans, strict=True)
        ]
        told = compared(*self._sides(), app.time_format, app.now)
        if told == self._told and not any(anew):
            return
        self._told = told
        figures = ComparedFigures(_name(left), _name(right), told)
        if any(anew):
            self._compare(figures)
        else:
            self._text.show_head(figures)

    def _sides(self) -> tuple[Side, Side]:
        left, right = (Side(each.span, each.payload) for each in self._readings if each.span)
        return left, right

    def _compare(self, figures: ComparedFigures) -> None:
        builder = Builder(figures)
        left, right = self._sides()
        _add(builder, "input", "Input", left.payload.input, right.payload.input)
        _add(builder, "output", "Output", left.payload.output, right.payload.output)
        for letter, side in zip("AB", (left, right), strict=True):
            if side.payload.missing:
                builder.blocks.extend(prose(f"{letter}: {side.payload.missing}", meaning="slow"))
        self._text.show_document(builder.document())

    def action_part(self, name: str) -> None:
        """Show where the inputs or the outputs differ."""
        self._text.go_to(name)

    def action_swap(self) -> None:
        """Compare the other way round."""
        left, right = self.spans
        self.spans = (right, left)
        self.show_present()


def _add(
    builder: Builder, name: str, title: str, left: Sequence[Message], right: Sequence[Message]
) -> None:
    one, other = conversation_text(left), conversation_text(right)
    if not one and not other:
        builder.part(name, title)
        builder.blocks.append(Lines((("Neither tells any.", "dim"),)))
        return
    found = difference(one, other)
    lines = "line differs" if found.changed == 1 else "lines differ"
    same = "the same" if one == other else f"{found.changed:,} {lines}"
    builder.part(name, title, same)
    builder.blocks.extend(diff_blocks.blocks(found))


def _name(span: Span) -> str:
    return f"{span_words.sign(span)} {safe(span_words.title(span))[:NAME_CELLS]}"
