"""Processes: exits of every kind, forks, pre-forked workers, and what the monitor knows of them."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.emit import programs
from tests.emit.monitor import Monitor


def run(program: str, monitor: Monitor) -> subprocess.CompletedProcess[str]:
    return programs.run(program, LLMTOP_SINK=monitor.address)


def joiner(monitor: Monitor) -> tuple[int, int, int]:
    """Emitters that were heard, those of them that said goodbye, and datagrams lost."""
    assert monitor.sources.udp is not None
    heard = monitor.sources.udp.joiner
    return len(heard.emitters), sum(each.left for each in heard.emitters.values()), heard.lost


def test_spans_that_are_open_at_exit_are_ended(monitor: Monitor) -> None:
    done = run(
        """
import llmtop
outer = llmtop.tracer.span("outer").__enter__()
call = llmtop.tracer.llm_call("gpt-4o").start()
""",
        monitor,
    )
    assert (done.returncode, done.stderr) == (0, "")
    monitor.wait(lambda: len(monitor.spans()) == 2 and not monitor.live.running)
    assert {span.status for span in monitor.spans()} == {"cancelled"}
    monitor.wait(lambda: joiner(monitor) == (1, 1, 0))


@pytest.mark.parametrize(
    ("leaving", "code"), [("raise SystemExit(3)", 3), ("1/0", 1), ("sys.exit()", 0)]
)
def test_exit_codes_stay_what_they_are(monitor: Monitor, leaving: str, code: int) -> None:
    done = run(
        f"import sys, llmtop\nwith llmtop.tracer.span('a'):\n    {leaving}",
        monitor,
    )
    assert done.returncode == code
    monitor.wait(lambda: len(monitor.spans()) == 1 and not monitor.live.running)


def test_what_was_sent_before_a_hard_exit_is_there(monitor: Monitor) -> None:
    done = run(
        "import os, llmtop\nwith llmtop.tracer.span('done'): pass\n"
        "llmtop.tracer.span('open').start(); os._exit(0)",
        monitor,
    )
    assert done.returncode == 0
    monitor.wait(lambda: len(monitor.spans()) == 2)
    assert not monitor.named("done").running
    assert monitor.named("open").running


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_are_heard_and_say_goodbye(
    monitor: Monitor, method: str, tmp_path: object
) -> None:
    program = f"""
import multiprocessing, sys, types
import llmtop

def work(number):
    import llmtop
    with llmtop.tracer.span(f"child {{number}}"):
        pass

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    with llmtop.tracer.span("parent"):
        children = [context.Process(target=work, args=(number,)) for number in range(3)]
        for child in children: child.start()
        for child in children: child.join()
"""
    from pathlib import Path

    script = Path(str(tmp_path)) / "app.py"
    script.write_text(program)
    subprocess.run(
        [sys.executable, str(script)],
        check=True,
        timeout=60,
        env=programs.environment(LLMTOP_SINK=monitor.address),
    )
    monitor.wait(lambda: len(monitor.spans()) == 4 and not monitor.live.running)
    monitor.wait(lambda: joiner(monitor) == (4, 4, 0))
    if method == "fork":
        parent = monitor.named("parent")
        assert {monitor.named(f"child {n}").parent_id for n in range(3)} == {parent.span_id}
    assert len({span.span_id for span in monitor.spans()}) == 4


def test_prefork_workers_each_have_their_own_ids_and_numbers(monitor: Monitor) -> None:
    done = run(
        """
import os, sys, llmtop
from llmtop import tracer

with tracer.span("before the fork"):
    pass
master = tracer.span("master").start()
children = []
for worker in range(3):
    child = os.fork()
    if child == 0:
        for request in range(20):
            with tracer.span(f"worker {worker} request {request}"):
                pass
        stats = llmtop.stats()
        sys.exit(0 if (stats.records, stats.sent) == (40, 40) else 9)
    children.append(child)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
master.end()
sys.exit(max(codes))
""",
        monitor,
    )
    assert (done.returncode, done.stderr) == (0, "")
    monitor.wait(lambda: len(monitor.spans()) == 62 and not monitor.live.running)
    assert monitor.named("master").status == "ok", "no child ends what its parent began"
    monitor.wait(lambda: joiner(monitor) == (4, 4, 0))
    assert monitor.live.duplicates == 0


def test_a_fork_within_a_span_does_not_end_it_twice(monitor: Monitor) -> None:
    done = run(
        """
import os, llmtop
with llmtop.tracer.span("outer"):
    child = os.fork()
    if child:
        os.waitpid(child, 0)
    else:
        with llmtop.tracer.span("in the child"):
            pass
""",
        monitor,
    )
    assert (done.returncode, done.stderr) == (0, "")
    monitor.wait(lambda: len(monitor.spans()) == 2 and not monitor.live.running)
    assert monitor.named("in the child").parent_id == monitor.named("outer").span_id
    assert monitor.live.duplicates == 0


def test_a_program_that_is_interrupted_ends_its_spans(monitor: Monitor) -> None:
    # What runs in the background may have been told to take no notice of interrupts.
    program = """
import signal, time, llmtop
signal.signal(signal.SIGINT, signal.default_int_handler)
with llmtop.tracer.span("a"):
    time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stderr=subprocess.DEVNULL,
        env=programs.environment(LLMTOP_SINK=monitor.address),
    ) as process:
        monitor.wait(lambda: bool(monitor.spans()))
        process.send_signal(signal.SIGINT)
        process.wait(30)
    monitor.wait(lambda: not monitor.live.running)
    assert monitor.named("a").status == "cancelled"


def test_threads_that_outlive_the_main_one_are_heard(monitor: Monitor) -> None:
    done = run(
        """
import threading, llmtop
ready = threading.Event()
def work():
    ready.wait()
    with llmtop.tracer.span("late"):
        pass
threading.Thread(target=work).start()
import atexit
atexit.register(lambda: llmtop.tracer.span("at exit").end())
ready.set()
""",
        monitor,
    )
    assert (done.returncode, done.stderr) == (0, "")
    monitor.wait(lambda: len(monitor.spans()) == 2 and not monitor.live.running)


RATE = 25_000
SECONDS = 2


def test_at_a_high_rate_every_record_arrives_or_is_counted_as_lost(monitor: Monitor) -> None:
    program = f"""
import time, llmtop
from llmtop.emit.emitter import emit
llmtop.configure({monitor.address!r})
began = time.perf_counter()
for number in range({RATE * SECONDS}):
    emit({{"type": "span", "span_id": "%016x" % number, "start_time": 1.0, "name": "n"}})
    if number % 250 == 0:
        ahead = number / {RATE} - (time.perf_counter() - began)
        if ahead > 0:
            time.sleep(ahead)
print(llmtop.stats().sent)
"""
    assert monitor.sources.udp is not None
    senders = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    while any(sender.poll() is None for sender in senders):
        monitor.read()
    sent = 0
    for sender in senders:
        with sender:
            assert sender.stdout is not None
            sent += int(sender.stdout.read())
    assert sent == 2 * RATE * SECONDS
    heard = monitor.sources.udp.joiner
    monitor.wait(lambda: sum(each.left for each in heard.emitters.values()) == 2)
    goodbyes = 2
    received = sum(each.received for each in heard.emitters.values()) - goodbyes
    assert received + heard.lost == sent
    assert monitor.pump.source_states()[0].lines == received
