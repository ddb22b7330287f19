"""Programs that log their calls with `logging` are seen as they are."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

import llmtop
from tests.emit.monitor import Monitor, monitoring

REQUEST = {"request_id": "r1", "model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
RESPONSE = {"request_id": "r1", "prompt_tokens": 4, "completion_tokens": 2, "latency_ms": 10.0}


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("llmtop.tests.app")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield logger
    logger.handlers.clear()


def log(logger: logging.Logger) -> None:
    logger.info("LLM_REQUEST", extra={"llm_log": REQUEST})
    logger.info("an entry like any other")
    logger.info("LLM_RESPONSE", extra={"llm_log": RESPONSE})


def test_the_handler_sends_entries_with_a_record(monitor: Monitor, logger: logging.Logger) -> None:
    logger.addHandler(llmtop.LogHandler())
    log(logger)
    span = monitor.call()
    assert (span.request_id, span.input_tokens, span.output_tokens) == ("r1", 4, 2)
    assert llmtop.stats().records == 2


def test_without_a_handler_they_are_seen_once_instrumented(
    monitor: Monitor, logger: logging.Logger
) -> None:
    llmtop.instrument()
    logger.addHandler(llmtop.LogHandler())
    log(logger)
    assert monitor.call().input_tokens == 4
    assert llmtop.stats().records == 2, "an entry is sent once, whatever it passes"
    llmtop.uninstrument()
    logger.handlers.clear()
    log(logger)
    assert llmtop.stats().records == 2


def test_the_formatter_writes_lines_that_are_understood(
    tmp_path_factory: pytest.TempPathFactory, logger: logging.Logger
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    handler = logging.FileHandler(folder / "app.jsonl")
    handler.setFormatter(llmtop.LogFormatter())
    logger.addHandler(handler)
    log(logger)
    handler.close()
    with monitoring(str(folder)) as monitor:
        span = monitor.call()
        assert (span.input_tokens, span.output_tokens) == (4, 2)


def test_other_entries_are_written_as_json_too(logger: logging.Logger) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(llmtop.LogFormatter(mask="pii"))
    logger.addHandler(handler)
    try:
        raise ValueError("bad")
    except ValueError:
        logger.exception("mail %s", "a@example.com")
    told = json.loads(stream.getvalue())
    assert (told["level"], told["message"]) == ("ERROR", "mail [EMAIL]")
    assert "ValueError: bad" in told["exception"]


def test_an_entry_with_something_else_for_a_record_is_left_alone(
    monitor: Monitor, logger: logging.Logger
) -> None:
    logger.addHandler(llmtop.LogHandler())
    logger.info("LLM_REQUEST", extra={"llm_log": "not a mapping"})
    monitor.read()
    assert llmtop.stats().records == 0
