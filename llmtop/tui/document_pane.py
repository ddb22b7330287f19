"""A pane that shows a document: it scrolls, holds its place, and goes to the document's parts."""

from __future__ import annotations

from typing import Any

from textual.strip import Strip

from llmtop.live.view import View
from llmtop.tui.document import Block, Document, Parts, Place
from llmtop.tui.scrolled_text import ScrolledText


class DocumentPane(ScrolledText):
    """Shows a document; the same one again costs nothing, a newer one is shown at its place."""

    def __init__(self, title: str = "", **settings: Any) -> None:
        super().__init__(**settings)
        self.title = title
        self.document = Document(())
        self.place = Place()
        self.chosen = ""
        """The part that was gone to; it is marked until one scrolls on."""

    def rename(self, title: str) -> None:
        """Say something else of what the document is."""
        if title != self.title:
            self.title = title
            self._say_place()

    def show_document(self, document: Document) -> None:
        """Show a newer state of the document from now on, at the same place of it."""
        if document is not self.document:
            self.place = self.document.carried(self.place, document)
            self.document = document
        self.repaint()

    def show_head(self, block: Block) -> None:
        """Show a newer state of the document's first block; the others stay as they are."""
        self.document.replace(0, block)
        self.repaint()

    def show(self, view: View) -> None:
        """A view alone changes nothing: whoever knows what it changes gives a document."""
        self.view = view

    def begin(self, document: Document, part: str = "") -> None:
        """Show another document, from its beginning or from a part of it."""
        self.document = document
        self.place = Place()
        self.go_to(part)

    def go_to(self, part: str) -> bool:
        """Show a part from its beginning; whether there is one of that name."""
        found = self.document.part(part)
        self.chosen = "" if found is None else part
        if found is not None:
            self.place = Place(found.block)
        self.repaint()
        return found is not None

    def visible_lines(self, width: int, height: int) -> list[Strip]:
        """The lines in sight."""
        document = self.document
        self.place = document.moved(self.place, 0, width, height)
        rows = document.shown(self.place, width, height)
        part = document.part(self.chosen)
        at = -1 if part is None else document.distance(self.place, part.block, width)
        if 0 <= at < len(rows):
            rows[at] = _marked(rows[at])
        lines = [
            self.line(*(text if text[1] else text[0] for text in row), width=width) for row in rows
        ]
        self._say_place()
        return lines

    def scroll_lines(self, by: int) -> None:
        """Scroll by some lines."""
        width, height = self.content_size
        if width > 0 and height > 0:
            self.chosen = ""
            self.place = self.document.moved(self.place, by, width, height)
            self.repaint()

    def action_first(self) -> None:
        """To the beginning."""
        self.chosen = ""
        self.place = Place()
        self.repaint()

    def action_last(self) -> None:
        """To the end."""
        width, height = self.content_size
        if width > 0 and height > 0:
            self.chosen = ""
            self.place = self.document.last(width, height)
            self.repaint()

    def _say_place(self) -> None:
        width, height = self.content_size
        length = self.document.length(max(1, width))
        if length.lines <= height or height <= 0:
            said = ""
        else:
            above = self.document.above(self.place, width)
            about = "" if length.exact else "about "
            said = f"{above + 1:,}–{min(length.lines, above + height):,} of {about}{length.lines:,}"
        if said != (self.border_subtitle or ""):
            self.border_subtitle = said
        part = self.document.part(self.chosen) or self.document.part_at(self.place)
        self.retitle("" if part is None or not part.title else f"· {part.title}")

    def retitle(self, note: str = "") -> None:
        """Write what the document is, and which part of it is in sight."""
        title = " ".join(word for word in (self.title, note) if word).replace("[", r"\[")
        if title != self.border_title:
            self.border_title = title


def _marked(heading: Parts) -> Parts:
    """A part's heading with a sign that it was gone to."""
    return (("▶─ ", "mark"), *((text, "mark") for text, _ in heading[1:2]), *heading[2:])
