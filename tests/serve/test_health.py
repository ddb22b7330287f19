"""`/health`: 200 while all works, 503 with the reason when a source is dead."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.serve.service import Service, call, service
from tests.waiting import wait_until


def health(served: Service, **headers: str) -> tuple[int, dict[str, Any]]:
    answer = served.client.get("/health", headers=headers)
    return answer.status_code, answer.json()


def test_all_works(served: Service) -> None:
    served.write(*call(1))
    status, told = health(served)
    assert (status, told["status"], told["reasons"]) == (200, "healthy", [])
    assert [source["lines"] for source in told["sources"] if source["kind"] == "file"] == [2]


def test_a_dead_source_is_503_with_the_reason(served: Service) -> None:
    receiver = served.pump.otlp_receiver
    assert receiver is not None
    receiver.fail("The port is gone.")
    status, told = health(served)
    assert (status, told["status"]) == (503, "unhealthy")
    assert told["reasons"] == ["otlp: The port is gone."]


def test_a_followed_file_that_was_deleted_is_not_said_to_be_followed(served: Service) -> None:
    served.write(*call(1))
    (served.folder / "app.jsonl").unlink()

    def states() -> list[str]:
        return [each["state"] for each in health(served)[1]["sources"] if each["kind"] == "file"]

    wait_until(lambda: states() == ["ending"])
    wait_until(lambda: states() == ["gone"])
    assert health(served)[0] == 200


def test_a_followed_folder_that_was_deleted_is_503_until_it_is_there_again(
    served: Service,
) -> None:
    served.write(*call(1))
    shutil.rmtree(served.folder)
    status, told = health(served)
    assert (status, told["reasons"]) == (
        503, [f"{served.folder}: it was deleted, and nothing has taken its place."],
    )  # fmt: skip
    served.folder.mkdir()
    assert health(served)[0] == 200
    served.write(*call(2))


def test_a_file_that_was_renamed_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.touch()
    with service(path) as served:
        with path.open("w") as log:
            log.writelines(json.dumps(record) + "\n" for record in call(1))
        served.wait_for_lines(tuple(call(1)))
        path.rename(tmp_path / "app.jsonl.1")
        assert health(served)[0] == 200


def test_a_named_file_that_was_deleted_is_503(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in call(1)))
    with service(path) as served:
        served.wait_for_lines(tuple(call(1)))
        path.unlink()
        wait_until(lambda: health(served)[0] == 503)
        assert "was deleted" in health(served)[1]["reasons"][0]
        path.write_text("".join(json.dumps(record) + "\n" for record in call(2)))
        served.wait_for_lines(tuple(call(2)))
        assert health(served)[0] == 200


def test_a_mover_that_fell_is_503_and_not_silence(served: Service, monkeypatch: Any) -> None:
    def fall(budget: float) -> bool:
        raise ZeroDivisionError(budget)

    monkeypatch.setattr(served.pump, "step", fall)
    wait_until(lambda: health(served)[0] == 503)
    assert health(served)[1]["reasons"][0].startswith("What arrives is not read any more: Zero")
    assert served.get("/v1/logs")["count"] == 0


def test_who_has_no_token_learns_only_whether_it_is_well(tmp_path: Path) -> None:
    with service(tmp_path, token="secret") as served:
        assert health(served) == (200, {"status": "healthy", "reasons": [], "sources": []})
        assert health(served, Authorization="Bearer secret")[1]["sources"]
