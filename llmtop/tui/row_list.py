"""A list of any length whose visible rows alone are formatted, with a cursor that holds its row."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual import events
from textual.strip import Strip

from llmtop.live.view import View
from llmtop.tui.actions import bindings
from llmtop.tui.pane import Pane

Row = TypeVar("Row")

BAR_CELLS = 2
"""Cells of a row for the scroll bar, and for what parts it from the text."""
CACHED_ROWS = 2000
"""Formatted rows kept: some screens full."""


class RowList(Pane, Generic[Row]):
    """Rows under a fixed head. A list overrides `rows_of`, `key_of`, `version_of`, `format_row`."""

    BINDINGS = bindings("rows")
    FOLLOWS: ClassVar[bool] = True
    """Whether new rows come at the top, so that the cursor can stay on the newest."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.rows: Sequence[Row] = ()
        self.cursor = 0
        self.cursor_key: Hashable = None
        self.following = self.FOLLOWS
        self._strips: dict[Hashable, Strip] = {}

    # What a list is made of

    def rows_of(self, view: View) -> Sequence[Row]:
        """The rows that a view has for this list."""
        raise NotImplementedError

    def key_of(self, row: Row) -> Hashable:
        """What makes a row the same row in the next view."""
        raise NotImplementedError

    def version_of(self, row: Row) -> Hashable:
        """Changes whenever the row's text does (a running clock is part of it)."""
        raise NotImplementedError

    def format_row(self, row: Row, width: int) -> Strip:
        """A row's text, `width` cells; the cursor's colours are added by the list."""
        raise NotImplementedError

    def head(self, width: int) -> Strip | None:
        """The fixed line above the rows, or `None`."""
        del width
        return None

    def empty_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """What stands there when there is no row: say what would fill the list."""
        del view, width, height
        return []

    def on_cursor(self, row: Row) -> None:
        """The cursor has come to another row (called as well when that row comes to it)."""

    def open_row(self, row: Row) -> None:
        """Enter, or a double click on a row."""

    # Showing

    def show(self, view: View) -> None:
        """Show a view; the cursor stays on its row, or on the newest while following."""
        self.view = view
        self.set_rows(self.rows_of(view))

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Replace the rows; those around the cursor do not move on screen unless following."""
        before = self.cursor
        self.rows = rows
        if self.following or self.cursor_key is None:
            self.cursor = 0
            self.top = 0 if self.following else self.top
        else:
            self.cursor = self._find(before)
            self.top = max(0, self.top + self.cursor - before)
        self._note_cursor()
        self.repaint()

    def _find(self, guess: int) -> int:
        """Where the cursor's row is now: it is looked for outward from where it was."""
        rows, key, key_of = self.rows, self.cursor_key, self.key_of
        last = len(rows) - 1
        for step in range(len(rows) + guess + 1):
            below, above = guess + step, guess - step
            if below <= last and key_of(rows[below]) == key:
                return below
            if 0 <= above <= last and key_of(rows[above]) == key:
                return above
            if below > last and above < 0:
                break
        return max(0, min(guess, last))

    def _note_cursor(self) -> None:
        row = self.selected
        key = None if row is None else self.key_of(row)
        if key != self.cursor_key:
            self.cursor_key = key
            if row is not None:
                self.on_cursor(row)

    @property
    def selected(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    def visible_lines(self, width: int, height: int) -> list[Strip]:
        """The head and the rows in sight."""
        if not self.rows:
            return [] if self.view is None else self.empty_lines(self.view, width, height)
        text_width = max(1, width - BAR_CELLS)
        head = self.head(text_width)
        lines = [] if head is None else [head.adjust_cell_length(width)]
        room = max(1, height - len(lines))
        self._length = len(self.rows)
        self.top = max(0, min(self.top, len(self.rows) - room))
        shown = self.rows[self.top : self.top + room]
        bar = len(self.rows) > room
        for number, row in enumerate(shown):
            strip = self._strip(row, text_width)
            if not bar:
                strip = strip.adjust_cell_length(width)
            if self.top + number == self.cursor:
                name = "cursor" if self.has_focus else "cursor-away"
                strip = Strip(
                    Segment.apply_style(strip, None, self.meaning(name)), strip.cell_length
                )
            if bar and width > BAR_CELLS:
                strip = Strip([*strip, Segment(" "), self._bar(number, room)])
            lines.append(strip.adjust_cell_length(width))
        return lines

    def _bar(self, line: int, room: int) -> Segment:
        size = max(1, room * room // len(self.rows))
        start = round((room - size) * self.top / max(1, len(self.rows) - room))
        on = start <= line < start + size
        return Segment("┃" if on else " ", self.meaning("accent"))

    def _strip(self, row: Row, width: int) -> Strip:
        key = (self.key_of(row), self.version_of(row), width)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) >= CACHED_ROWS:
                self._strips.clear()
            strip = self.format_row(row, width).adjust_cell_length(width)
            self._strips[key] = strip
        return strip

    def forget_strips(self) -> None:
        """Format every row anew (the time format changed, or a mark did)."""
        self._strips.clear()
        self.repaint()

    def notify_style_update(self) -> None:
        """Forget rows in the colours of an older theme."""
        self._strips.clear()
        super().notify_style_update()

    # Moving

    @property
    def text_width(self) -> int:
        """Cells of a row for its text."""
        return max(1, self.content_size.width - BAR_CELLS)

    @property
    def room(self) -> int:
        """Rows in sight at once."""
        height = self.content_size.height
        return max(1, height - (0 if self.head(self.text_width) is None else 1))

    def move_to(self, index: int, *, follow: bool = False) -> None:
        """Put the cursor on a row, and the row in sight."""
        if not self.rows:
            return
        self.cursor = max(0, min(index, len(self.rows) - 1))
        self.following = self.FOLLOWS and (follow or self.cursor == 0)
        room = self.room
        if self.cursor < self.top:
            self.top = self.cursor
        elif self.cursor >= self.top + room:
            self.top = self.cursor - room + 1
        self._note_cursor()
        self.repaint()

    def move_to_key(self, key: Hashable) -> bool:
        """Put the cursor on the row of a key, if it is there."""
        for index, row in enumerate(self.rows):
            if self.key_of(row) == key:
                self.move_to(index)
                return True
        return False

    def scroll_lines(self, by: int) -> None:
        """Scroll without moving the cursor; the place is held from then on."""
        self.top = max(0, min(self.top + by, len(self.rows) - self.room))
        if self.top > 0:
            self.following = False
        elif self.cursor == 0:
            self.following = self.FOLLOWS
        self.repaint()

    def action_cursor_up(self) -> None:
        """One row up."""
        self.move_to(self.cursor - 1)

    def action_cursor_down(self) -> None:
        """One row down."""
        self.move_to(self.cursor + 1)

    def action_page_up(self) -> None:
        """A screen of rows up."""
        self.move_to(self.cursor - self.room)

    def action_page_down(self) -> None:
        """A screen of rows down."""
        self.move_to(self.cursor + self.room)

    def action_first(self) -> None:
        """To the first row."""
        self.move_to(0)

    def action_last(self) -> None:
        """To the last row; from there once more: follow the newest again."""
        if self.FOLLOWS and self.cursor == len(self.rows) - 1:
            self.move_to(0, follow=True)
        else:
            self.move_to(len(self.rows) - 1)

    def action_follow(self) -> None:
        """To the newest row, and stay on the newest."""
        self.move_to(0, follow=True)

    def action_open(self) -> None:
        """Go into the row under the cursor."""
        row = self.selected
        if row is not None:
            self.open_row(row)

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a row; a double click opens it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        head = 0 if self.head(self.text_width) is None else 1
        index = self.top + offset.y - head
        if offset.y >= head and index < len(self.rows):
            self.move_to(index)
            if event.chain == 2:
                self.action_open()
