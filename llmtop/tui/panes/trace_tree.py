"""The trace pane: the spans of a trace as a tree, each with its bar on a time axis."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

from textual.strip import Strip

from llmtop.live.view import TraceRow, TraceView, View
from llmtop.span import Span
from llmtop.tui import marked, numbers
from llmtop.tui.actions import bindings
from llmtop.tui.messages import SpanOpened, TraceOpened, TraceSpanSelected
from llmtop.tui.panes import trace_row
from llmtop.tui.panes.column_numbers import AT_LEAST
from llmtop.tui.panes.emptiness import reasons, said
from llmtop.tui.panes.folds import Folds, ancestors
from llmtop.tui.panes.path_shares import MANY, NOT_ON_IT, Share, shares
from llmtop.tui.panes.running_clock import running_clock
from llmtop.tui.panes.trace_row import Look
from llmtop.tui.panes.waterfall import LEGEND, PATH_LEGEND, Part, Waterfall, waterfall
from llmtop.tui.row_list import RowList
from llmtop.tui.safe_text import safe

ID_SHOWN = 12
"""Characters of a trace's id in the title."""


class TraceTreePane(RowList[TraceRow]):
    """The tree of one trace; `wide` gives its bars more room, `in_screen` is the trace's screen."""

    NUMBER: ClassVar[str] = "2"
    TITLE: ClassVar[str] = "Trace"
    BINDINGS = bindings("trace tree")
    FOLLOWS: ClassVar[bool] = False

    def __init__(self, *, wide: bool = False, in_screen: bool = False, **settings: Any) -> None:
        super().__init__(**settings)
        self.wide = wide
        self.in_screen = in_screen
        if in_screen:
            self.number = ""
        self.trace: TraceView | None = None
        self.folds = Folds()
        self._hidden: dict[str, int] = {}
        self._axis: tuple[tuple[object, ...], Waterfall] | None = None
        self._shares: tuple[TraceView, Mapping[str, Share]] | None = None
        self._went_to: tuple[str, str] | None = None
        """The trace and the selected call that the cursor was put on last."""

    # Showing

    def show_trace(self, trace: TraceView | None, selected: Span | None = None) -> None:
        """Show a trace from now on, with the cursor on a call of it; the app's selected one if
        none is given. While the pane has the keys it keeps its trace and its cursor.
        """
        shown = self.trace
        changed = shown is None or trace is None or trace.trace_id != shown.trace_id
        if changed and shown is not None and self.has_focus and not self.in_screen:
            held = self.llmtop.trace(shown.trace_id)
            if held is not None:
                trace, changed = held, False
        self.trace = trace
        if changed:
            self.cursor, self.top, self.cursor_key = 0, 0, None
        if trace is None or shown is None or trace.rows is not shown.rows:
            self._unroll()
        else:
            self.repaint()
        if not self.in_screen and not self.has_focus:
            self._go_to(selected or self.llmtop.selected)
        self.retitle(self._note())

    def _go_to(self, selected: Span | None) -> None:
        """Stand on the selected call, or on the fold that hides it."""
        if selected is None or self.trace is None:
            return
        wanted = (self.trace.trace_id, selected.span_id)
        if wanted == self._went_to:
            return
        rows = self.trace.rows
        index = self._index_of(selected.span_id)
        if index < 0:
            return
        self._went_to = wanted
        path = [index, *ancestors(rows, index)]
        seen = next((at for at in path[:0:-1] if self.key_of(rows[at]) in self.folds), index)
        super().move_to_key(self.key_of(rows[seen]))

    def _index_of(self, key: Hashable) -> int:
        """Which of the trace's rows bears a key, or -1."""
        rows: Sequence[TraceRow] = () if self.trace is None else self.trace.rows
        return next((at for at, row in enumerate(rows) if self.key_of(row) == key), -1)

    def show(self, view: View) -> None:
        """Show a view; whoever selects the trace shows that one (see `show_trace`)."""
        self.view = view
        self.repaint()

    def visible_lines(self, width: int, height: int) -> list[Strip]:
        """The head and the rows in sight; in the last line what the bars mean, if it is free."""
        lines = super().visible_lines(width, height)
        legend = PATH_LEGEND if self.llmtop.critical else LEGEND
        if self.rows and len(lines) + 1 < height and len(legend) <= width:
            blank = [self.line(width=width)] * (height - 1 - len(lines))
            lines = [*lines, *blank, self.line((legend, "dim"), width=width)]
        return lines

    def _unroll(self) -> None:
        """Find the rows that the folds leave to see."""
        rows: Sequence[TraceRow] = () if self.trace is None else self.trace.rows
        visible, self._hidden = self.folds.visible(rows)
        self.set_rows(visible)

    def _note(self) -> str:
        trace = self.trace
        if trace is None:
            return ""
        notes = [safe(trace.trace_id)[:ID_SHOWN], _plural(trace.spans, "span")]
        app = self.llmtop
        if app.critical:
            notes.insert(1, "critical path")
        notes.append(numbers.duration(trace.end - trace.start))
        if trace.cost is not None:
            notes.append(AT_LEAST * trace.at_least + numbers.money(trace.cost))
        if trace.errors:
            notes.append(_plural(trace.errors, "error"))
        if trace.running:
            notes.append(f"{trace.running:,} running")
        if trace.omitted:
            notes.append(f"{trace.omitted:,} not kept")
        if here := sum(app.trace_of(span) == trace.trace_id for span in app.marked):
            notes.append(f"{marked.SIGN} {here:,} marked")
        return "· " + " · ".join(notes)

    def key_of(self, row: TraceRow) -> Hashable:
        """A span stays the same span by its id."""
        return row.span.span_id

    def version_of(self, row: TraceRow) -> Hashable:
        """All that the row shows."""
        width = self.text_width
        return trace_row.version(row, self._look(row, width))

    def format_row(self, row: TraceRow, width: int) -> Strip:
        """The span in one line."""
        parts = trace_row.row(row, trace_row.layout(width, self.wide), self._look(row, width))
        return self._parts(parts, width)

    def head(self, width: int) -> Strip | None:
        """The columns' titles and the ticks of the time axis."""
        fields = trace_row.layout(width, self.wide)
        return self._parts(trace_row.head(fields, self._axis_of(fields.bar)), width)

    def _parts(self, parts: Sequence[Part], width: int) -> Strip:
        return self.line(*(part if part[1] else part[0] for part in parts), width=width)

    def _look(self, row: TraceRow, width: int) -> Look:
        span_id = row.span.span_id
        folded = span_id in self._hidden
        bar = trace_row.layout(max(1, width), self.wide).bar
        axis = self._axis_of(bar)
        app = self.llmtop
        clock = running_clock(self.view or app.view, app.now)
        share = self._path().get(span_id, NOT_ON_IT) if app.critical else None
        is_marked = row.span in app.marked
        return Look(clock, axis, folded, self._hidden.get(span_id, 0), is_marked, share)

    def _path(self) -> Mapping[str, Share]:
        """What each span has of the trace's critical path."""
        trace = self.trace
        if trace is None:
            return {}
        if self._shares is not None:
            of, found = self._shares
            still = of.rows is trace.rows and (of.end == trace.end or trace.spans > MANY)
            if still:
                return found
        self._shares = (trace, shares(trace))
        return self._shares[1]

    def _axis_of(self, width: int) -> Waterfall:
        trace = self.trace
        if trace is None:
            return Waterfall(0.0, 1.0, width, ())
        key = (trace.start, trace.end, trace.running, width)
        if self._axis is None or self._axis[0] != key:
            self._axis = (key, waterfall(trace, width))
        return self._axis[1]

    def empty_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """Why there is no trace, and what would bring one."""
        if self.llmtop.selected is not None and view.calls:
            sentences = [("Nothing of this trace is kept any more.", "dim")]
        elif view.calls:
            sentences = [("Select a call, and its trace is drawn here.", "dim")]
        else:
            sentences = reasons(self, view, "calls")
        return said(self, sentences, width, height)

    # Acting

    def on_cursor(self, row: TraceRow) -> None:
        """Tell which span the cursor stands on."""
        if self.in_screen or self.has_focus:
            self.post_message(TraceSpanSelected(row.span))

    def open_row(self, row: TraceRow) -> None:
        """Show the trace in full, or in the trace's own screen the span."""
        if self.in_screen:
            self.post_message(SpanOpened(row.span))
        elif self.trace is not None:
            self.post_message(TraceOpened(self.trace.trace_id, row.span))

    def action_fold(self) -> None:
        """Fold or unfold the branch under the cursor."""
        row = self.selected
        if row is not None and row.children:
            self.folds.toggle(row.span.span_id)
            self._unroll()

    def action_fold_in(self) -> None:
        """Fold an open branch; from what cannot be folded, go to the parent."""
        row = self.selected
        if row is None:
            return
        if row.children and row.span.span_id not in self.folds:
            self.action_fold()
        elif above := ancestors(self.rows, self.cursor):
            self.move_to(above[0])

    def action_fold_out(self) -> None:
        """Unfold a folded branch; into an open one, go."""
        row = self.selected
        if row is None or not row.children:
            return
        if row.span.span_id in self.folds:
            self.action_fold()
        else:
            self.move_to(self.cursor + 1)

    def action_fold_all(self) -> None:
        """Fold every branch; the cursor goes to the root it was in."""
        if self.trace is None or not self.rows:
            return
        above = ancestors(self.rows, self.cursor)
        self.cursor_key = self.key_of(self.rows[above[-1] if above else self.cursor])
        self.folds.fold_all(self.trace.rows)
        self._unroll()
        self.move_to(self.cursor)

    def action_critical(self) -> None:
        """Show the critical path, or the bars as they are."""
        self.llmtop.critical = not self.llmtop.critical
        self.retitle(self._note())
        self.repaint()

    def action_unfold_all(self) -> None:
        """Unfold every branch."""
        if self.trace is not None:
            self.folds.unfold_all(self.trace.rows)
            self._unroll()

    def move_to_key(self, key: Hashable) -> bool:
        """Put the cursor on a span, wherever it is folded away."""
        index = self._index_of(key)
        if index >= 0:
            self._unfold_to(index)
        return index >= 0

    def _unfold_to(self, index: int) -> None:
        """Put the cursor on one of the trace's rows, and unfold what hides it."""
        rows = () if self.trace is None else self.trace.rows
        if self.folds.reveal(rows, index):
            self._unroll()
        super().move_to_key(self.key_of(rows[index]))

    def action_next_error(self) -> None:
        """To the next failed span below, folded away or not."""
        self._to_error(1)

    def action_previous_error(self) -> None:
        """To the next failed span above, folded away or not."""
        self._to_error(-1)

    def _to_error(self, step: int) -> None:
        rows = () if self.trace is None else self.trace.rows
        at = self._index_of(self.cursor_key) + step
        while 0 <= at < len(rows):
            if rows[at].span.failed:
                self._unfold_to(at)
                return
            at += step
        self.notify(f"No failed span {'below' if step > 0 else 'above'}.", timeout=2)


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
