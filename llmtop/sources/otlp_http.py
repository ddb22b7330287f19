"""The OTLP port: programs instrumented with OpenTelemetry send their spans to it over HTTP."""

from __future__ import annotations

import errno
import importlib.util
import socket
import threading
from typing import TYPE_CHECKING

from llmtop.sources.otlp_receiver import Receiver
from llmtop.sources.status import SourceError

if TYPE_CHECKING:
    from llmtop.sources.otlp_server import Server

_NEEDED = ("uvicorn", "starlette", "opentelemetry.proto")
MISSING = "The OTLP port needs more packages: pip install 'llmtop-monitor[otlp]'."
_BACKLOG = 512


class OtlpPort:
    """A server on a thread of its own; what it takes waits in its receiver."""

    def __init__(self, host: str, port: int, receiver: Receiver, *, required: bool) -> None:
        self.port = port
        self._receiver = receiver
        self._thread: threading.Thread | None = None
        self._server: Server | None = None
        self._closing = False
        self._host = host
        try:
            _check_packages()
            listening = _listening(host, port)
        except SourceError as error:
            if required:
                raise
            receiver.fail(str(error))
            return
        self.port = listening.getsockname()[1]
        receiver.status.label = label(host, self.port)
        self._thread = threading.Thread(
            target=self._serve, args=(listening,), name="llmtop-otlp", daemon=True
        )
        self._thread.start()

    def _serve(self, listening: socket.socket) -> None:
        # Imported here: it takes a while, and the first frame does not wait for it.
        from llmtop.sources.otlp_server import Server

        with listening:
            try:
                server = self._server = Server(self._receiver, self._host)
                if self._closing:
                    server.should_exit = True
                server.serve_on(listening)
            except Exception as error:
                self._receiver.fail(f"The OTLP port has failed: {error}.")

    def close(self) -> None:
        """Take no more, and wait until the requests that were taken are answered."""
        self._closing = True
        self._receiver.refuse_more()
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(10.0)
            self._thread = None


def label(host: str, port: int) -> str:
    """What the port is called on screen."""
    shown = f"[{host}]" if ":" in host else host
    return f"otlp {shown}:{port}"


def _check_packages() -> None:
    for name in _NEEDED:
        try:
            found = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise SourceError(MISSING)


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
        try:
            # The port of a monitor that just ended is free again at once.
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(address)
            found.listen(_BACKLOG)
        except OSError:
            found.close()
            raise
    except OSError as error:
        raise SourceError(_why(host, port, error)) from error
    return found


def _why(host: str, port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"There is no host named {host}."
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken, perhaps by an OpenTelemetry collector or another llmtop; "
            f"listen elsewhere with --otlp {port + 1}."
        )
    return f"Port {port} cannot be listened on: {error.strerror or error}."
