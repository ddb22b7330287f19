"""Which branches of a tree are folded, and which rows are left to see."""

from __future__ import annotations

from collections.abc import Sequence

from llmtop.live.view import TraceRow


class Folds:
    """The folded branches by the id of their span; they stay folded in every later view."""

    def __init__(self) -> None:
        self._folded: set[str] = set()

    def __contains__(self, span_id: object) -> bool:
        return span_id in self._folded

    def toggle(self, span_id: str) -> None:
        """Fold an open branch, unfold a folded one."""
        self._folded ^= {span_id}

    def fold_all(self, rows: Sequence[TraceRow]) -> None:
        """Fold every branch."""
        self._folded.update(row.span.span_id for row in rows if row.children)

    def unfold_all(self, rows: Sequence[TraceRow]) -> None:
        """Unfold every branch."""
        self._folded.difference_update(row.span.span_id for row in rows)

    def visible(self, rows: Sequence[TraceRow]) -> tuple[Sequence[TraceRow], dict[str, int]]:
        """The rows that no fold hides, and how many each fold of them hides."""
        if not self._folded:
            return rows, {}
        found: list[TraceRow] = []
        hidden: dict[str, int] = {}
        folded_at = -1
        folded_id = ""
        for row in rows:
            if folded_at >= 0:
                if row.depth > folded_at:
                    hidden[folded_id] += 1
                    continue
                folded_at = -1
            found.append(row)
            if row.children and row.span.span_id in self._folded:
                folded_at, folded_id = row.depth, row.span.span_id
                hidden[folded_id] = 0
        return found, hidden

    def reveal(self, rows: Sequence[TraceRow], index: int) -> bool:
        """Unfold every branch that hides a row; whether one did."""
        before = len(self._folded)
        for above in ancestors(rows, index):
            self._folded.discard(rows[above].span.span_id)
        return len(self._folded) < before


def ancestors(rows: Sequence[TraceRow], index: int) -> list[int]:
    """Where a row's parent stands, its parent's parent, and so on up to the root."""
    found = []
    depth = rows[index].depth
    while depth and index:
        index -= 1
        if rows[index].depth < depth:
            depth = rows[index].depth
            found.append(index)
    return found
