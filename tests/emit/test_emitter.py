"""The emitter's manners: it raises nothing, starts nothing, and tells the truth about itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import llmtop
from llmtop import tracer
from llmtop.emit import emitter
from tests.emit.monitor import Monitor
from tests.emit.programs import run

OPENED = """
import sys
opened = []
def look(event, args):
    if event in {"socket.__new__", "_thread.start_new_thread"} or (
        event == "open" and isinstance(args[0], str)
        and not args[0].endswith((".py", ".pyc", ".so", ".pth"))
    ):
        opened.append((event, str(args)))
"""


def test_importing_and_making_things_opens_nothing_and_starts_no_thread() -> None:
    done = run(
        f"""{OPENED}
import llmtop, openai, threading
sys.addaudithook(look)
import llmtop.emit.instrument
llmtop.RequestLogger(mask="pii")
llmtop.tracer.span("a")(print)
llmtop.instrument()
llmtop.configure("udp://127.0.0.1:9,file:/nonexistent/llmtop")
assert not opened, opened
llmtop.tracer.span("first").start().end()
assert [event for event, _ in opened].count("socket.__new__") == 1, opened
assert threading.active_count() == 1
"""
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_package_itself_loads_next_to_nothing() -> None:
    done = run(
        "import sys; before = set(sys.modules); import llmtop; print(*set(sys.modules) - before)"
    )
    assert set(done.stdout.split()) == {"__future__", "llmtop", "llmtop.version"}


def test_the_first_record_loads_only_what_it_needs() -> None:
    done = run(
        "import sys, json, socket, contextvars, threading, msgspec.json; before = set(sys.modules);"
        "import llmtop; llmtop.configure('udp://127.0.0.1:9');"
        "llmtop.tracer.span('a').start().end(); print(*set(sys.modules) - before)"
    )
    loaded = {name for name in done.stdout.split() if not name.startswith("llmtop")}
    assert loaded <= {"atexit"}


def test_every_public_name_is_there_and_an_unknown_one_is_not() -> None:
    for name in llmtop.__all__:
        assert getattr(llmtop, name) is not None
    assert set(llmtop.__all__) <= set(dir(llmtop))
    with pytest.raises(AttributeError, match="no attribute 'tracre'"):
        _ = llmtop.tracre  # type: ignore[attr-defined]  # that is the point


class Broken:
    """A sink that fails, as none of ours should."""

    def send(self, record: Mapping[str, Any]) -> None:
        raise ZeroDivisionError(len(record))

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def stats(self) -> dict[str, Any]:
        return {}


def use_everything() -> None:
    with tracer.span("a") as span:
        span.set_attributes({"a": 1})
    logger = llmtop.RequestLogger()
    logger.log_response(logger.log_request("m", []), content="x")


def test_a_fault_within_is_counted_and_kept_from_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LLMTOP_STRICT")
    llmtop.configure("none").sink = Broken()
    use_everything()
    assert llmtop.stats().errors == {"ZeroDivisionError": 4}
    assert llmtop.stats().records == 4


def test_under_strictness_it_is_raised() -> None:
    llmtop.configure("none").sink = Broken()
    with pytest.raises(ZeroDivisionError):
        use_everything()


def test_a_sink_that_is_none_is_said_once_and_does_no_harm() -> None:
    done = run(
        "import llmtop; llmtop.tracer.span('a').start().end(); print(llmtop.stats().sent)",
        LLMTOP_SINK="tcp://somewhere",
    )
    assert (done.returncode, done.stdout) == (0, "0\n")
    assert done.stderr.startswith("llmtop: nothing is sent: 'tcp://somewhere' is not a sink")
    assert done.stderr.count("\n") == 1


def test_a_program_without_standard_error_is_no_problem() -> None:
    done = run(
        "import sys; sys.stderr = None; import llmtop; llmtop.configure('bogus');"
        "llmtop.tracer.span('a').start().end()"
    )
    assert done.returncode == 0


def test_where_records_go_is_said_by_the_environment(tmp_path: Path, monitor: Monitor) -> None:
    done = run(
        "import llmtop; llmtop.tracer.span('a').start().end()",
        LLMTOP_SINK=f"{monitor.address}, file:{tmp_path}",
    )
    assert done.returncode == 0, done.stderr
    monitor.wait(lambda: len(monitor.spans()) == 1)
    (path,) = tmp_path.iterdir()
    assert len(path.read_text().splitlines()) == 2


def test_privacy_is_said_by_the_environment(tmp_path: Path) -> None:
    program = """
import llmtop
logger = llmtop.RequestLogger()
request = logger.log_request("m", [{"role": "user", "content": "a@example.com"}])
logger.log_response(request, content="b@example.com and more")
"""
    told = {"LLMTOP_SINK": f"file:{tmp_path}"}
    run(program, **told, LLMTOP_MASK="pii")
    run(program, **told, LLMTOP_LOG_PROMPTS="0", LLMTOP_LOG_RESPONSES="0")
    text = "".join(path.read_text() for path in tmp_path.iterdir())
    assert "[EMAIL] and more" in text
    assert "[redacted: 13 characters]" in text
    assert "[redacted: 22 characters]" in text
    assert "@example.com" not in text


def test_stats_tell_what_became_of_the_records(tmp_path: Path, monitor: Monitor) -> None:
    llmtop.configure(f"{monitor.address},file:{tmp_path}")
    with tracer.span("a"):
        pass
    stats = llmtop.flush()
    assert (stats.records, stats.sent, stats.dropped, stats.errors) == (2, 4, {}, {})
    (path,) = tmp_path.iterdir()
    assert stats.sinks[f"file:{tmp_path}"].bytes == path.stat().st_size
    assert stats.bytes == sum(sink.bytes for sink in stats.sinks.values())


def test_a_mask_that_fails_is_no_fault_of_the_program(monitor: Monitor) -> None:
    def broken(text: str) -> str:
        raise RuntimeError(text)

    llmtop.configure(monitor.address, mask=broken)
    logger = llmtop.RequestLogger()
    logger.log_response(logger.log_request("m", [{"role": "user", "content": "x"}]), "y")
    payload = monitor.payload(monitor.call())
    assert payload.output[0].text == "[MASK_FAILED]"
    assert "failed" in payload.attributes["masked"]


def test_an_unknown_mask_in_the_environment_still_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMTOP_MASK", "yes please")
    assert llmtop.configure("none").privacy.mask == "pii"
    monkeypatch.setenv("LLMTOP_MASK", "pii+ip")
    assert llmtop.configure("none").privacy.mask == "pii+ip"
    monkeypatch.setenv("LLMTOP_MASK", "off")
    assert llmtop.configure("none").privacy.mask is None
    emitter.configure("none")
