"""The UDP sink: one non-blocking `send` a record, numbered, so that a loss can be seen."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import time
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
_process_id = os.getpid
MOST_REFUSALS = 100
BURST_S = 0.01
"""After so many refusals in a row, records that follow each other within seconds are spared."""
FLOOD = 1000
"""Datagrams a second that are many."""
BREATH_S = 0.02
"""After a flood, a receiver gets this long to read before goodbye is said once more."""
PATIENCE_S = 30.0
"""After a host could not be reached, it is not tried again for this long."""
UNREACHABLE = "the host cannot be reached"
NOBODY = "nobody listens"
FULL = "the system's buffer is full"


class _Line:
    """The socket of one process and its numbers; made anew after a fork.

    Its lock belongs to the process too, so that no child inherits one that a thread of the parent
    held. It is re-entrant: a signal handler or a finalizer may send in the middle of a send.
    """

    def __init__(self, opened: socket.socket) -> None:
        self.socket = opened
        self.send = opened.send
        self.lock = threading.RLock()
        self.head = f"#llmtop/1 {os.urandom(8).hex()} ".encode()
        self.number = 0
        self.large = 0
        self.most = MOST_IN_DATAGRAM
        self.unheard = 0
        """Bytes of the last record, which may still turn out to have been heard by nobody."""
        self.refusals = 0
        """How often, in a row, a record turned out to have been heard by nobody."""
        self.refused_at = 0.0
        self.opened_at = time.monotonic()

    @property
    def in_a_flood(self) -> bool:
        """Whether so much is sent that a receiver may not keep up with it."""
        return self.number > FLOOD * (time.monotonic() - self.opened_at)


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
        self._next_try = 0.0

    def send(self, record: Mapping[str, Any]) -> None:
        """Send one record, in parts if it is large; a full buffer drops it and counts it."""
        data = encode(record)
        size = len(data)
        try:
            line = self._line
            if line is None or self._process != _process_id():
                line = self._open()
            with line.lock:
                if size > line.most:
                    self._put_large(line, record, data)
                    return
                line.number = number = line.number + 1
                datagram = b"%b%d\n%b" % (line.head, number, data)
                try:
                    line.send(datagram)
                except OSError as error:
                    if not self._put_anyway(line, datagram, data, error):
                        return
                else:
                    if line.unheard:
                        line.refusals = 0
                line.unheard = size
                self.sent += 1
                self.bytes += size
        except OSError as error:
            self._drop(error.strerror or type(error).__name__)

    def _open(self) -> _Line:
        process = os.getpid()
        if self._process != process:
            # A forked child: the parent's figures, socket and lock are not its own.
            if self._process:
                self.sent, self.bytes, self.dropped = 0, 0, {}
            for inherited in self._lines.values():
                inherited.socket.close()
            self._lines = {}
            self._process = process
            self._line = None
            _close_with_multiprocessing(self)
        opened = self._connected()
        # Of two threads that open at once, one wins; `setdefault` cannot be come between.
        mine = _Line(opened)
        line = self._lines.setdefault(process, mine)
        if line is not mine:
            opened.close()
        self._line = line
        return line

    def _connected(self) -> socket.socket:
        if time.monotonic() < self._next_try:
            raise OSError(errno.EHOSTUNREACH, UNREACHABLE)
        # As bytes, an address does not load the tables for names in other alphabets.
        host: bytes | str = self._host.encode() if self._host.isascii() else self._host
        opened = None
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, self._port, type=socket.SOCK_DGRAM
            )[0]
            opened = socket.socket(family, kind, protocol)
            opened.setblocking(False)
            opened.connect(address)
        except OSError:
            # A name that is not found may take seconds to be not found: not at every record.
            self._next_try = time.monotonic() + PATIENCE_S
            if opened is not None:
                opened.close()
            raise
        return opened

    def _put_large(self, line: _Line, record: Mapping[str, Any], data: bytes) -> None:
        if len(data) > self._most_bytes:
            data = shortened(record, self._most_bytes)
        size = line.most
        line.large += 1
        count = -(-len(data) // size)
        for index in range(count):
            more = b" part %08x %d/%d" % (line.large & 0xFFFFFFFF, index + 1, count)
            if not self._put(line, more, data[index * size : (index + 1) * size]):
                if line.most < size:
                    self._put_large(line, record, data)
                return
        line.unheard = 0
        self.sent += 1
        self.bytes += len(data)

    def _put(self, line: _Line, more: bytes, data: bytes) -> bool:
        line.number = number = line.number + 1
        datagram = b"%b%d%b\n%b" % (line.head, number, more, data)
        try:
            line.send(datagram)
        except OSError as error:
            return self._put_anyway(line, datagram, b"" if more else data, error)
        return True

    def _put_anyway(self, line: _Line, datagram: bytes, data: bytes, error: OSError) -> bool:
        """Do what can be done about a datagram that was not sent; whether it is now."""
        if isinstance(error, ConnectionRefusedError):
            return self._put_again(line, datagram)
        if isinstance(error, BlockingIOError):
            self._drop(FULL)
            return False
        if error.errno != errno.EMSGSIZE or line.most <= FEWEST_IN_DATAGRAM:
            raise error
        line.most = FEWEST_IN_DATAGRAM
        line.number -= 1
        if data:
            self._put_large(line, {}, data)
        return False

    def _put_again(self, line: _Line, datagram: bytes) -> bool:
        """The system says that nobody heard the datagram before; this one was not sent yet."""
        if line.unheard:
            self.sent -= 1
            self.bytes -= line.unheard
            line.unheard = 0
            self._drop(NOBODY)
        now = time.monotonic()
        line.refusals += 1
        in_a_burst = line.refusals > MOST_REFUSALS and now - line.refused_at < BURST_S
        line.refused_at = now
        if in_a_burst:
            # Nobody has listened for long: this one would not be heard either.
            self._drop(NOBODY)
            return False
        try:
            line.send(datagram)
        except OSError:
            self._drop(NOBODY)
            return False
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
                if line.in_a_flood and line.refusals == 0:
                    # Lost like any other datagram, the first one would hide what was lost last.
                    time.sleep(BREATH_S)
                    line.number -= 1
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
