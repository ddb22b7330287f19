"""A small menu over a screen: a line is chosen by its letter, by arrows and enter, or by mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from llmtop.tui.safe_text import cell

_CELLS = 55
"""Of a line's name and hint together."""


class Offered(Protocol):
    """One line of a menu."""

    @property
    def key(self) -> str:
        """The letter that chooses it."""

    @property
    def what(self) -> str:
        """What it stands for."""

    @property
    def hint(self) -> str:
        """What is shown of it beforehand."""


Line = TypeVar("Line", bound=Offered)


class Menu(ModalScreen[Line | None], Generic[Line]):
    """Ends with the line that was chosen, or with `None`; `key` opened it, and closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back"),
        Binding("q", "cancel", show=False),
        Binding("j", "down", show=False),
        Binding("k", "up", show=False),
    ]

    def __init__(self, title: str, offered: Sequence[Line], key: str) -> None:
        super().__init__()
        self._title = title
        self._offered = offered
        self._bindings.bind(key, "cancel", "back", show=False)
        for each in offered:
            self._bindings.bind(each.key, f"choose('{each.key}')", each.what, show=False)

    def compose(self) -> ComposeResult:
        """The lines, each with its letter."""
        widest = max(9, *(cell_len(each.what) for each in self._offered))
        options = [
            Option(
                Text.assemble(
                    (f" {each.key} ", "bold"),
                    f" {cell(each.what, widest)} ",
                    (cell(each.hint, max(0, _CELLS - widest - 1)).rstrip(), "dim"),
                ),
                id=each.key,
            )
            for each in self._offered
        ]
        menu = OptionList(*options)
        menu.border_title = self._title.replace("[", r"\[")
        yield menu

    def on_mount(self) -> None:
        """Arrows choose as well as letters."""
        self.set_focus(self.query_one(OptionList))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.action_choose(str(event.option_id))

    def action_choose(self, key: str) -> None:
        """Choose what a letter stands for."""
        self.dismiss(next((each for each in self._offered if each.key == key), None))

    def action_cancel(self) -> None:
        """Choose nothing."""
        self.dismiss(None)

    def action_down(self) -> None:
        """One line down."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """One line up."""
        self.query_one(OptionList).action_cursor_up()
