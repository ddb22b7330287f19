"""What user lines of Claude Code say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtop.decode.claude_prompts import is_interruption, prompt_name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Fix   the\nbug", "Fix the bug"),
        ("<system-reminder>be kind</system-reminder>\nDo it", "Do it"),
        ("<div>markup</div> is broken", "is broken"),
        ("<div>", "<div>"),
        ("<system-reminder>be kind</system-reminder>", None),
        ("<local-command-stdout>x</local-command-stdout>", None),
        ("<bash-input>ls</bash-input>", None),
        ("<command-name>/init</command-name>\n<command-args>a</command-args>", "/init a"),
        ("<task-notification><summary>It is done</summary></task-notification>",
         "notification: It is done"),
        ("", None),
    ],
)  # fmt: skip
def test_a_turn_is_named_by_what_the_user_said(said: str, name: str | None) -> None:
    assert prompt_name(said)[0] == name


def test_only_commands_may_ask_no_model() -> None:
    assert prompt_name("Fix it")[1] is True
    assert prompt_name("<command-name>/clear</command-name>")[1] is False


def test_notes_of_interruptions_are_known() -> None:
    assert is_interruption("[Request interrupted by user for tool use]")
    assert not is_interruption("Why [Request interrupted by user]?")


@given(st.text(alphabet="<>/ab-\n ", max_size=300))
def test_whatever_is_said_a_name_is_short_and_on_one_line(said: str) -> None:
    name, _ = prompt_name(said)
    assert name is None or (0 < len(name) <= 80 and "\n" not in name)
