"""A pane that shows a document: it scrolls, holds its place, and goes to the document's parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from textual.strip import Strip

from llmtop.live.view import View
from llmtop.tui.documents.document import Block, Document, Parts, Place
from llmtop.tui.documents.scrolled_text import ScrolledText
from llmtop.tui.documents.text_search import Hit, TextSearch, highlighted
from llmtop.tui.safe_text import safe

WORDS_SHOWN = 24


class DocumentPane(ScrolledText):
    """Shows a document; the same one again costs nothing, a newer one is shown at its place."""

    def __init__(self, title: str = "", **settings: Any) -> None:
        super().__init__(**settings)
        self.title = title
        self.document = Document(())
        self.place = Place()
        self.chosen = ""
        """The part that was gone to; it is marked until one scrolls on."""
        self._search: TextSearch | None = None
        self._hit: Hit | None = None
        self._subtitle = ""

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
        self._hit = None
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
        if self._search is not None:
            rows = list(self._with_matches(rows, self._search, width))
        part = document.part(self.chosen)
        at = -1 if part is None else document.distance(self.place, part.block, width)
        if 0 <= at < len(rows):
            rows[at] = _marked(rows[at])
        lines = [
            self.line(*(text if text[1] else text[0] for text in row), width=width) for row in rows
        ]
        self._say_place()
        return lines

    # Searching

    @property
    def words(self) -> str:
        """What is looked for; empty if nothing is."""
        return "" if self._search is None else self._search.words

    def find(self, words: str, place: Place | None = None) -> bool | None:
        """Look for words from a place on; whether they are there, `None` if there are no words."""
        self.place = self.place if place is None else place
        self._search = TextSearch(words) if words.strip() else None
        self._hit = None
        width, height = self.content_size
        if self._search is not None and width > 0 and height > 0:
            self._go_to_hit(self._search.first(self.document, self.place, width))
        self.repaint()
        return None if self._search is None else self._hit is not None

    def step_match(self, by: int) -> bool:
        """To the next match (1), or the one before (-1), round the ends; whether there is one."""
        width = self.content_size.width
        if self._search is None:
            return False
        if self._hit is None or self._hit.block >= len(self.document.blocks):
            found = self._search.first(self.document, self.place, width)
        else:
            found = self._search.step(self.document, self._hit, by, width)
        self._go_to_hit(found)
        self.repaint()
        return found is not None

    def _go_to_hit(self, hit: Hit | None) -> None:
        """Bring a match into sight, with some lines above it."""
        self._hit = hit
        width, height = self.content_size
        if hit is None or self._search is None:
            return
        match = self._search.matches(self.document, hit.block, width)[hit.number]
        at = Place(hit.block, match[0].row)
        bottom = self.document.moved(self.place, height - 1, width, 1)
        if not self.place <= at <= bottom:
            self.chosen = ""
            self.place = self.document.moved(at, -(height // 3), width, height)

    def _with_matches(
        self, rows: Sequence[Parts], search: TextSearch, width: int
    ) -> Iterator[Parts]:
        """The lines in sight, with the words set apart; those one stands on most of all."""
        block, number = self.place
        for row in rows:
            while number >= self.document.height(block, width):
                block, number = block + 1, 0
            matches = search.matches(self.document, block, width)
            here = [
                (part.start, part.end, "found" if self._hit == (block, at) else "match")
                for at, match in enumerate(matches)
                for part in match
                if part.row == number
            ]
            yield highlighted(row, here) if here else row
            number += 1

    def _said_of_search(self) -> str:
        search, width = self._search, self.content_size.width
        if search is None:
            return ""
        words = f"/{safe(search.words)[:WORDS_SHOWN]}"
        if self._hit is None or not self.document.length(max(1, width)).exact:
            return f"{words} · "
        number, many = search.count(self.document, self._hit, width)
        return f"{words} {number:,} of {many:,} · "

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
        said = (self._said_of_search() + said).removesuffix(" · ").replace("[", r"\[")
        if said != self._subtitle:
            self._subtitle = self.border_subtitle = said
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
