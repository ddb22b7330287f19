"""The command line as a whole: where words lead, and what a mistake is told."""

from __future__ import annotations

import importlib

import click
import pytest

from llmtop.cli.main import COMMANDS
from llmtop.version import __version__
from tests.cli.run import run


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_listed_exists_and_explains_itself(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    module, line = COMMANDS[name]
    assert isinstance(importlib.import_module(module).command, click.Command)
    told = run(capsys, name, "--help")
    assert told.code == 0
    assert told.out.startswith("Usage: llmtop")
    assert line.endswith(".")


def test_the_help_lists_every_command_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    told = run(capsys, "--help").out
    for name, (_, line) in COMMANDS.items():
        assert name in told
        assert line.split()[0] in told


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version").out.strip() == f"llmtop {__version__}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sumary"], "Did you mean summary?"),
        (["dem"], "Did you mean demo?"),
        (["summary"], "Missing argument"),
        (["demo", "--rat", "4"], "--rate"),
        (["demo", "--scenario", "chatbots"], "chatbot"),
        (["demo", "--rate", "0"], "0"),
        (["summary", "x.jsonl", "--since", "yesterday"], "'yesterday' is not a time"),
        (["summary", "x.jsonl", "--since", "2026-13-45"], "is not a date"),
        (["summary", "x.jsonl", "--filter", "modle:gpt-4o"], "model"),
        (["summary", "x.jsonl", "--filter", "latency:>"], "at character"),
        (["--udp", "99999999"], "is not a port"),
        (["--udp", "off"], "--no-udp"),
        (["--alert", "p59 > 1s"], "did you mean p99?\n"),
        (["--max-memory", "lots"], "is not a size"),
        (["--lost-after", "soon"], "is not a length of time"),
        (["--window", "2m"], "5m"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_nearest_right_thing(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(capsys, *arguments)
    assert told.code == 2
    assert told.err.startswith("llmtop: ")
    assert said in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_the_screen_says_that_it_needs_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    told = run(capsys)
    assert told.code == 2
    assert "llmtop summary" in told.err
    assert "--write" in run(capsys, "demo").err


def test_a_missing_file_is_named_with_the_nearest_one(
    tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "app.jsonl").write_text("{}\n")
    told = run(capsys, "summary", tmp_path / "ap.jsonl")
    assert told.code == 2
    assert f"Did you mean {tmp_path / 'app.jsonl'}?" in told.err


def test_a_mistake_in_the_configuration_names_the_file_and_the_setting(
    tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[view]\nwindw = '5m'\n")
    told = run(capsys, "summary", tmp_path, "--config", config)
    assert told.code == 2
    assert str(config) in told.err
    assert "Did you mean window?" in told.err
