"""`/v1/alerts`: how every rule stands."""

from __future__ import annotations

import time

from llmtop.live.alert_text import parse_rule
from llmtop.live.alerts import Change
from tests.serve.service import Service, call
from tests.waiting import wait_until


def test_without_rules_there_is_nothing(served: Service) -> None:
    assert served.get("/v1/alerts") == {"alerts": [], "count": 0, "firing": 0}


def test_what_fires_stands_first_with_the_filter_for_its_calls(served: Service) -> None:
    fired: list[Change] = []
    rules = [parse_rule("p95 > 1h"), parse_rule("errors > 0 per model")]
    served.monitor.look(lambda pump: pump.watch_alerts(rules, fired.append))
    served.write(*call(1, at=time.time() - 5.0, error="Timeout"))
    wait_until(lambda: fired)
    told = served.get("/v1/alerts")
    assert (told["count"], told["firing"]) == (2, 1)
    first, second = told["alerts"]
    assert (first["state"], first["group"], first["value"]) == ("firing", "gpt-4o", 1.0)
    assert first["calls"] == "model:=gpt-4o status:error"
    assert second["state"] == "ok"
    assert served.get("/v1/logs", q=first["calls"])["count"] == 1
