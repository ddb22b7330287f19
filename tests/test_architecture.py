"""The shape of the code: what loads what, how long files are, and what each says of itself."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "llmtop").rglob("*.py"))
SOURCES = [
    path
    for folder in ("llmtop", "tests", "demo")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path != Path(__file__)
]
HEAVY = ("textual", "rich", "genai_prices", "watchfiles")
MOST_LINES = 400
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
TOP_LEVEL = {
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "demo",
    "llmtop",
    "pyproject.toml",
    "tests",
}
REASON = re.compile(r"#\s*(?:noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?|type:\s*ignore\[[\w, -]+\])")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def loaded_after(program: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded after running `program`."""
    report = f"\nimport sys\nprint(*[m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", program + report], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_importing_llmtop_loads_nothing_heavy() -> None:
    assert loaded_after("import llmtop") == set()


def test_importing_the_emitter_loads_nothing_heavy() -> None:
    assert loaded_after("import llmtop.emit") == set()


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_load_nothing_heavy(option: str) -> None:
    program = f"""
import sys
sys.argv = ["llmtop", {option!r}]
from llmtop.cli.main import main
try:
    main()
except SystemExit as leave:
    assert not leave.code
"""
    assert loaded_after(program) == set()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_opens_with_one_sentence(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert said, "no docstring"
    first = said.split("\n\n")[0]
    assert first.rstrip().endswith("."), first


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_file_is_no_longer_than_one_concept(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


def test_no_file_is_named_after_nothing() -> None:
    assert [name(path) for path in SOURCES if path.stem in VAGUE_NAMES] == []


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_silenced_warning_says_why(path: Path) -> None:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        for silenced in re.finditer(r"#\s*(noqa|type:\s*ignore)", line):
            rule = REASON.match(line, silenced.start())
            assert rule, f"line {number} silences everything: {line.strip()}"
            said = line[rule.end() :].strip(" #:-—,;")
            above = path.read_text("utf-8").splitlines()[number - 2].strip()
            assert said or above.startswith("#"), f"line {number} gives no reason: {line.strip()}"


def test_the_top_level_holds_only_what_belongs_there() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    assert {path.split("/")[0] for path in listed.stdout.split("\0") if path} <= TOP_LEVEL


def test_every_dependency_is_bounded() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [wanted for extra in project["optional-dependencies"].values() for wanted in extra]
    every = [*project["dependencies"], *extras]
    own = project["name"] + "["
    assert [
        wanted for wanted in every if not (wanted.startswith(own) or re.search(r">=.+,<", wanted))
    ] == []
