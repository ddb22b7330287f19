"""Services for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.service import Service, service


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Service]:
    """A service on an empty folder of logs."""
    folder = tmp_path / "logs"
    folder.mkdir()
    with service(folder) as found:
        yield found
