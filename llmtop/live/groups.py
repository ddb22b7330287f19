"""Groups: tokens and costs by who or what calls are of, beside the sums by model."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from llmtop.filter import Filter
from llmtop.live.ledger import Ledger
from llmtop.live.tally import unmeasured
from llmtop.live.view import Group
from llmtop.live.watcher import Watcher
from llmtop.span import Span

MOST_GROUPS = 1000
"""The calls of further ones are summed up together."""
OTHERS = "(others)"
"""Their name."""

OF: Mapping[str, Callable[[Span], str | None]] = {
    "model": lambda span: span.series.model,
    "provider": lambda span: span.series.provider,
    "operation": lambda span: span.series.operation,
    "session": lambda span: span.session_id,
    "user": lambda span: span.user_id,
    "agent": lambda span: span.agent,
    "name": lambda span: span.name,
}
"""What tells the group of a call, for all that sums calls up by groups."""


class Groups(Watcher):
    """Sums of the calls that a filter lets through, by a group of the user's choice."""

    def __init__(self, by: Group, matches: Filter | None) -> None:
        super().__init__(matches)
        self.by = by
        self._of = OF[by]
        self._numbers: dict[str | None, int] = {}
        self.names: list[str | None] = []
        """The groups by number."""
        self.ledger = Ledger(self.number, unmeasured)
        self.fell_short = False
        """Whether calls were let go before anybody asked for these sums."""

    def number(self, span: Span) -> int:
        """The number of a call's group, which a name keeps once it has one."""
        name = self._of(span)
        number = self._numbers.get(name)
        if number is None:
            if len(self.names) >= MOST_GROUPS and name != OTHERS:
                return self._number_of(OTHERS)
            number = self._number_of(name)
        return number

    def _number_of(self, name: str | None) -> int:
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self.names)
            self.names.append(name)
        return number

    def count(self, span: Span, sign: int) -> None:
        """Count a call that is over, or take it back."""
        if sign > 0:
            self.ledger.add(span)
        else:
            self.ledger.remove(span)

    def forget_before(self, newest: float) -> None:
        """Drop what is too old for windows that end at `newest` (seconds since the epoch)."""
        self.ledger.forget_before(newest)


class Grouping:
    """The groups that are asked for now: filled anew when something else is asked."""

    def __init__(
        self,
        watch: Callable[[Watcher], None],
        unwatch: Callable[[Watcher], None],
    ) -> None:
        self._watch = watch
        self._unwatch = unwatch
        self._groups: Groups | None = None

    def by(self, group: Group, matches: Filter | None, *, evicted: bool) -> Groups | None:
        """The sums by a group, or `None` for those by model, which are kept anyway.

        `evicted`: whether there were calls that are not kept any more.
        """
        groups = self._groups
        if groups is not None and (groups.by != group or groups.filter != matches):
            self._unwatch(groups)
            groups = self._groups = None
        if groups is None and group != "model":
            groups = self._groups = Groups(group, matches)
            groups.fell_short = evicted
            self._watch(groups)
        return groups
