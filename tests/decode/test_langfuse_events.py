"""What Langfuse's SDKs send."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decode.reading import Reading, read, said


def event(kind: str, **body: Any) -> dict[str, Any]:
    return {"id": f"e-{kind}", "type": kind, "timestamp": "2026-01-02T03:04:08Z", "body": body}


TRACE = event("trace-create", id="t", name="chat", sessionId="s", userId="u")
CREATED = event(
    "generation-create", id="g", traceId="t", name="answer", model="gpt-4o",
    startTime="2026-01-02T03:04:05.000Z", input=[{"role": "user", "content": "Hi"}],
)  # fmt: skip
UPDATED = event(
    "generation-update", id="g", traceId="t", endTime="2026-01-02T03:04:07.000Z",
    output={"role": "assistant", "content": "Hello"},
    usage={"input": 100, "output": 7, "total": 107, "unit": "TOKENS"},
)  # fmt: skip


def test_a_generation_is_created_and_then_updated() -> None:
    opened = read(TRACE, CREATED)
    assert opened.figures.in_flight == 1
    call = opened.lines(UPDATED).call
    assert (call.series.model, call.input_tokens, call.output_tokens) == ("gpt-4o", 100, 7)
    assert (call.latency, call.session_id, call.user_id) == (2.0, "s", "u")


@pytest.mark.parametrize("order", [[CREATED, UPDATED], [UPDATED, CREATED]])
def test_batches_and_kept_events_tell_the_same_in_any_order(order: list[Any]) -> None:
    batch = {"batch": [TRACE, *order], "metadata": {"sdk_name": "python"}}
    for told in (read(batch), Reading().document(batch), Reading().document([TRACE, *order])):
        assert (told.figures.calls, told.figures.in_flight) == (1, 0)
        assert told.call.latency == pytest.approx(2.0)
        assert told.call.session_id == "s"
        payload = told.payload(told.call)
        assert said(payload.input) == [("user", "Hi")]
        assert said(payload.output) == [("assistant", "Hello")]


def test_kinds_of_observations_make_a_tree() -> None:
    times = {"startTime": "2026-01-02T03:04:05Z", "endTime": "2026-01-02T03:04:07Z"}
    told = read(
        event("span-create", id="a", traceId="t", name="root", **times),
        event("tool-create", id="b", traceId="t", name="find", parentObservationId="a", **times),
        event("observation-create", id="c", traceId="t", type="GENERATION", name="x", model="m",
              parentObservationId="a", **times),
        event("score-create", id="d", traceId="t", value=1),
    )  # fmt: skip
    assert told.tree("t") == ["other root", "  execute_tool find", "  chat x"]


def test_a_failure_is_told_by_the_update() -> None:
    failed = event(
        "generation-update", id="g", traceId="t", level="ERROR", statusMessage="RateLimitError: no",
        endTime="2026-01-02T03:04:07Z",
    )  # fmt: skip
    assert read(CREATED, failed).figures.errors_by_type == {"RateLimitError": 1}
