"""The screen's command hands the rules of the file and of the flags to the pump."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from llmtop import config
from llmtop.cli import screen
from llmtop.decode.decoder import Decoder
from llmtop.live.alert_text import parse_budget
from llmtop.live.live import Live
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from llmtop.tui.app import LlmTop
from tests.rates import PerMillion


def test_rules_of_the_file_and_of_flags_are_watched_and_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    path = tmp_path / "config.toml"
    path.write_text(f"[[alert]]\nname = 'Busy'\nwhen = 'in_flight > 0'\ncommand = 'cat > {out}'\n")
    log = tmp_path / "app.jsonl"
    log.write_text(
        f'{{"type":"request","request_id":"r","timestamp":{time.time()},"model":"gpt-4o"}}\n'
    )
    pump = Pump(Sources([str(log)]), Decoder(), Live(PerMillion()))
    heard: list[str] = []
    monkeypatch.setattr(LlmTop, "alert_changed", lambda _, change: heard.append(change.rule.name))

    def run(app: LlmTop) -> None:
        while app.pump.step():
            pass
        app.pump.tick()
        assert [alert.rule.name for alert in app.alerts] == ["Busy", "budget 5/h"]

    monkeypatch.setattr(LlmTop, "run", run)
    monkeypatch.setattr(screen, "_give_keyboard_back", lambda: None)
    settings = config.load(path, {})
    screen.show(pump, settings, theme="nord", rules=[parse_budget("5/h")])
    assert heard == ["Busy"]
    assert '"alert":"Busy"' in out.read_text()
