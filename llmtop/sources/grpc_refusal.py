"""Tells a gRPC client, in its own protocol, that OTLP is taken over HTTP only."""

from __future__ import annotations

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What every HTTP/2 connection that begins without asking begins with."""
SENTENCE = (
    "llmtop takes OTLP over HTTP, not over gRPC: "
    "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf in the program that sends."
)

_UNIMPLEMENTED = b"12"
_HEADERS, _SETTINGS, _PING = 1, 4, 6
_ACK, _END_STREAM, _END_HEADERS = 1, 1, 4
_FRAME_HEAD = 9
_LONGEST_KEPT = 64
"""Only the short frames that want an answer are kept while they come."""


class GrpcRefusal:
    """Bytes of an HTTP/2 connection in, bytes to answer out."""

    def __init__(self) -> None:
        self._waiting = b""
        self._skip = len(PREFACE)
        self._greeted = False

    def receive(self, data: bytes) -> bytes:
        """What to answer; the preface is the first that is handed in."""
        answer = b""
        if not self._greeted:
            self._greeted = True
            answer = _frame(_SETTINGS, 0, 0, b"")
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        self._waiting += data
        while len(self._waiting) >= _FRAME_HEAD:
            length = int.from_bytes(self._waiting[:3], "big")
            kind, flags = self._waiting[3], self._waiting[4]
            stream = int.from_bytes(self._waiting[5:9], "big") & 0x7FFFFFFF
            whole = _FRAME_HEAD + length
            if length <= _LONGEST_KEPT and len(self._waiting) < whole:
                break
            answer += self._answer(kind, flags, stream, self._waiting[_FRAME_HEAD:whole])
            self._skip = max(0, whole - len(self._waiting))
            self._waiting = self._waiting[whole:]
        return answer

    def _answer(self, kind: int, flags: int, stream: int, payload: bytes) -> bytes:
        if kind == _HEADERS:
            return _frame(_HEADERS, _END_STREAM | _END_HEADERS, stream, _refusing_headers())
        if kind == _SETTINGS and not flags & _ACK:
            return _frame(_SETTINGS, _ACK, 0, b"")
        if kind == _PING and not flags & _ACK:
            return _frame(_PING, _ACK, 0, payload)
        return b""


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return (
        len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload
    )


def _refusing_headers() -> bytes:
    """`:status 200`, then headers that are written out (RFC 7541, 6.2.2)."""
    status_200 = b"\x88"
    return (
        status_200
        + _header(b"content-type", b"application/grpc")
        + _header(b"grpc-status", _UNIMPLEMENTED)
        + _header(b"grpc-message", SENTENCE.encode())
    )


def _header(name: bytes, value: bytes) -> bytes:
    return b"\0" + _length(len(name)) + name + _length(len(value)) + value


def _length(length: int) -> bytes:
    """A whole number behind a prefix of seven bits (RFC 7541, 5.1)."""
    if length < 127:
        return bytes((length,))
    found = bytearray((127,))
    length -= 127
    while length >= 128:
        found.append(length & 127 | 128)
        length >>= 7
    found.append(length)
    return bytes(found)
