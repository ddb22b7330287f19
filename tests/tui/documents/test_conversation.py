"""A conversation reads without colour: who speaks, what tools are called, what they answer."""

from __future__ import annotations

from llmtop.payload import Message, ToolCall
from llmtop.tui.documents import conversation
from llmtop.tui.documents.blocks import Stack


def shown(*messages: Message, width: int = 60) -> list[str]:
    rows = Stack(list(conversation.blocks(messages))).rows(width)
    return ["".join(text for text, _ in row) for row in rows]


def test_each_message_stands_under_its_role() -> None:
    lines = shown(Message("system", "Be brief."), Message("user", "Hello?"), Message("bot", "Hi"))
    assert lines == [
        "▪ system", "│ Be brief.", "",
        "▸ user", "│ Hello?", "",
        "· bot", "│ Hi", "",
    ]  # fmt: skip


def test_roles_have_different_signs() -> None:
    signs = {shown(Message(role, "x"))[0][0] for role in ("system", "user", "assistant", "tool")}
    assert len(signs) == 4


def test_tool_calls_are_told_with_their_arguments_laid_out() -> None:
    call = ToolCall("get_weather", '{"city":"Paris","days":2}', "call_1")
    assert shown(Message("assistant", "", (call,))) == [
        "◂ assistant",
        "│ → calls get_weather · call_1",
        "│   {",
        '│     "city": "Paris",',
        '│     "days": 2',
        "│   }",
        "",
    ]


def test_arguments_that_are_not_json_are_shown_as_the_model_wrote_them() -> None:
    assert "│   {city: Paris" in shown(Message("assistant", "", (ToolCall("x", "{city: Paris"),)))


def test_a_tools_answer_names_the_tool_and_the_call() -> None:
    assert shown(Message("tool", "rain", (), "call_1", "get_weather"))[:2] == [
        "↳ tool · get_weather · call_1",
        "│ rain",
    ]


def test_a_text_that_is_json_is_laid_out_and_a_blank_one_is_said_to_be_empty() -> None:
    assert '│   "a": 1' in shown(Message("assistant", '{"a":1}'))
    assert "│ (empty)" in shown(Message("user", " \n"))


def test_nothing_in_a_message_is_obeyed() -> None:
    lines = shown(Message("us\x1b[31mer\n[/foo]", "\x1b[2J[bold]x[/nothing]\u202e", ()))
    assert not any("\x1b" in line or "\n" in line or "\u202e" in line for line in lines)
    assert "[bold]x[/nothing]" in lines[1]
