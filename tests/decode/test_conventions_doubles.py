"""Two instrumentations at work at once: one call each, and its content whoever tells it."""

from __future__ import annotations

import json
import time
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from llmtop.decode.decoder import Decoder
from llmtop.history.scan import Scan
from llmtop.live.live import Live
from llmtop.live.view import Query
from llmtop.payload import Payload
from llmtop.pump import Pump
from llmtop.sources.open import Sources
from tests.decode.otlp import export, logs, record, span
from tests.decode.reading import lines, read, said
from tests.rates import PerMillion

OFFICIAL = {
    "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.response.id": "chatcmpl-123456", "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20,
}  # fmt: skip
OPENLLMETRY = {
    "llm.request.type": "chat", "gen_ai.system": "OpenAI", "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06", "gen_ai.response.id": "chatcmpl-123456",
    "gen_ai.usage.prompt_tokens": 100, "gen_ai.usage.completion_tokens": 20,
    "gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "Hi",
    "gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.content": "Hello",
}  # fmt: skip
OPENINFERENCE = {
    "openinference.span.kind": "LLM", "llm.model_name": "gpt-4o-2024-08-06",
    "llm.system": "openai", "llm.token_count.prompt": 100, "llm.token_count.completion": 20,
    "llm.invocation_parameters": '{"model":"gpt-4o"}',
    "input.value": '{"messages":[{"role":"user","content":"Hi"}]}',
    "output.value": json.dumps({"id": "chatcmpl-123456", "choices": [
        {"message": {"role": "assistant", "content": "Hello"}}]}),
}  # fmt: skip
LITELLM = {**OFFICIAL, "gen_ai.operation.name": "acompletion", "gen_ai.cost.total_cost": 0.25}
SCOPES = {
    "opentelemetry.instrumentation.openai_v2": OFFICIAL,
    "opentelemetry.instrumentation.openai.v1": OPENLLMETRY,
    "openinference.instrumentation.openai": OPENINFERENCE,
    "litellm": LITELLM,
}
PAIRS = list(permutations(SCOPES, 2))


def beside(one: str, other: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two exports of spans that stand beside each other in one trace."""
    return (
        export(span(2, SCOPES[one], parent=1), scope=one),
        export(span(3, SCOPES[other], parent=1, start_ms=5, ms=990), scope=other),
    )


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_instrumentations_beside_each_other_tell_one_call(one: str, other: str) -> None:
    for order in permutations(beside(one, other)):
        told = read(*order)
        assert (told.figures.calls, told.figures.input_tokens) == (1, 100)


@pytest.mark.parametrize(("outer", "inner"), PAIRS)
def test_two_instrumentations_around_each_other_tell_one_call(outer: str, inner: str) -> None:
    exports = (
        export(span(1, SCOPES[outer], ms=1200), scope=outer),
        export(span(2, {}, parent=1, name="retry", ms=1100), scope="app"),
        export(span(3, SCOPES[inner], parent=2, start_ms=5), scope=inner),
    )
    for order in permutations(exports):
        told = read(*order)
        assert (told.figures.calls, told.figures.output_tokens) == (1, 20)
        assert told.call.span_id.endswith("3")


def test_calls_in_parallel_are_told_apart_by_their_answers() -> None:
    exports = []
    for number in range(4):
        answer = {"gen_ai.response.id": f"chatcmpl-12345{number}"}
        exports += [
            export(span(10 + number, {**OFFICIAL, **answer}), scope="official"),
            export(span(20 + number, {**OPENLLMETRY, **answer}), scope="openllmetry"),
        ]
    assert read(*exports).figures.calls == 4


def payload_of(tmp_path: Path, *records: dict[str, Any]) -> tuple[Payload, bool]:
    """The payload of the only call that counts, as a screen gets it; and whether it failed."""
    (tmp_path / "spans.jsonl").write_bytes(lines(*records))
    sources = Sources([str(tmp_path)], follow=False)
    pump = Pump(sources, Decoder(), Live(PerMillion(), follow=False))
    pump.drain()
    (call,) = pump.live.view(Query(window="all"), time.time(), pump.honest()).calls
    payload = pump.payload(call)
    pump.close()
    return payload, call.failed


@pytest.mark.parametrize("other", ["opentelemetry.instrumentation.openai.v1",
                                   "openinference.instrumentation.openai"])  # fmt: skip
def test_the_content_is_that_of_the_instrumentation_which_tells_it(
    tmp_path: Path, other: str
) -> None:
    official = "opentelemetry.instrumentation.openai_v2"
    rich = {**OFFICIAL, "gen_ai.usage.cache_read.input_tokens": 60}
    around = (export(span(2, SCOPES[other], ms=1100), scope=other),
              export(span(3, rich, parent=2, start_ms=5), scope=official))  # fmt: skip
    beside_it = span(3, SCOPES[other], parent=1, start_ms=5, ms=990)
    next_to = (export(span(2, rich, parent=1), scope=official), export(beside_it, scope=other))
    for number, exports in enumerate((around, next_to)):
        folder = tmp_path / str(number)
        folder.mkdir()
        payload, _ = payload_of(folder, *exports)
        assert said(payload.input) == [("user", "Hi")]
        assert said(payload.output) == [("assistant", "Hello")]
        assert payload.attributes["gen_ai.usage.cache_read.input_tokens"] == 60
        assert len(payload.raw) == 2


def test_stored_logs_have_the_content_of_either_too(tmp_path: Path) -> None:
    exports = beside(
        "opentelemetry.instrumentation.openai_v2", "openinference.instrumentation.openai"
    )
    (tmp_path / "spans.jsonl").write_bytes(lines(*exports))
    scan = Scan([tmp_path], prices=PerMillion())
    (call,) = scan
    payload = scan.payload(call)
    assert said(payload.input) == [("user", "Hi")]
    assert said(payload.output) == [("assistant", "Hello")]


def test_a_call_keeps_its_own_content(tmp_path: Path) -> None:
    own = {**OFFICIAL, "gen_ai.input.messages": '[{"role":"user","content":"Own"}]'}
    payload, _ = payload_of(
        tmp_path,
        export(span(2, OPENLLMETRY, ms=1100), scope="openllmetry"),
        export(span(3, own, parent=2), scope="official"),
    )
    assert said(payload.input) == [("user", "Own")]
    assert payload.output == ()


def test_a_failed_attempt_has_the_question_and_not_the_answer_of_what_is_around_it(
    tmp_path: Path,
) -> None:
    payload, failed = payload_of(
        tmp_path,
        export(span(2, OPENLLMETRY, ms=1100), scope="openllmetry"),
        export(span(3, {**OFFICIAL, "error.type": "timeout"}, parent=2, status={"code": 2}),
               scope="official"),
    )  # fmt: skip
    assert failed
    assert said(payload.input) == [("user", "Hi")]
    assert payload.output == ()


def test_log_records_that_repeat_a_span_of_two_instrumentations_count_nothing() -> None:
    details = {**OFFICIAL, "event.name": "gen_ai.client.inference.operation.details"}
    one, other = beside("opentelemetry.instrumentation.openai_v2", "litellm")
    for order in permutations((one, other, logs(record(details, number=2)))):
        assert read(*order).figures.calls == 1
