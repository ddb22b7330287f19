"""The UDP port that emitters send to."""

from __future__ import annotations

import socket
import sys
import threading
from collections import deque

from llmtop.sources.chunk import CHUNK_BYTES, Chunk
from llmtop.sources.chunk_index import ChunkIndex
from llmtop.sources.datagram import PREFIX, Joiner
from llmtop.sources.listening import reason, written
from llmtop.sources.spool import Spool
from llmtop.sources.status import SourceError, SourceStatus

_LARGEST = 65536
_TELL_S = 0.25
"""Emitters are told of so often (seconds) while datagrams come without a pause."""
_BUFFER_BYTES = 64 * 1024 * 1024
"""What is asked of the system for datagrams that wait; it grants what it does."""
MOST_WAITING = 200_000
MOST_WAITING_BYTES = 256 * 1024 * 1024
"""More than so many datagrams or bytes are not kept for the reader: they are lost, and counted."""
_FORCE_ON_LINUX = 33
"""SO_RCVBUFFORCE: a privileged user gets what is asked for."""
_BUFFERS = (
    *(((_FORCE_ON_LINUX, _BUFFER_BYTES),) if sys.platform == "linux" else ()),
    *((socket.SO_RCVBUF, _BUFFER_BYTES // part) for part in (1, 8, 64)),
)
_TAKEN = (
    "UDP port {} is taken, perhaps by another llmtop; "
    "listen elsewhere with --udp {}, or not at all with --no-udp."
)


class UdpSocket:
    """A thread that does nothing but receive, so that the screen's work loses no datagram."""

    def __init__(
        self,
        host: str,
        port: int,
        chunk_index: ChunkIndex,
        source: int,
        spool: Spool,
        *,
        required: bool,
    ) -> None:
        label = f"udp {written(host, port)}"
        self.status = SourceStatus(label=label, kind="udp", state="listening")
        self.joiner = Joiner()
        self._chunk_index = chunk_index
        self._source = source
        self._spool = spool
        self._reader = chunk_index.reader(spool.read)
        self._waiting: deque[bytes] = deque()
        self._received_bytes = 0
        self._taken_bytes = 0
        self._overrun = 0
        """Datagrams without a number that were not kept; of the others, the numbers tell."""
        self._told_at = 0.0
        self._closing = False
        self._socket: socket.socket | None = None
        self.port = port
        try:
            self._socket = _bound(host, port)
        except OSError as error:
            taken = _TAKEN.format(port, port + 1)
            sentence = reason(host, f"UDP port {port}", error, taken=taken)
            if required:
                raise SourceError(sentence) from error
            self.status.state, self.status.detail = "failed", sentence
            return
        self.port = self._socket.getsockname()[1]
        self.status.label = f"udp {written(host, self.port)}"
        self._thread = threading.Thread(target=self._receive, name="llmtop-udp", daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        socket_ = self._socket
        while socket_ is not None and not self._closing:
            try:
                self._keep(socket_.recv(_LARGEST))
            except TimeoutError:
                continue
            except OSError:
                return

    def _keep(self, datagram: bytes) -> None:
        waiting_bytes = self._received_bytes - self._taken_bytes
        if len(self._waiting) < MOST_WAITING and waiting_bytes < MOST_WAITING_BYTES:
            self._waiting.append(datagram)
            # Each of the two counters is written by one thread only.
            self._received_bytes += len(datagram)
        elif not datagram.startswith(PREFIX):
            self._overrun += 1

    def poll(self, now: float, budget: int) -> list[Chunk]:
        """The records that have come, gathered into one chunk."""
        if not self._waiting:
            self.joiner.expire(now)
            self._count(now)
            return []
        lines: list[bytes] = []
        size = 0
        while self._waiting and size < max(budget, CHUNK_BYTES):
            datagram = self._waiting.popleft()
            self._taken_bytes += len(datagram)
            records = self.joiner.join(datagram, now)
            if records:
                lines.append(records if records.endswith(b"\n") else records + b"\n")
                size += len(records)
        self.joiner.expire(now)
        self.status.bytes_read += size
        self.status.bytes_total = self.status.bytes_read
        self._count(now)
        if not lines:
            return []
        data = b"".join(lines)
        number = self._chunk_index.enter(self._reader, self._spool.append(data), len(data))
        return [Chunk(number, self._source, data)]

    def _count(self, now: float) -> None:
        self.status.datagrams = self.joiner.datagrams
        self.status.lost = self.joiner.lost + self._overrun
        self.status.rejected = self.joiner.incomplete
        if not self._waiting or abs(now - self._told_at) >= _TELL_S:
            # There may be a thousand emitters, and as many polls in a second.
            self._told_at = now
            self.status.emitters = self.joiner.statuses()

    def pending(self) -> bool:
        """Whether datagrams wait."""
        return bool(self._waiting)

    def close(self) -> None:
        """Stop listening; what the system has taken already still comes by polls."""
        self._closing = True
        if self._socket is None:
            return
        self._thread.join(2.0)
        self._socket.setblocking(False)
        try:
            for _ in range(MOST_WAITING):
                self._keep(self._socket.recv(_LARGEST))
        except OSError:
            pass  # there is no more
        self._socket.close()
        self._socket = None


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE
    )[0]
    found = socket.socket(family, kind, protocol)
    try:
        for option, size in _BUFFERS:
            try:
                found.setsockopt(socket.SOL_SOCKET, option, size)
                break
            except OSError:
                continue
        found.bind(address)
        found.settimeout(0.25)
    except OSError:
        found.close()
        raise
    return found
