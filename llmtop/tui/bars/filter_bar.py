"""The filter bar: every key pressed filters all panes at once, and a mistake is said at once."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, cast

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from llmtop.filter import FilterError, suggestions
from llmtop.filter_terms import KEYS
from llmtop.tui.bars.typed_line import TypedLine
from llmtop.tui.safe_text import safe

if TYPE_CHECKING:
    from llmtop.tui.app import LlmTop

PAUSE_S = 0.15
"""With many calls kept, filtering waits until typing pauses for so long."""
MANY = 5_000
"""Spans; with no more than these every key filters at once."""
RECENT = 500
"""Calls whose users, sessions and the like are offered to complete a term."""
_KEYS = "words " + " ".join(f"{key}:" for key in KEYS) + " -not or ( )"


class FilterBar(Vertical):
    """An input above the panes; esc takes back what was typed, enter keeps it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "take back"),
        Binding("tab", "complete", "complete"),
        Binding("shift+tab", "nothing", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._before = ""
        self._from: Widget | None = None
        self._pause: Timer | None = None

    @property
    def _app(self) -> LlmTop:
        return cast("LlmTop", self.app)

    @property
    def _input(self) -> Input:
        return self.query_one(Input)

    def compose(self) -> ComposeResult:
        """The input, and below it what is to be said of it."""
        with Horizontal():
            yield Static("/ ", id="slash")
            yield TypedLine(placeholder="words and key:value; every pane shows what fits")
        yield Static(id="hint")

    @property
    def is_open(self) -> bool:
        """Whether it has the keys."""
        return self.has_class("open")

    def open(self) -> None:
        """Take the keys, with the filter that is on to begin with."""
        asked = self._app.asked.filter
        if not self.is_open:
            self._before = "" if asked is None else asked.text
            self._from = self.screen.focused
        self.add_class("open")
        self._input.value = self._before
        self._input.cursor_position = len(self._before)
        # At once, so that the keys that follow are not taken for keys of the panes.
        self.screen.set_focus(self._input)
        self._hint()

    def _close(self) -> None:
        self._stop_waiting()
        self.remove_class("open", "wrong")
        back = self._from
        if back is not None and back.is_attached:
            self.screen.set_focus(back)

    # What is typed

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.is_open:
            return
        mistake = self._hint()
        self._stop_waiting()
        if mistake is None:
            view = self._app.view
            if view is None or view.spans <= MANY:
                self._apply()
            else:
                self._pause = self.set_timer(PAUSE_S, self._apply)

    def _stop_waiting(self) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None

    def _apply(self) -> None:
        """Filter to what is typed, but for a word that may yet become a key."""
        text, cursor = self._input.value, self._input.cursor_position
        start = _term_start(text, cursor)
        if any(each.endswith(":") for each in suggestions(text, cursor, {})):
            text = text[:start] + text[cursor:]
            try:
                self._app.understood(text)
            except FilterError:
                if text.strip():
                    return
        self._app.set_filter(text)

    def _mistake(self) -> FilterError | None:
        text = self._input.value
        try:
            self._app.understood(text)
        except FilterError as error:
            return error if text.strip() else None
        return None

    def _hint(self) -> FilterError | None:
        """Say below the input what is wrong with it, or how it could go on."""
        mistake = self._mistake()
        self.set_class(mistake is not None, "wrong")
        width = max(10, self.content_size.width - 2)
        if mistake is not None:
            said = pointed(mistake, self._input.value, width)
        else:
            offered = self._offered()
            said = f"tab: {' '.join(offered)}" if offered else _KEYS
        self.query_one("#hint", Static).update(Text(safe(said), no_wrap=True, overflow="ellipsis"))
        return mistake

    def _offered(self) -> tuple[str, ...]:
        text, cursor = self._input.value, self._input.cursor_position
        offered = suggestions(text, cursor, self._values())
        return tuple(each for each in offered if each != text[_term_start(text, cursor) : cursor])

    def _values(self) -> Mapping[str, set[str]]:
        """What is known of each key's values, from the models and the newest calls."""
        view = self._app.view
        found: dict[str, set[str]] = {"op": set()}
        if view is None:
            return found
        found["model"] = {row.model for row in view.models if row.model}
        found["provider"] = {row.provider for row in view.models if row.provider}
        recent = list(islice(view.calls, RECENT))
        found["op"] = {span.series.operation for span in recent}
        found["user"] = {span.user_id for span in recent if span.user_id}
        found["session"] = {span.session_id for span in recent if span.session_id}
        found["agent"] = {span.agent for span in recent if span.agent}
        found["finish"] = {span.finish_reason for span in recent if span.finish_reason}
        found["error"] = {span.failure.type for span in recent if span.failure}
        return {key: set(filter(_can_be_typed, values)) for key, values in found.items()}

    # What its keys do

    def action_keep(self) -> None:
        """Keep what is typed, unless there is a mistake in it."""
        if self._hint() is None:
            self._app.set_filter(self._input.value)
            self._close()

    def action_cancel(self) -> None:
        """Filter again as before."""
        self._stop_waiting()
        self._app.set_filter(self._before)
        self._close()

    def action_complete(self) -> None:
        """Put the first thing offered in the place of the term at the cursor."""
        offered = self._offered()
        if not offered:
            return
        text, cursor = self._input.value, self._input.cursor_position
        start = _term_start(text, cursor)
        chosen = _quoted(offered[0])
        end = "" if chosen.endswith(":") or text[cursor : cursor + 1] == " " else " "
        self._input.value = text[:start] + chosen + end + text[cursor:]
        self._input.cursor_position = start + len(chosen + end)

    def action_nothing(self) -> None:
        """Keep the keys in the bar."""


def pointed(mistake: FilterError, text: str, width: int) -> str:
    """The mistake beside a mark under its place, or with its column where there is no room."""
    at = cell_len(safe(text[: mistake.position]))
    said = mistake.message
    if at + 2 + cell_len(said) <= width:
        return f"{' ' * at}▲ {said}"
    if cell_len(said) + 1 < at < width:
        return f"{' ' * (at - cell_len(said) - 1)}{said} ▲"
    return f"at {mistake.position + 1}: {said}"


def _can_be_typed(value: str) -> bool:
    """Whether a value of a log may be put into the input: it says what it shows, on one line."""
    return value.isprintable() and safe(value) == value and '"' not in value


def _term_start(text: str, cursor: int) -> int:
    """Where the term begins in which the cursor stands, after its `-`."""
    start = max(text.rfind(" ", 0, cursor), text.rfind("(", 0, cursor)) + 1
    return start + text[start:cursor].startswith("-")


def _quoted(term: str) -> str:
    key, colon, value = term.partition(":")
    return f'{key}{colon}"{value}"' if " " in value and '"' not in value else term
