"""The UDP sink: one non-blocking `send` a record, numbered, so that a loss can be seen."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
from collections.abc import Mapping
from typing import Any

from llmtop.emit.encode import encode, shortened
from llmtop.emit.sink_stats import SinkStats

MOST_IN_DATAGRAM = 60_000
"""Larger records are cut into parts of this many bytes."""
FEWEST_IN_DATAGRAM = 8_000
"""The same where the system takes no more in one datagram, as macOS by default."""
MOST_BYTES = 4 * 1024 * 1024
"""Beyond this, the heavy fields of a record are cut; its figures never."""
NOBODY = "nobody listens"
FULL = "the system's buffer is full"


class _Line:
    """The socket of one process and its numbers; made anew after a fork.

    Its lock belongs to the process too, so that no child inherits one that a thread of the parent
    held. It is re-entrant: a signal handler or a finalizer may send in the middle of a send.
    """

    def __init__(self, opened: socket.socket) -> None:
        self.socket = opened
        self.lock = threading.RLock()
        self.name = os.urandom(8).hex()
        self.number = 0
        self.large = 0
        self.most = MOST_IN_DATAGRAM
        self.unheard = 0
        """Bytes of the last record, which may still turn out to have been heard by nobody."""


class UdpSink:
    """Sends to a host and port; a process that was forked goes on under a name of its own."""

    def __init__(self, host: str, port: int, most_bytes: int = MOST_BYTES) -> None:
        self.sent = 0
        self.bytes = 0
        self.dropped: dict[str, int] = {}
        self._host = host
        self._port = port
        self._most_bytes = most_bytes
        self._line: _Line | None = None
        self._lines: dict[int, _Line] = {}
        self._process = 0

    def send(self, record: Mapping[str, Any]) -> None:
        """Send one record, in parts if it is large; a full buffer drops it and counts it."""
        data = encode(record)
        if len(data) > self._most_bytes:
            data = shortened(record, self._most_bytes)
        try:
            line = self._line
            if line is None or self._process != os.getpid():
                line = self._open()
            with line.lock:
                self._put_record(line, data)
        except OSError as error:
            self._drop(error.strerror or type(error).__name__)

    def _open(self) -> _Line:
        process = os.getpid()
        if self._process != process:
            # A forked child: the parent's figures, socket and lock are not its own.
            if self._process:
                self.sent, self.bytes, self.dropped = 0, 0, {}
            self._lines = {}
            self._process = process
            self._line = None
            _close_with_multiprocessing(self)
        family, kind, protocol, _, address = socket.getaddrinfo(
            self._host, self._port, type=socket.SOCK_DGRAM
        )[0]
        opened = socket.socket(family, kind, protocol)
        opened.setblocking(False)
        opened.connect(address)
        # Of two threads that open at once, one wins; `setdefault` cannot be come between.
        mine = _Line(opened)
        line = self._lines.setdefault(process, mine)
        if line is not mine:
            opened.close()
        self._line = line
        return line

    def _put_record(self, line: _Line, data: bytes) -> None:
        if len(data) <= line.most:
            if self._put(line, b"", data):
                self.sent += 1
                self.bytes += len(data)
            return
        line.large += 1
        name = f"{line.large & 0xFFFFFFFF:08x}"
        size = line.most
        count = -(-len(data) // size)
        for index in range(count):
            part = data[index * size : (index + 1) * size]
            if not self._put(line, f" part {name} {index + 1}/{count}".encode(), part):
                if line.most < size:
                    self._put_record(line, data)
                return
        self.sent += 1
        self.bytes += len(data)

    def _put(self, line: _Line, more: bytes, data: bytes) -> bool:
        line.number += 1
        datagram = b"#llmtop/1 %b %d%b\n%b" % (line.name.encode(), line.number, more, data)
        try:
            line.socket.send(datagram)
        except ConnectionRefusedError:
            # It is the one before that nobody heard; this one was not sent yet.
            if line.unheard:
                self.sent -= 1
                self.bytes -= line.unheard
                line.unheard = 0
                self._drop(NOBODY)
            try:
                line.socket.send(datagram)
            except OSError:
                self._drop(NOBODY)
                return False
        except BlockingIOError:
            self._drop(FULL)
            return False
        except OSError as error:
            if error.errno != errno.EMSGSIZE or line.most <= FEWEST_IN_DATAGRAM:
                raise
            line.most = FEWEST_IN_DATAGRAM
            line.number -= 1
            if not more:
                self._put_record(line, data)
            return False
        line.unheard = 0 if more else len(data)
        return True

    def _drop(self, reason: str) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + 1

    def flush(self) -> None:
        """Nothing waits: each record was sent as it came."""

    def close(self) -> None:
        """Say goodbye, so that the receiver knows the last number."""
        line = self._line
        if line is None or self._process != os.getpid():
            return
        with line.lock:
            self._line = None
            self._lines.pop(self._process, None)
            try:
                self._put(line, b" bye", b"")
            except OSError:
                pass  # the network is gone, and with it whoever would listen
            line.socket.close()

    def stats(self) -> dict[str, SinkStats]:
        """What became of the records of this process."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        mine = self._process in (0, os.getpid())
        return {
            f"udp://{host}:{self._port}": SinkStats(self.sent, self.bytes, dict(self.dropped))
            if mine
            else SinkStats(0, 0, {})
        }


def _close_with_multiprocessing(sink: UdpSink) -> None:
    """Have goodbye said where a child of multiprocessing ends without running exit handlers."""
    process = sys.modules.get("multiprocessing.process")
    util = sys.modules.get("multiprocessing.util")
    if process is not None and util is not None and process.parent_process() is not None:
        util.Finalize(None, sink.close, exitpriority=-100)
