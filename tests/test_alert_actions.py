"""What an alert does outside: the user's command and URL are told, and nobody waits for them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from llmtop import alert_actions
from llmtop.alert_actions import AlertActions, document, sentence
from llmtop.live.alert_text import parse_rule
from llmtop.live.alerts import Change
from tests.waiting import wait_until

NOON = 1_750_000_000.0


def change(rule: str = "error_rate > 5% over 10m", *, fires: bool = True, **told: Any) -> Change:
    group = told.pop("group", None)
    parsed = structs.replace(parse_rule(rule), **told)
    return Change(parsed, group, fires, NOON + 60, NOON, 0.125)


class Receiver(HTTPServer):
    """Takes POSTs and keeps them; the first ones may be answered by errors."""

    def __init__(self, *answers: int) -> None:
        super().__init__(("127.0.0.1", 0), _Taker)
        self.answers = list(answers)
        self.taken: list[tuple[dict[str, str], Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class _Taker(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((dict(self.headers), json.loads(body)))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


@pytest.fixture
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    server = Receiver(*getattr(request, "param", ()))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_url_gets_what_happened_as_json(receiver: Receiver) -> None:
    actions = AlertActions()
    actions.notify(change(url=receiver.url, name="Errors", per="model", group="gpt-4o"))
    actions.close()
    (headers, body) = receiver.taken[0]
    assert headers["Content-Type"] == "application/json"
    assert body["alert"] == "Errors"
    assert (body["state"], body["value"], body["limit"]) == ("firing", 0.125, 0.05)
    assert body["group"] == {"model": "gpt-4o"}
    assert body["calls"] == "model:=gpt-4o status:error"
    assert body["text"] == ("Errors for model gpt-4o: error_rate is 12.5 % (10m; limit 5 %)")
    assert body["since"] == "2025-06-15T15:06:40+00:00"
    assert not actions.problems


@pytest.mark.parametrize("receiver", [(503, 200)], indirect=True)
def test_a_url_that_has_trouble_is_asked_again(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_actions, "PAUSES_S", (0.0, 0.0))
    actions = AlertActions()
    actions.notify(change(url=receiver.url))
    wait_until(lambda: len(receiver.taken) == 2)
    actions.close()
    assert len(receiver.taken) == 2
    assert not actions.problems


@pytest.mark.parametrize("receiver", [(404,)], indirect=True)
def test_a_url_that_refuses_is_said_and_not_asked_again(receiver: Receiver) -> None:
    actions = AlertActions()
    actions.notify(change(url=receiver.url, name="Errors"))
    actions.close()
    assert len(receiver.taken) == 1
    assert list(actions.problems) == ["Errors: its URL answered 404."]


def test_a_url_nobody_serves_is_said() -> None:
    actions = AlertActions()
    actions.notify(change(url="http://127.0.0.1:1/hook", name="Errors"))
    actions.close()
    (problem,) = actions.problems
    assert problem.startswith("Errors: its URL did not answer")


def test_a_command_is_told_by_its_environment_and_its_input(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = f'printf "%s|%s|" "$LLMTOP_ALERT" "$LLMTOP_ALERT_STATE" > {out}; cat >> {out}'
    actions = AlertActions()
    actions.notify(change(command=command, name="Errors", fires=False))
    actions.close()
    name, state, body = out.read_text().split("|", 2)
    assert (name, state) == ("Errors", "cleared")
    assert json.loads(body)["state"] == "cleared"


def test_text_of_logs_is_never_a_command(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    group = f"$(touch {victim});`touch {victim}`\n\0"
    actions = AlertActions()
    actions.notify(change(command='test -n "$LLMTOP_ALERT_GROUP"', per="user", group=group))
    actions.close()
    assert not victim.exists()
    assert not actions.problems


def test_a_command_that_fails_is_said() -> None:
    said: list[str] = []
    actions = AlertActions(said.append)
    actions.notify(change(command="exit 3", name="Errors"))
    actions.close()
    assert list(actions.problems) == said == ["Errors: its command ended with 3."]


def test_nobody_waits_for_a_slow_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_actions, "MOST_WAITING", 2)
    gate = tmp_path / "gate"
    command = f"until test -e {gate}; do sleep 0.05; done"
    actions = AlertActions()
    for _ in range(8):
        actions.notify(change(command=command))
    assert actions.problems
    assert "too many actions wait" in actions.problems[0]
    actions.close(timeout=0.0)
    assert not gate.exists()
    gate.touch()


def test_an_alert_without_an_action_starts_no_thread() -> None:
    before = threading.active_count()
    actions = AlertActions()
    actions.notify(change())
    assert threading.active_count() == before
    actions.close()


def test_every_unit_is_written_as_people_do() -> None:
    assert "cost is $0.12" in sentence(change("cost > 5 per day"))
    assert "(this day; limit $5.00)" in sentence(change("cost > 5 per day"))
    assert "p95 is back to 125 ms" in sentence(change("p95 > 10s", fires=False))
    assert document(change("in_flight > 5"))["unit"] == "count"
