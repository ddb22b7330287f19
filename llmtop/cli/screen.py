"""Runs the app on a pump, and lets go of everything however it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmtop import config
from llmtop.alert_actions import AlertActions
from llmtop.pump import Pump
from llmtop.span import Span

if TYPE_CHECKING:
    from llmtop.live.alert_rule import Rule
    from llmtop.live.alerts import Change
    from llmtop.tui.app import LlmTop


def show(
    pump: Pump,
    settings: config.Settings,
    *,
    window: str | None = None,
    filter_text: str | None = None,
    theme: str | None = None,
    label: str | None = None,
    rules: Sequence[Rule] = (),
) -> None:
    """Run until the user leaves; a mistake in the keys is a mistake in the use of the command."""
    from llmtop.tui import background, keymap, themes
    from llmtop.tui.app import LlmTop

    wanted = theme or settings.view.theme
    problems = keymap.check(settings.keys)
    if wanted is not None and (mistake := themes.mistake(wanted)) is not None:
        problems.append(mistake)
    if problems:
        pump.close()
        raise click.UsageError(" ".join(problems))
    _give_keyboard_back()
    if wanted is None:
        wanted = themes.suiting(os.environ, background.is_light(os.environ))
    app = LlmTop(
        pump,
        window=window or settings.view.window,
        filter_text=settings.view.filter if filter_text is None else filter_text,
        theme=wanted,
        keys=settings.keys,
        time_format=settings.view.time_format,
        refresh_hz=settings.view.refresh_hz,
        label=label,
        export=partial(_export, pump),
    )
    actions = AlertActions(app.alert_action_failed)
    if every := (*settings.rules(), *rules):
        pump.watch_alerts(every, lambda change: _tell(change, app, actions))
    try:
        app.run()
    finally:
        pump.close()
        actions.close()
    if app.return_code:
        sys.exit(app.return_code)


def _export(
    pump: Pump, spans: Sequence[Span], format_: str, stem: str
) -> Generator[int, None, Path]:
    """Write spans to a new file in the working folder; raises OSError and ValueError."""
    from llmtop.history.export_spans import SUFFIXES, export
    from llmtop.sources.folder_walk import is_log

    here = Path.cwd()
    followed = any(here.is_relative_to(Path(folder).resolve()) for folder in pump.folders)
    if followed and is_log(SUFFIXES[format_]):
        raise ValueError("this folder is followed, and what is written would be read as a log")
    return export(pump.payload, here, spans, format_, stem)


def _tell(change: Change, app: LlmTop, actions: AlertActions) -> None:
    actions.notify(change)
    app.alert_changed(change)


def _give_keyboard_back() -> None:
    """When a log is piped in, the keyboard is the terminal's own."""
    if not sys.stdin.isatty():
        terminal = os.open("/dev/tty", os.O_RDONLY)
        # The pipe is already being read through a descriptor of its own.
        os.dup2(terminal, 0)
        os.close(terminal)
