"""The honest-numbers screen: what each figure means, every source, and the lines not understood."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.strip import Strip

from llmtop import written_figures
from llmtop.live.view import EmitterState, Honest, SourceState, View
from llmtop.tui import numbers
from llmtop.tui.documents.scrolled_text import ScrolledText
from llmtop.tui.safe_text import cell, safe, wrapped
from llmtop.tui.screens.base import ViewScreen

_MEANINGS: tuple[tuple[str, str, str, str], ...] = (
    ("lines", "lines", "dim",
     "Lines and datagrams read from all sources."),
    ("rejected", "rejected", "error",
     "Lines that could not be understood: nothing on screen counts them. They stand below."),
    ("duplicates", "duplicates", "dim",
     "Records that told nothing new about a span already known: counted once."),
    ("datagrams_lost", "lost", "error",
     "Datagrams that never came, by the gaps in their senders' numbering: UDP promises nothing. "
     "Files lose nothing."),
    ("unpriced_calls", "unpriced", "slow",
     "Calls with token counts whose model has no known price: every cost shown is without them. "
     "[prices] in the config file adds one."),
    ("calls_without_usage", "no usage", "slow",
     "Calls that ended well and told no token counts: no tokens and no cost are shown for them."),
    ("spans_evicted", "evicted", "dim",
     "Spans no longer kept in detail, the oldest first (--max-calls, --max-memory). "
     "Totals still count them; a filter sees only what is kept."),
    ("bad_clocks", "bad clocks", "slow",
     "Spans whose times make no sense (an end before the start): their latency is not averaged."),
    ("nested_calls", "nested", "dim",
     "Calls told twice, by a span around another one or by a second instrumentation: shown, "
     "counted once."),
)  # fmt: skip
"""Field of `Honest`, its word on screen, its colour when it is not zero, and what it means."""

_MOST_EMITTERS = 20
"""Emitters shown of one port: those heard of last."""


class HonestText(ScrolledText):
    """Figures, sources and rejected lines."""

    TITLE = "Honest numbers"

    def compose_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """All of it, in three parts."""
        del height
        return [
            *self._figures(view.honest, width),
            *self._sources(self.llmtop.sources, width),
            *self._rejects(width),
        ]

    def _figures(self, honest: Honest, width: int) -> Iterator[Strip]:
        yield self.line(("How far the figures can be trusted", "head"), width=width)
        for field, word, meaning, said in _MEANINGS:
            count = int(getattr(honest, field))
            shown = f"{numbers.count(count):>12}"
            for number, row in enumerate(wrapped(said, max(10, width - 28))):
                first = (shown, meaning if count else "dim") if not number else (" " * 12, "dim")
                name = cell("" if number else word, 11)
                yield self.line(first, f"  {name} ", (row, "dim"), width=width)
        yield Strip.blank(width)

    def _sources(self, sources: tuple[SourceState, ...], width: int) -> Iterator[Strip]:
        yield self.line(("Sources", "head"), width=width)
        if not sources:
            yield self.line(("  none", "dim"), width=width)
        for source in sources:
            bad = source.state in ("failed", "gone")
            state = (source.state, "error" if bad else "ok")
            *rows, last = wrapped(safe(source.label), max(10, width - len(source.state) - 4))
            for row in rows:
                yield self.line("  ", (row, "strong"), width=width)
            yield self.line("  ", (last, "strong"), "  ", state, width=width)
            lines = "1 line" if source.lines == 1 else f"{source.lines:,} lines"
            told = [source.kind, source.format or "format not known yet",
                    lines, f"{source.rejected:,} rejected"]  # fmt: skip
            if source.datagrams or source.kind == "udp":
                told += [f"{source.datagrams:,} datagrams", f"{source.lost:,} lost"]
            if source.bytes_total:
                read = 100 * source.bytes_read / source.bytes_total
                told.append(f"{read:.0f}% of {written_figures.size(source.bytes_total)} read")
            for row in wrapped(" · ".join(told), width - 4):
                yield self.line(("    " + row, "dim"), width=width)
            for row in wrapped(source.detail or "", width - 4):
                if row:
                    yield self.line(("    " + row, "error" if bad else "slow"), width=width)
            if source.received:
                came = " · ".join(f"{count:,} {what}" for what, count in source.received.items())
                for row in wrapped(came, width - 4):
                    yield self.line(("    " + row, "dim"), width=width)
            yield from self._emitters(source.emitters, width)
        yield Strip.blank(width)

    def _emitters(self, emitters: tuple[EmitterState, ...], width: int) -> Iterator[Strip]:
        if not emitters:
            return
        head = f"    {cell('emitter', 16)}{'sent':>11}{'received':>11}{'lost':>9}{'twice':>8}"
        yield self.line((head, "dim"), width=width)
        shown, others = emitters[:_MOST_EMITTERS], emitters[_MOST_EMITTERS:]
        for emitter in shown:
            yield self.line(
                f"    {cell(safe(emitter.name), 16)}{emitter.sent:>11,}{emitter.received:>11,}",
                (f"{emitter.lost:>9,}", "error" if emitter.lost else "dim"),
                (f"{emitter.duplicates:>8,}", "dim"),
                ("  finished" if emitter.left else "", "dim"),
                width=width,
            )
        if others:
            lost = sum(emitter.lost for emitter in others)
            said = f"    and {len(others):,} heard of longer ago, {lost:,} lost"
            yield self.line((said, "error" if lost else "dim"), width=width)

    def _rejects(self, width: int) -> Iterator[Strip]:
        rejects = self.llmtop.rejects
        sources = self.llmtop.sources
        yield self.line(("Rejected lines, the newest first", "head"), width=width)
        if not rejects:
            yield self.line(("  none", "dim"), width=width)
        for reject in reversed(rejects):
            known = 0 <= reject.source < len(sources)
            label = safe(sources[reject.source].label) if known else "a source"
            reason = safe(reject.reason)
            room = max(0, width - 4 - cell_len(reason))
            beside = label if cell_len(label) <= room else cell(label.rpartition("/")[2], room)
            yield self.line("  ", (reason, "error"), (f"  {beside}", "dim"), width=width)
            for row in wrapped(safe(reject.start), width - 4)[:3]:
                yield self.line(f"    {row}", width=width)


class HonestScreen(ViewScreen):
    """How far the figures can be trusted."""

    def compose_body(self) -> ComposeResult:
        """One text."""
        yield HonestText()
