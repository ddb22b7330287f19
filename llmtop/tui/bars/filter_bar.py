"""The filter bar: every key pressed filters all panes at once, and a mistake is said at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from llmtop.tui.bars.completion import (
    Completion,
    can_be_typed,
    completed,
    offered,
    term_start,
)
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
_EDGES = 4
"""Cells of a row that are left of the hint, and right of it."""
_FIRST_KEYS = ("text", "model", "status", "latency", "cost", "user", "session", "agent")
_LANGUAGE = (
    "words",
    *(f"{key}:" for key in _FIRST_KEYS),
    "-not",
    "or",
    "( )",
    *(f"{key}:" for key in KEYS if key not in _FIRST_KEYS),
)
"""What a filter is made of, the most useful first."""


class FilterBar(Vertical):
    """An input above the panes; esc takes back what was typed, enter keeps it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "take back"),
        Binding("tab", "complete", "complete"),
        Binding("shift+tab", "complete_back", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._before = ""
        self._from: Widget | None = None
        self._pause: Timer | None = None
        self._completion: Completion | None = None
        """What tab has put in last."""

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

    def on_resize(self) -> None:
        """Say as much as there is room for now."""
        if self.is_open:
            self._hint()

    def _stop_waiting(self) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None

    def _apply(self) -> None:
        """Filter to what is typed, but for a word that may yet become a key."""
        text, cursor = self._input.value, self._input.cursor_position
        start = term_start(text, cursor)
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

    def _hint(self, *, ends: bool = False) -> FilterError | None:
        """Say below the input what is wrong with it, or how it could go on unless it `ends`."""
        mistake = self._mistake()
        terms = self._terms()
        wrong = mistake is not None and (ends or not (terms and self._lacks_its_value(mistake)))
        self.set_class(wrong, "wrong")
        # The bar's own width is not known before it was drawn.
        width = max(10, self.screen.size.width - _EDGES)
        if mistake is not None and wrong:
            said = pointed(mistake, self._input.value, width)
        elif terms:
            said = _fitting("tab:", terms, width)
        else:
            said = _fitting("", _LANGUAGE, width)
        self.query_one("#hint", Static).update(Text(safe(said), no_wrap=True, overflow="ellipsis"))
        return mistake

    def _lacks_its_value(self, mistake: FilterError) -> bool:
        """Whether a mistake is no more than that a term at the cursor has only its key as yet."""
        text, cursor = self._input.value, self._input.cursor_position
        return text[:cursor].endswith(":") and mistake.position >= term_start(text, cursor)

    @property
    def _going_round(self) -> Completion | None:
        """What tab has put in, while nothing else was typed and there is more to offer."""
        last = self._completion
        if last is None or not last.goes_round:
            return None
        field = self._input
        return last if (field.value, field.cursor_position) == (last.text, last.cursor) else None

    def _terms(self) -> tuple[str, ...]:
        """What tab would put in, in the order in which it would."""
        if (last := self._going_round) is not None:
            return last.others()
        return offered(self._input.value, self._input.cursor_position, self._values())

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
        return {key: set(filter(can_be_typed, values)) for key, values in found.items()}

    # What its keys do

    def action_keep(self) -> None:
        """Keep what is typed, unless there is a mistake in it."""
        if self._hint(ends=True) is None:
            self._app.set_filter(self._input.value)
            self._close()

    def action_cancel(self) -> None:
        """Filter again as before."""
        self._stop_waiting()
        self._app.set_filter(self._before)
        self._close()

    def action_complete(self) -> None:
        """Put the first term offered in the place of that at the cursor; again: the next one."""
        self._complete(1)

    def action_complete_back(self) -> None:
        """Go back to the term that was put in before."""
        if self._going_round is not None:
            self._complete(-1)

    def _complete(self, by: int) -> None:
        last, field = self._going_round, self._input
        if last is not None:
            self._completion = last.step(by)
        elif terms := self._terms():
            self._completion = completed(field.value, field.cursor_position, terms)
        else:
            return
        field.value = self._completion.text
        field.cursor_position = self._completion.cursor


def _fitting(label: str, words: Sequence[str], width: int) -> str:
    """As many words as there is room for, and a sign that there are more."""
    line = label
    for number, word in enumerate(words):
        longer = f"{line} {word}".lstrip()
        rest = 0 if number == len(words) - 1 else len(" …")
        if cell_len(longer) + rest > width and number:
            return f"{line} …"
        line = longer
    return line


def pointed(mistake: FilterError, text: str, width: int) -> str:
    """The mistake beside a mark under its place, or with its column where there is no room."""
    at = cell_len(safe(text[: mistake.position]))
    said = mistake.message
    if at + 2 + cell_len(said) <= width:
        return f"{' ' * at}▲ {said}"
    if cell_len(said) + 1 < at < width:
        return f"{' ' * (at - cell_len(said) - 1)}{said} ▲"
    return f"at {mistake.position + 1}: {said}"
