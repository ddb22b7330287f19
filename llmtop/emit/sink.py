"""Where records go: a UDP port, daily files, several of them, or nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from llmtop.emit.sink_stats import SinkStats
from llmtop.emit.udp import UdpSink

DEFAULT = "udp://127.0.0.1:8127"

__all__ = ["DEFAULT", "NoSink", "SeveralSinks", "Sink", "SinkStats", "open_sink"]


class Sink(Protocol):
    """Takes records; never blocks for long, and counts what it could not send."""

    def send(self, record: Mapping[str, Any]) -> None:
        """Send one record on."""

    def flush(self) -> None:
        """Return when everything sent so far has left the process."""

    def close(self) -> None:
        """Say goodbye and let go of sockets and files; what is sent later opens them again."""

    def stats(self) -> dict[str, SinkStats]:
        """What became of the records, by the sink's address."""


class NoSink:
    """Takes everything and keeps nothing."""

    def send(self, record: Mapping[str, Any]) -> None:
        """Forget a record."""

    def flush(self) -> None:
        """There is nothing to wait for."""

    def close(self) -> None:
        """There is nothing to close."""

    def stats(self) -> dict[str, SinkStats]:
        """Nothing is sent."""
        return {}


class SeveralSinks:
    """Sends each record to all of its sinks."""

    def __init__(self, sinks: tuple[Sink, ...]) -> None:
        self.sinks = sinks

    def send(self, record: Mapping[str, Any]) -> None:
        """Send one record to each."""
        for sink in self.sinks:
            sink.send(record)

    def flush(self) -> None:
        """Flush each."""
        for sink in self.sinks:
            sink.flush()

    def close(self) -> None:
        """Close each."""
        for sink in self.sinks:
            sink.close()

    def stats(self) -> dict[str, SinkStats]:
        """The figures of each."""
        return {address: each for sink in self.sinks for address, each in sink.stats().items()}


def open_sink(address: str) -> Sink:
    """A sink from its address: `udp://HOST:PORT`, `file:DIR`, `none`, or several with commas.

    Opens nothing yet: the first record does. Raises ValueError for an address that is none of
    these.
    """
    parts = [part.strip() for part in address.split(",") if part.strip()]
    sinks = tuple(_one(part) for part in parts)
    if len(sinks) == 1:
        return sinks[0]
    return SeveralSinks(sinks) if sinks else NoSink()


def _one(address: str) -> Sink:
    if address in {"none", "off"}:
        return NoSink()
    kind, _, rest = address.partition(":")
    if kind == "udp":
        host, _, port = rest.removeprefix("//").rpartition(":")
        if port.isascii() and port.isdigit() and 0 < int(port) < 65536:
            return UdpSink(host.strip("[]") or "127.0.0.1", int(port))
    elif kind == "file" and rest:
        from llmtop.emit.file import FileSink

        return FileSink(rest.removeprefix("//"))
    raise ValueError(
        f"{address!r} is not a sink; it is udp://HOST:PORT, file:FOLDER, none, or several of them "
        "with commas between"
    )
