"""`llmtop check`: exit codes for CI, and a table that says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import run


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Four calls of two models: one failed, one took nine seconds, all cost something."""
    lines = []
    calls = [("gpt-4o", 1000, None), ("gpt-4o", 2000, None), ("o3", 9000, None)]
    for number, (model, latency, error) in enumerate([*calls, ("gpt-4o", 500, "Timeout")]):
        at = f"2026-05-01T12:{number:02}:00Z"
        lines += [
            {"type": "request", "request_id": f"r{number}", "timestamp": at, "model": model},
            {
                "type": "response",
                "request_id": f"r{number}",
                "latency_ms": latency,
                "timestamp": f"2026-05-01T12:{number:02}:30Z",
                "prompt_tokens": 1000,
                "completion_tokens": 100,
                "estimated_cost": 0.5,
                "error": error,
            },
        ]
    path = tmp_path / "app.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_all_is_well_is_exit_code_0(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "check", log, "--alert", "p95 > 20s", "--budget", "5/day")
    assert ran.code == 0
    assert ran.out.endswith("All is well.\n")
    assert ran.err == ""


def test_a_rule_that_fires_is_exit_code_1(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "check", log, "--alert", "p95 > 7s", "--alert", "error_rate > 50%")
    assert ran.code == 1
    head, first, second, last = ran.out.splitlines()
    assert head.split() == ["rule", "group", "value", "limit", "over"]
    assert first.split()[:4] == ["FIRES", "p95", ">", "7s"]
    assert second.startswith("ok")
    assert "25 %" in second
    assert last == "1 of 2 fire."


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("cost > $1.99", 1),
        ("cost > $2", 0),
        ("errors > 0", 1),
        ("errors > 0 where model:o3", 0),
        ("max > 8s where model:=o3", 1),
        ("p95 > 8s over 30s", 0),
        ("error_rate > 99% over 30s", 1),
        ("error_rate > 99% over 30s for 10m", 1),
        ("ttft_p95 > 0s", 0),
        ("calls < 5", 1),
        ("rejected > 0", 0),
    ],
)
def test_rules_look_at_the_whole_log_or_at_its_end(
    rule: str, code: int, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "check", log, "--alert", rule).code == code


def test_a_budget_is_a_rule(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check", log, "--budget", "1.50/h").code == 1


def test_json_tells_each_rule_and_group(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran = run(capsys, "check", log, "--json", "--alert", "errors > 0 per model")
    told = json.loads(ran.out)
    assert ran.code == 1
    assert told["firing"] == 1
    assert {each["group"]: (each["firing"], each["value"]) for each in told["alerts"]} == {
        "gpt-4o": (True, 1.0),
        "o3": (False, 0.0),
    }
    assert told["alerts"][0]["calls"] == "model:=gpt-4o status:error"


def test_what_is_unknown_is_a_dash_and_does_not_fire(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = run(capsys, "check", log, "--alert", "ttft_p95 > 1s")
    assert ran.code == 0
    assert ran.out.splitlines()[1].split()[0] == "–"


def test_rules_come_from_the_configuration_if_none_is_given(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[[alert]]\nname = 'Too slow'\nwhen = 'max > 8s'\nfor = '1m'\n")
    ran = run(capsys, "check", log, "--config", config)
    assert ran.code == 1
    assert "FIRES  Too slow" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["LOG", "--alert", "p95 > 10x"], "written as in `10s`"),
        (["LOG", "--alert", "speed > 10"], "there is no figure speed"),
        (["LOG", "--budget", "lots"], "is not a budget"),
        (["LOG"], "There is no rule to judge"),
        (["/nowhere/at/all", "--alert", "p95 > 1s"], "There is no file or folder"),
        (["TEXT", "--alert", "p95 > 1s"], "none of 1 lines could be read"),
        (["--alert", "p95 > 1s"], "Missing argument"),
    ],
)
def test_a_mistake_is_exit_code_2_and_one_sentence(
    arguments: list[str],
    said: str,
    log: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    text = tmp_path / "text.log"
    text.write_text("hello\n")
    places = {"LOG": str(log), "TEXT": str(text)}
    ran = run(capsys, "check", *[places.get(word, word) for word in arguments])
    assert ran.code == 2
    assert said in ran.err
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 1


def test_names_from_logs_cannot_trick_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "app.jsonl"
    record = {"type": "request", "request_id": "r", "model": "m\x1b]0;owned\x07\n"}
    path.write_text(json.dumps({**record, "timestamp": "2026-05-01T12:00:00Z"}) + "\n")
    ran = run(capsys, "check", path, "--alert", "calls > 0 per model")
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert "m�]0;owned��" in ran.out
