"""The terminal's own colours decide between light and dark."""

from __future__ import annotations

import os
import pty
import threading

import pytest

from llmtop.tui import background, themes


@pytest.mark.parametrize(
    ("answer", "light"),
    [
        (b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62c", True),
        (b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07\x1b[?1;2c", False),
        (b"\x1b]11;rgba:f/f/e/f\x07", True),
        (b"\x1b]11;rgb:00/00/00\x07", False),
        (b"\x1b[?62;4c", None),
        (b"", None),
    ],
)
def test_the_colour_in_an_answer_is_light_or_dark(answer: bytes, light: bool | None) -> None:
    assert background.light_colour(answer) is light


@pytest.mark.parametrize(
    ("colours", "light"), [("0;15", True), ("15;0", False), ("0;default;7", True), ("", None)]
)
def test_the_environment_may_name_the_background(colours: str, light: bool | None) -> None:
    assert background.light_by_name(colours) is light


def test_what_is_no_terminal_is_not_asked() -> None:
    read, write = os.pipe()
    try:
        assert background.is_light({}, read) is None
        assert background.is_light({"COLORFGBG": "0;15"}, read) is True
    finally:
        os.close(read)
        os.close(write)


def test_a_terminal_is_asked_and_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    asked = bytearray()

    def answer() -> None:
        while not asked.endswith(b"\x1b[c"):
            asked.extend(os.read(ours, 100))
        os.write(ours, b"\x1b]11;rgb:fafa/fafa/fafa\x1b\\\x1b[?62c")

    terminal = threading.Thread(target=answer, daemon=True)
    terminal.start()
    write = os.write
    monkeypatch.setattr(os, "write", lambda to, data: write(theirs if to == 1 else to, data))
    monkeypatch.setattr(background, "PATIENCE_S", 20.0)
    before = background.termios.tcgetattr(theirs)
    assert background.is_light({}, theirs) is True
    assert background.termios.tcgetattr(theirs) == before
    terminal.join()
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    ("environment", "light", "theme"),
    [
        ({"TERM": "xterm-256color"}, None, "llmtop-dark"),
        ({"TERM": "xterm-256color"}, True, "llmtop-light"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, False, "llmtop-dark"),
        ({"TERM": "xterm"}, None, "ansi-dark"),
        ({"TERM": "linux"}, True, "ansi-light"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, None, "ansi-dark"),
    ],
)
def test_the_theme_suits_the_terminal(
    environment: dict[str, str], light: bool | None, theme: str
) -> None:
    assert themes.suiting(environment, light) == theme
    assert themes.mistake(theme) is None


def test_a_theme_that_is_not_there_is_said_with_the_nearest() -> None:
    assert themes.mistake("gruvbx") == "There is no theme gruvbx. Did you mean gruvbox?"
    assert "ctrl+p" in (themes.mistake("zzz") or "")
