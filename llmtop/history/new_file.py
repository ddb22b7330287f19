"""A file that is there whole or not at all: written under another name, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def new_file(path: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """Where to write what becomes the file, readable by its owner alone.

    Raises FileExistsError if there is such a file already, unless forced to replace it.
    """
    if not force and path.exists():
        raise FileExistsError(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if force:
            temporary.replace(path)
        else:
            _rename_to_nothing(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _rename_to_nothing(temporary: Path, path: Path) -> None:
    """Rename, but never over a file that came meanwhile."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        # No links on this file system.
        if path.exists():
            raise FileExistsError(path) from None
        temporary.replace(path)
