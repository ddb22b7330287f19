"""`python -m llmtop.run` and `llmtop run`: a program as it would have run, with its calls seen."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from llmtop import run
from tests.emit import programs
from tests.emit.model_server import ModelServer
from tests.emit.monitor import Monitor

APP = """
import json, os, sys
from openai import OpenAI
client = OpenAI(api_key="k", base_url=os.environ["MODEL_SERVER"])
client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])
import __main__
print(json.dumps({
    "argv": sys.argv, "path": sys.path[0], "name": __name__, "file": __file__,
    "main": __main__.__dict__ is globals(), "spec": __spec__ is not None,
    "startup": any("startup" in path for path in sys.path),
}))
sys.exit(7)
"""
BIN = Path(sys.executable).parent


def started(
    *command: str, environment: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(command),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=programs.environment(**(environment or {})),
        cwd=cwd,
    )


@pytest.fixture
def app(tmp_path: Path) -> Path:
    path = tmp_path / "app.py"
    path.write_text(APP)
    return path


MODULE = [sys.executable, "-m", "llmtop.run"]
COMMAND = [str(BIN / "llmtop"), "run"]


def test_a_script_runs_as_it_would_have_run_and_is_seen(
    app: Path, model_server: ModelServer, monitor: Monitor
) -> None:
    environment = {"MODEL_SERVER": model_server.openai_url}
    plain = started(sys.executable, str(app), "--sink", "-m", environment=environment)
    done = started(
        *MODULE, "--sink", monitor.address, str(app), "--sink", "-m", environment=environment
    )
    assert (done.returncode, done.stderr) == (7, "")
    assert json.loads(done.stdout) == json.loads(plain.stdout)
    assert json.loads(done.stdout)["argv"] == [str(app), "--sink", "-m"]
    assert monitor.call().output_tokens is not None


def test_a_module_runs_as_it_would_have_run(
    app: Path, model_server: ModelServer, monitor: Monitor
) -> None:
    environment = {"MODEL_SERVER": model_server.openai_url, "LLMTOP_SINK": monitor.address}
    plain = started(
        sys.executable, "-m", "app", "x", environment={**environment, "LLMTOP": "0"}, cwd=app.parent
    )
    done = started(*MODULE, "-m", "app", "x", environment=environment, cwd=app.parent)
    assert done.returncode == 7, done.stderr
    assert json.loads(done.stdout) == json.loads(plain.stdout)
    monitor.call()


def test_any_command_runs_with_its_python_instrumented(
    app: Path, model_server: ModelServer, monitor: Monitor
) -> None:
    environment = {"MODEL_SERVER": model_server.openai_url}
    shell = f"{sys.executable} {app} from the shell"
    done = started(
        *COMMAND, "--sink", monitor.address, "--", "sh", "-c", shell, environment=environment
    )
    assert done.returncode == 7, done.stderr
    assert json.loads(done.stdout)["argv"][1:] == ["from", "the", "shell"]
    monitor.call()


def test_a_script_is_run_by_our_own_python(
    app: Path, model_server: ModelServer, monitor: Monitor
) -> None:
    environment = {"MODEL_SERVER": model_server.openai_url, "LLMTOP_SINK": monitor.address}
    assert started(*COMMAND, str(app), environment=environment).returncode == 7
    monitor.call()


def test_the_environments_own_sitecustomize_runs_too(tmp_path: Path, monitor: Monitor) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.custom = __file__")
    environment = {"PYTHONPATH": str(tmp_path), "LLMTOP_SINK": monitor.address}
    program = "import sys; print(sys.custom, 'llmtop' in sys.modules, sys.modules['sitecustomize'])"
    done = started(*COMMAND, "--", sys.executable, "-c", program, environment=environment)
    assert done.stdout.split()[:2] == [str(tmp_path / "sitecustomize.py"), "True"]
    assert str(tmp_path) in done.stdout.split("True")[1]


def test_an_interpreter_without_llmtop_and_msgspec_is_lent_llmtop_alone(
    monitor: Monitor, tmp_path: Path
) -> None:
    bare = [sys.executable, "-S"]
    told = run.environment({}, sink=monitor.address)
    program = (
        "import sitecustomize, sys, llmtop\n"
        "with llmtop.tracer.span('bare'): pass\n"
        "print([name for name in ('msgspec', 'textual', 'openai') if name in sys.modules])"
    )
    done = started(*bare, "-c", program, environment=told, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("[]\n", "")
    monitor.wait(lambda: len(monitor.spans()) == 1 and not monitor.live.running)


def test_signals_reach_the_program(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(42))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [*MODULE, "--sink", "none", str(app)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 42


def test_the_interpreters_options_stay(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text("import sys; print(sys.flags.optimize, sys.flags.dev_mode, sys.warnoptions)")
    plain = started(sys.executable, "-O", "-X", "dev", "-W", "error", str(app))
    done = started(sys.executable, "-O", "-X", "dev", "-W", "error", "-m", "llmtop.run", str(app))
    assert (done.stdout, done.stderr) == (plain.stdout, plain.stderr)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([*MODULE], 2, "name a program"),
        ([*MODULE, "no-such-file.py"], 2, "there is no file no-such-file.py."),
        ([*MODULE, "--sink", "tcp://x", __file__], 2, "'tcp://x' is not a sink"),
        ([*COMMAND, "--", "no-such-program"], 127, "there is no program no-such-program."),
        ([*COMMAND, "--sink", "tcp://x", "--", "true"], 2, "'tcp://x' is not a sink"),
        ([sys.executable, "-I", "-m", "llmtop.run", __file__], 2, "-E or -I"),
    ],
)
def test_a_mistake_is_one_sentence(arguments: list[str], code: int, said: str) -> None:
    done = started(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_said_on_the_command_line_goes_to_the_program() -> None:
    told = run.environment(
        {"PYTHONPATH": f"{run.STARTUP}:/else"}, sink="none", mask="pii", prompts=False
    )
    assert told == {
        "PYTHONPATH": f"{run.STARTUP}:/else",
        "LLMTOP_SINK": "none",
        "LLMTOP_MASK": "pii",
        "LLMTOP_LOG_PROMPTS": "0",
    }


def test_the_startup_file_comes_with_the_package() -> None:
    found: Any = run.STARTUP / "sitecustomize.py"
    assert found.is_file()
