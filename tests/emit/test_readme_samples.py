"""Every Python sample of the README runs as it stands, and the monitor sees what it sends."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emit.model_server import ModelServer
from tests.emit.monitor import Monitor
from tests.emit.programs import environment

README = Path(__file__).parents[2] / "README.md"
SAMPLES = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)
PORT = "8127"


@pytest.mark.parametrize("sample", SAMPLES, ids=[str(at) for at, _ in enumerate(SAMPLES, 1)])
def test_a_sample_runs_and_is_seen(
    sample: str, model_server: ModelServer, monitor: Monitor, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", sample.replace(PORT, str(monitor.pump.udp_port))],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env=environment(
            LLMTOP_SINK=monitor.address,
            LLMTOP_STRICT="1",
            OPENAI_API_KEY="k",
            OPENAI_BASE_URL=model_server.openai_url,
            ANTHROPIC_API_KEY="k",
            ANTHROPIC_BASE_URL=model_server.url,
        ),
    )
    assert (done.returncode, done.stderr) == (0, "")
    monitor.wait(lambda: bool(monitor.spans()))
