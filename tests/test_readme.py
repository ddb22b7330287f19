"""The README says what the program does; `python -m tests.test_readme` renews its tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from llmtop.filter_terms import KEYS
from llmtop.tui import actions

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def filter_table() -> str:
    rows = [f"| `{key.example}` | {key.meaning} |" for key in KEYS.values()]
    return "\n".join(["| term | matches |", "| --- | --- |", *rows])


TABLES = {"keys": lambda: actions.markdown_table().strip(), "filter": filter_table}


def section(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name}:[^\n]*-->\n)(.*?)(<!-- /{name} -->)", re.DOTALL)


@pytest.mark.parametrize("name", TABLES)
def test_a_generated_table_is_up_to_date(name: str) -> None:
    found = section(name).search(README.read_text("utf-8"))
    assert found, f"the README lost its markers of {name}"
    assert found.group(2).strip() == TABLES[name](), "run: python -m tests.test_readme"


def test_every_local_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README.read_text("utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_picture_is_small_enough_to_load() -> None:
    assert (ROOT / "demo/picture.svg").stat().st_size < 300_000


def test_every_folder_and_benchmark_that_is_named_exists() -> None:
    named = re.findall(r"(?<![\w./])(?:llmtop|tests|demo)/[\w/.]*\w/?", README.read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


if __name__ == "__main__":
    text = README.read_text("utf-8")
    for name, table in TABLES.items():
        new = table()
        text = section(name).sub(lambda found, new=new: f"{found[1]}{new}\n{found[3]}", text)
    README.write_text(text, "utf-8")
