"""`curl` of each route in the README prints what the README says; `…` stands for anything."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.serve.service import call, service, span

README = Path(__file__).parent.parent.parent / "README.md"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
_SECTION = re.compile(r"<!-- routes:.*?-->\n```console\n(.*?)```\n<!-- /routes -->", re.DOTALL)
TIMED_OUT = 28
"""What curl ends with when a stream goes on for longer than it was told to listen."""


def test_curl_prints_what_the_readme_says(tmp_path: Path) -> None:
    section = _SECTION.search(README.read_text("utf-8"))
    if section is None:
        pytest.skip("the README does not tell of the routes")
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    examples = [
        tuple(part.partition("\n")[::2]) for part in re.split(r"^\$ ", section[1], flags=re.M)[1:]
    ]
    assert len(examples) >= 8
    at = time.time() - 60.0
    with service(tmp_path) as served:
        served.write(
            span("root", at=at, took=3.0, trace_id=TRACE, attributes={"chain.step": "answer"}),
            *call(1, at=at + 1.0, trace_id=TRACE, parent_id="root", session_id="s1"),
            *call(2, at=at + 2.0, error="slow down", error_type="RateLimit"),
        )
        for command, printed in examples:
            told = command.replace("localhost:8428", served.url.removeprefix("http://"))
            words = shlex.split(told)
            assert words[0] == "curl"
            done = subprocess.run(words, capture_output=True, text=True, timeout=60)
            assert done.returncode in ({TIMED_OUT} if "--max-time" in words else {0}), command
            pattern = re.escape(printed.strip()).replace("…", ".*?")
            # A page of metrics goes on, and so does a stream.
            goes_on = not printed.lstrip().startswith("{")
            found = (re.match if goes_on else re.fullmatch)(pattern, done.stdout.strip(), re.DOTALL)
            assert found, f"{command}\nshould print\n{printed}\nand prints\n{done.stdout[:2000]}"
