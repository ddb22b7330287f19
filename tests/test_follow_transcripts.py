"""A folder of hundreds of transcripts that grow while they are watched."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from llmtop.decode.decoder import Decoder
from llmtop.live.live import Live
from llmtop.live.view import Figures, Query
from llmtop.pump import Pump
from llmtop.sources.file_set import RESCAN_S
from llmtop.sources.open import Sources
from tests.rates import PerMillion

FILES = 300
CALLS = 4
"""Calls in each transcript before it is watched."""


def lines(session: int, number: int) -> list[dict[str, Any]]:
    """One call: a question, and an answer that is written on two lines."""
    at = f"2026-01-02T03:{session % 60:02}:{number % 60:02}.000Z"
    base = {"sessionId": f"s{session}", "timestamp": at, "version": "2.1.0"}
    name = f"{session}-{number}"
    question = {
        **base,
        "type": "user",
        "uuid": f"q{name}",
        "message": {"role": "user", "content": f"Question {number}"},
    }
    answers = [
        {
            **base,
            "type": "assistant",
            "uuid": f"a{name}-{part}",
            "parentUuid": f"q{name}",
            "requestId": f"req-{name}",
            "message": {
                "id": f"m{name}",
                "model": "claude-x",
                "content": [{"type": "text", "text": "…"}],
                "usage": {
                    "input_tokens": 1,
                    "cache_read_input_tokens": 9,
                    "output_tokens": 5 * part,
                },
            },
        }
        for part in (1, 2)
    ]
    return [question, *answers]


def append(path: Path, session: int, numbers: range) -> None:
    with path.open("a", encoding="utf-8") as file:
        for number in numbers:
            file.writelines(f"{json.dumps(line)}\n" for line in lines(session, number))


class Watched:
    """A pump whose clock the test turns."""

    def __init__(self, folder: Path) -> None:
        self.now = time.time()
        self.sources = Sources([str(folder)])
        self.live = Live(PerMillion())
        self.pump = Pump(self.sources, Decoder(), self.live, clock=lambda: self.now)

    def look(self) -> Figures:
        """Let time pass until all there is was read."""
        self.now += RESCAN_S
        while self.pump.step(1.0):
            pass
        return self.live.view(Query(window="all"), self.now, self.pump.honest()).figures


def test_totals_stay_right_while_hundreds_of_transcripts_grow(tmp_path: Path) -> None:
    paths = [tmp_path / f"project-{index % 7}" / f"{index}.jsonl" for index in range(FILES)]
    for session, path in enumerate(paths):
        path.parent.mkdir(exist_ok=True)
        append(path, session, range(CALLS))
    watched = Watched(tmp_path)
    try:
        calls = FILES * CALLS
        first = watched.look()
        assert (first.calls, first.output_tokens) == (calls, calls * 10)
        assert first.input_tokens == calls * 10
        for turn in range(1, 4):
            for session in range(turn, FILES, 29):
                append(paths[session], session, range(CALLS + turn, CALLS + turn + 2))
                calls += 2
            new = tmp_path / f"new-{turn}.jsonl"
            append(new, 1000 + turn, range(CALLS))
            calls += CALLS
            grown = watched.look()
            assert (grown.calls, grown.output_tokens) == (calls, calls * 10)
            assert grown.errors == 0
        assert watched.pump.honest().rejected == 0
        assert watched.live.index.traces_seen == FILES + 3
    finally:
        watched.pump.close()


def test_the_first_look_is_one_pass_over_the_files(tmp_path: Path) -> None:
    for session in range(FILES):
        append(tmp_path / f"{session}.jsonl", session, range(1))
    watched = Watched(tmp_path)
    try:
        watched.look()
        read, there = watched.pump.progress()
        assert read == there == sum(path.stat().st_size for path in tmp_path.iterdir())
        assert watched.pump.honest().lines == FILES * 3
    finally:
        watched.pump.close()


def test_a_line_that_is_half_written_counts_once_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    append(path, 1, range(1))
    watched = Watched(tmp_path)
    try:
        assert watched.look().calls == 1
        text = "".join(f"{json.dumps(line)}\n" for line in lines(1, 7))
        with path.open("a", encoding="utf-8") as file:
            file.write(text[:400])
            file.flush()
            assert watched.look().calls == 1
            file.write(text[400:])
        assert watched.look().calls == 2
    finally:
        watched.pump.close()
