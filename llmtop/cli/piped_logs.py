"""Logs from a pipe as a stored log: kept in a file until the command ends."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import click

from llmtop.sources.chunk import CHUNK_BYTES
from llmtop.sources.gzip_stream import DamagedError, GzipStream
from llmtop.sources.standard_input import standard_input
from llmtop.sources.status import SourceError


def piped_log(context: click.Context) -> Path:
    """Read standard input to its end, decompressed; the file is gone when the command is.

    What is asked of stored logs may need them twice, or a record again: a pipe gives all once.
    """
    try:
        descriptor = standard_input()
    except SourceError as error:
        raise click.UsageError(str(error)) from error
    try:
        handle, name = tempfile.mkstemp(prefix="llmtop-", suffix=".jsonl")
        path = _without_name(handle, Path(name), context)
        file = FileIO(handle, "w")
        context.call_on_close(file.close)
        for piece in _pieces(descriptor):
            _write(file, piece)
    except OSError as error:
        raise click.ClickException(
            f"standard input cannot be kept: {error.strerror or error}."
        ) from error
    return path


def _without_name(handle: int, path: Path, context: click.Context) -> Path:
    """Where an open file is found; where the system can, it is gone however the command ends."""
    nameless = Path(f"/proc/{os.getpid()}/fd/{handle}")
    try:
        if nameless.samefile(path):
            path.unlink()
            return nameless
    except OSError:
        pass  # this system shows no files of processes
    context.call_on_close(lambda: path.unlink(missing_ok=True))
    return path


def _pieces(descriptor: int) -> Iterator[bytes]:
    stream = GzipStream()
    try:
        while data := os.read(descriptor, CHUNK_BYTES):
            yield from stream.feed(data)
        yield stream.finish()
    except DamagedError as error:
        click.echo(f"llmtop: standard input: {error}", err=True)


def _write(file: FileIO, data: bytes) -> None:
    done = 0
    while done < len(data):
        done += file.write(memoryview(data)[done:]) or 0
