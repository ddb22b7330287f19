"""The UDP sink: one non-blocking `sendto` a record, numbered, so that a loss can be seen."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Any

from llmtop.emit.encode import encode, shortened

MOST_IN_DATAGRAM = 60_000
"""Larger records are cut into parts of this many bytes."""
MOST_BYTES = 4 * 1024 * 1024
"""Beyond this, the heavy fields of a record are cut; its figures never."""


class UdpSink:
    """Sends to a host and port; a process that was forked goes on under a name of its own."""

    def __init__(self, host: str, port: int, most_bytes: int = MOST_BYTES) -> None:
        self.sent = 0
        self.bytes = 0
        self.dropped: dict[str, int] = {}
        self._host = host
        self._port = port
        self._most_bytes = most_bytes
        self._socket: socket.socket | None = None
        self._process = 0
        self._name = ""
        self._number = 0
        self._records = 0

    def send(self, record: Mapping[str, Any]) -> None:
        """Send one record, in parts if it is large; a full buffer drops it and counts it."""
        try:
            data = encode(record)
            if len(data) > self._most_bytes:
                data = shortened(record, self._most_bytes)
            if self._socket is None or self._process != os.getpid():
                self._open()
            if len(data) <= MOST_IN_DATAGRAM:
                self._put(b"", data)
            else:
                self._put_parts(data)
        except Exception as error:
            self._drop(type(error).__name__)

    def _open(self) -> None:
        family, kind, protocol, _, address = socket.getaddrinfo(
            self._host, self._port, type=socket.SOCK_DGRAM
        )[0]
        self._socket = socket.socket(family, kind, protocol)
        self._socket.setblocking(False)
        self._socket.connect(address)
        self._process = os.getpid()
        self._name = os.urandom(8).hex()
        self._number = 0

    def _put(self, more: bytes, data: bytes) -> bool:
        if self._socket is None:
            return False
        self._number += 1
        head = f"#llmtop/1 {self._name} {self._number}".encode()
        try:
            self._socket.send(b"%s%s\n%s" % (head, more, data))
        except ConnectionRefusedError:
            # Nobody listened to the one before; this one was not sent either.
            try:
                self._socket.send(b"%s%s\n%s" % (head, more, data))
            except OSError:
                self._drop("nobody listens")
                return False
        except BlockingIOError:
            self._drop("the system's buffer is full")
            return False
        self.sent += 1
        self.bytes += len(data)
        return True

    def _put_parts(self, data: bytes) -> None:
        self._records += 1
        name = f"{self._records & 0xFFFFFFFF:08x}"
        count = -(-len(data) // MOST_IN_DATAGRAM)
        for index in range(count):
            part = data[index * MOST_IN_DATAGRAM : (index + 1) * MOST_IN_DATAGRAM]
            if not self._put(f" part {name} {index + 1}/{count}".encode(), part):
                return

    def _drop(self, reason: str) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + 1

    def flush(self) -> None:
        """Nothing waits: each record was sent as it came."""

    def close(self) -> None:
        """Say goodbye, so that the receiver knows the last number."""
        if self._socket is None or self._process != os.getpid():
            return
        try:
            self._put(b" bye", b"")
        finally:
            self._socket.close()
            self._socket = None
