"""Keys of the user's own are checked at the start, and said in a sentence when wrong."""

from __future__ import annotations

import pytest

from llmtop.tui import keymap


def test_a_good_map_has_no_problem_and_replaces_every_default_key() -> None:
    mapping = {"app.freeze": "f5", "requests.sort": "ctrl+s, z"}
    assert keymap.check(mapping) == []
    laid = keymap.textual_keymap(mapping)
    assert laid["app.freeze"] == "f5"
    assert laid["app.freeze.1"] == "f5"
    assert laid["requests.sort"] == "ctrl+s,z"


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"requests.srot": "x"}, "Did you mean `requests.sort`?"),
        ({"requests.sort": "hyperspace"}, "`hyperspace` of `requests.sort` is not a key"),
        ({"requests.sort": ""}, "`requests.sort` has no key"),
        ({"requests.sort": "e"}, "`e` is given to both"),
        ({"app.help": "y"}, "`y` is given to both"),
    ],
)
def test_a_mistake_is_said(mapping: dict[str, str], said: str) -> None:
    problems = keymap.check(mapping)
    assert len(problems) == 1
    assert said in problems[0]


def test_two_keys_can_be_swapped() -> None:
    assert keymap.check({"requests.part_input": "o", "requests.part_output": "i"}) == []
