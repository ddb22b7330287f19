"""The copy menu: what of a call goes to the clipboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from llmtop.filter import Filter
from llmtop.payload import Message, Payload
from llmtop.span import Span
from llmtop.tui.safe_text import cell

_HINT_CELLS = 42


class Choice(NamedTuple):
    """One line of the menu."""

    key: str
    what: str
    """What is copied, as in "Sent the prompt"."""
    text: Callable[[], str]
    """Called when it is chosen: it may have to be read from a file."""
    hint: str = ""
    """What is shown of it beforehand."""


def choices(
    span: Span | None, filter_: Filter | None, payload: Callable[[Span], Payload]
) -> list[Choice]:
    """What there is to copy of a call and of the filter that is on."""
    found: list[Choice] = []
    if span is not None:
        chosen = span
        name, trace = span.request_id or span.span_id, span.trace_id
        found.append(Choice("i", "id", lambda: name, name))
        if trace is not None:
            found.append(Choice("t", "trace id", lambda: trace, trace))
        if span.is_call:
            found.append(Choice("p", "prompt", lambda: _text(payload(chosen).input)))
            found.append(Choice("a", "answer", lambda: _text(payload(chosen).output)))
        found.append(Choice("r", "record", lambda: "\n".join(payload(chosen).raw)))
    if filter_ is not None:
        text = filter_.text
        found.append(Choice("f", "filter", lambda: text, text))
    return found


def _text(messages: Sequence[Message]) -> str:
    """One message as it is; several with their roles."""
    if len(messages) == 1 and not messages[0].tool_calls:
        return messages[0].text
    parts = []
    for message in messages:
        calls = [f"{call.name or 'tool'}({call.arguments or ''})" for call in message.tool_calls]
        parts.append("\n".join([f"{message.role}:", *filter(None, [message.text, *calls])]))
    return "\n\n".join(parts)


class CopyMenu(ModalScreen[Choice | None]):
    """A list to choose from, by arrows and enter, by letter, or by mouse."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,y", "leave", "back"),
        Binding("j", "down", show=False),
        Binding("k", "up", show=False),
    ]

    def __init__(self, offered: Sequence[Choice]) -> None:
        super().__init__()
        self._offered = offered
        for each in offered:
            self._bindings.bind(each.key, f"choose('{each.key}')", each.what, show=False)

    def compose(self) -> ComposeResult:
        """The lines, each with its letter."""
        options = [
            Option(
                Text.assemble(
                    (f" {each.key} ", "bold"),
                    f" {each.what:<9} ",
                    (cell(each.hint, _HINT_CELLS).rstrip(), "dim"),
                ),
                id=each.key,
            )
            for each in self._offered
        ]
        menu = OptionList(*options)
        menu.border_title = "Copy"
        yield menu

    def on_mount(self) -> None:
        """Arrows choose as well as letters."""
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.action_choose(str(event.option_id))

    def action_choose(self, key: str) -> None:
        """Copy what a letter stands for."""
        self.dismiss(next((each for each in self._offered if each.key == key), None))

    def action_leave(self) -> None:
        """Copy nothing."""
        self.dismiss(None)

    def action_down(self) -> None:
        """One line down."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """One line up."""
        self.query_one(OptionList).action_cursor_up()
