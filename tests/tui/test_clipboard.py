"""A toast says what became of a copy, and never that more was done than was."""

from __future__ import annotations

import pytest

from llmtop.tui import clipboard

PLAIN = {"TERM": "xterm-256color"}


def test_a_short_text_is_sent_and_its_size_told() -> None:
    assert clipboard.report("id", "abc", PLAIN) == (
        "Sent the id (3 bytes) to the terminal's clipboard.",
        True,
    )
    assert "(2.0 kB)" in clipboard.report("prompt", "語" * 667, PLAIN)[0]


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        ("", PLAIN, "There is no prompt to copy."),
        ("x" * 1_000_001, PLAIN, "too long for a terminal's clipboard"),
        ("x", {"TERM_PROGRAM": "Apple_Terminal"}, "nothing was copied"),
        ("x", {"TERM": "linux"}, "nothing was copied"),
    ],
)
def test_what_cannot_be_copied_is_not_said_to_be(
    text: str, environment: dict[str, str], said: str
) -> None:
    told, sent = clipboard.report("prompt", text, environment)
    assert said in told
    assert not sent


@pytest.mark.parametrize(
    ("text", "environment", "doubt"),
    [
        ("x" * 80_000, PLAIN, "Many terminals take no more than 75 kB"),
        ("x", {**PLAIN, "TMUX": "/tmp/x"}, "set-clipboard"),
        ("x", {**PLAIN, "STY": "1.x"}, "screen may not"),
    ],
)
def test_a_doubt_is_told(text: str, environment: dict[str, str], doubt: str) -> None:
    told, sent = clipboard.report("record", text, environment)
    assert doubt in told
    assert sent


def test_half_a_character_is_no_reason_to_fail() -> None:
    assert clipboard.fit("a\ud800b") == "a?b"
