"""The base of the screens with a text that can be searched: `/`, and from match to match."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from llmtop.tui.bars.footer import FooterBar
from llmtop.tui.bars.header import HeaderBar
from llmtop.tui.bars.honest_strip import HonestStrip
from llmtop.tui.bars.search_bar import SearchBar
from llmtop.tui.documents.document import Place
from llmtop.tui.documents.document_pane import DocumentPane
from llmtop.tui.screens.base import ViewScreen


class SearchedScreen(ViewScreen):
    """A screen overrides `searched`, and binds the keys of `search` after its own."""

    _begun_at = Place()
    """What is typed is looked for from here on."""

    @property
    def searched(self) -> DocumentPane:
        """The text that is searched."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """The search line stands below the body."""
        yield HeaderBar()
        yield from self.compose_body()
        yield SearchBar()
        yield HonestStrip()
        yield FooterBar()

    def action_search(self) -> None:
        """Open the search line."""
        self._begun_at = self.searched.place
        self.query_one(SearchBar).open(self.searched.words)

    @on(SearchBar.Typed)
    def _typed(self, message: SearchBar.Typed) -> None:
        if self.searched.find(message.words, self._begun_at) is False:
            self.notify("It is not in this text.", timeout=2, markup=False)
        self.refresh_bindings()

    def action_next_match(self) -> None:
        """To the next place where the words stand."""
        self._step(1)

    def action_previous_match(self) -> None:
        """To the place before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        if not self.searched.step_match(by):
            self.notify("It is not in this text.", timeout=2, markup=False)

    def action_clear_search(self) -> None:
        """Look for nothing."""
        self.searched.find("")
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done now: matches are stepped through when something is looked for."""
        del parameters
        if action == "search":
            return not any(bar.is_open for bar in self.query(SearchBar))
        if action in ("next_match", "previous_match", "clear_search"):
            return bool(self.searched.words)
        return True
