"""What is recorded is there after a restart; what is asked to be masked is."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest

from llmtop.decode.decoder import Decoder
from llmtop.history.masked import masked_row
from llmtop.history.store import StoreWriter
from llmtop.live.live import Live
from llmtop.pump import Pump
from llmtop.serve.logs import Range, page
from llmtop.serve.monitor import Monitor
from llmtop.serve.store import Store
from llmtop.sources.open import Sources
from tests.rates import PerMillion
from tests.serve.service import Service, call
from tests.waiting import wait_until


def test_calls_of_before_a_restart_come_from_the_recording(tmp_path: Path) -> None:
    store = Store(record=tmp_path, prices=PerMillion())
    for first in (0, 3):
        sources = Sources(
            [], udp=("127.0.0.1", 0), udp_required=True, recorder=StoreWriter(tmp_path)
        )
        pump = Pump(sources, Decoder(), Live(PerMillion()))
        monitor = Monitor(pump)
        monitor.start()
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for number in range(first, first + 3):
                    for record in call(number, at=time.time()):
                        sender.sendto(
                            json.dumps(record).encode(), ("127.0.0.1", pump.udp_port or 0)
                        )
            wait_until(lambda monitor=monitor: len(list(monitor.newest_calls(bool))) == 3)
            wait_until(lambda monitor=monitor: all(span.end for span in monitor.newest_calls(bool)))
            found = page(monitor, store, Range(), bool, 100, payloads=True)
        finally:
            monitor.close()
        assert [log["request_id"] for log in found.logs] == [
            f"r{number}" for number in reversed(range(first + 3))
        ]
        assert {log["content"] for log in found.logs} == {
            f"answer {number}" for number in range(first + 3)
        }


def test_what_is_personal_is_masked_if_wanted(
    served: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = "ada@example.com"
    served.write(*call(1, content=f"Write to {mail}.", trace_id="t1", error=f"{mail} bounced"))
    assert mail in served.client.get("/v1/logs").text
    monkeypatch.setattr(served.monitor, "shown", masked_row)
    for path in ("/v1/logs", "/v1/traces/t1"):
        answer = served.client.get(path)
        assert answer.status_code == 200
        assert mail not in answer.text
        assert "bounced" in answer.text
