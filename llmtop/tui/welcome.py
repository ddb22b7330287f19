"""What stands on the dashboard until something comes: how to feed llmtop."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from textual.strip import Strip

from llmtop.live.view import SourceState, View
from llmtop.tui.actions import first_key, key_name
from llmtop.tui.documents.scrolled_text import ScrolledText
from llmtop.tui.safe_text import safe, wrapped

if TYPE_CHECKING:
    from llmtop.tui.app import LlmTop

_INDENT = 4
_SENDING = {
    "udp": ("Send from your app: llmtop's emitter, or lines of JSON by UDP",
            "export LLMTOP_SINK=udp://"),
    "otlp": ("Send from OpenTelemetry, by OTLP over HTTP",
             "export OTEL_EXPORTER_OTLP_ENDPOINT=http://"),
}  # fmt: skip
"""By the kind of source: what it takes, and what is typed before its address."""


def _came(source: SourceState) -> str:
    """What came from a source, when none of it was a call."""
    if not source.lines:
        return ""
    lines = f", {source.lines:,} line" + ("s" if source.lines > 1 else "")
    if source.rejected >= source.lines:
        return f"{lines}, none understood"
    rejected = f"{source.rejected:,} not understood" if source.rejected else "no call in them"
    return f"{lines}, {rejected}"


def _key(app: LlmTop, action: str) -> str:
    """The key to press for something, as the user may have laid it."""
    return key_name(first_key(f"app.{action}", app.keys))


def _within(source: SourceState, folder: str) -> bool:
    return source.kind == "file" and source.label.startswith(folder.rstrip("/") + "/")


def _told(source: SourceState, folder: str = "") -> str:
    """A source and what came from it; a file of a folder by its name in there."""
    detail = f" ({source.detail.rstrip('.')})" if source.detail else ""
    said = f"{source.state}{detail}{_came(source)}"
    if folder:
        return f"  {source.label.removeprefix(folder).lstrip('/')}: {said}"
    kind = "" if source.label.startswith(source.kind) else f"{source.kind} "
    return f"{kind}{source.label}: {said}"


def _as_typed(path: str) -> str:
    """A path as one would type it here."""
    here = os.path.relpath(path)
    return shlex.quote(min(here, path, key=len))


class Welcome(ScrolledText):
    """Says which sources are watched, and what would make something appear."""

    TITLE = "No call has come yet"

    def compose_lines(self, view: View, width: int, height: int) -> list[Strip]:
        """Sources first, then the ways to feed them."""
        del view
        lines = [self.line("", width=width)] if height > 16 else []
        for parts in self._parts():
            lines += self._paragraph(parts, width)
        return lines

    def _parts(self) -> list[tuple[str, str]]:
        """Texts and whether each is said, or typed."""
        app = self.llmtop
        parts = [("Watching", "head")]
        told = []
        for folder in app.pump.folders:
            filled = any(source.label.startswith(folder) for source in app.sources if source.lines)
            told.append(f"folder {folder}" + (":" if filled else ": no line of a log in it yet"))
            told += [_told(each, folder) for each in app.sources if _within(each, folder)]
        told += [
            _told(source)
            for source in app.sources
            if not any(_within(source, folder) for folder in app.pump.folders)
        ]
        parts += [(line, "strong") for line in told or ["nothing"]]
        strange = [source for source in app.sources if source.rejected]
        if strange:
            honest = _key(app, "honest")
            parts += [
                ("", ""),
                (f"Lines came that are not understood: {honest} shows them and why", "head"),
            ]
            paths = [_as_typed(source.label) for source in strange if source.kind == "file"]
            if paths:
                parts.append((f"llmtop formats {min(paths, key=len)}", "accent"))
        for source in app.sources:
            address = source.label.rpartition(" ")[2].removeprefix("http://")
            if source.state == "listening" and source.kind in _SENDING:
                said, typed = _SENDING[source.kind]
                parts += [("", ""), (said, "head"), (f"{typed}{address}", "accent")]
        parts += [
            ("", ""),
            ("Follow logs: files, folders, or standard input", "head"),
            ("llmtop --follow ./logs", "accent"),
            ("my-app | llmtop --follow -", "accent"),
            ("", ""),
            ("See it on made-up traffic", "head"),
            ("llmtop demo", "accent"),
            ("", ""),
            (f"{_key(app, 'help')} shows all keys, {_key(app, 'leave')} quits", "dim"),
        ]
        return parts

    def _paragraph(self, part: tuple[str, str], width: int) -> list[Strip]:
        text, meaning = part
        if not text:
            return [self.line("", width=width)]
        indent = 0 if meaning in ("head", "dim") else min(_INDENT, width // 4)
        blank = " " * indent
        return [
            self.line((f"{blank}{row}", meaning), width=width)
            for row in wrapped(safe(text), max(1, width - indent))
        ]
