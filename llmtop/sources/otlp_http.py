"""The OTLP port: programs instrumented with OpenTelemetry send their spans to it over HTTP."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

from llmtop.sources.listening import tcp_socket, written
from llmtop.sources.otlp_receiver import Receiver
from llmtop.sources.packages import are_installed
from llmtop.sources.status import SourceError

if TYPE_CHECKING:
    from llmtop.sources.otlp_server import Server

_NEEDED = ("uvicorn", "starlette", "opentelemetry.proto")
MISSING = "The OTLP port needs more packages: pip install 'llmtop-monitor[otlp]'."
_TAKEN = (
    "Port {} is taken, perhaps by an OpenTelemetry collector or another llmtop; "
    "listen elsewhere with --otlp {}."
)


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
            if not are_installed(_NEEDED):
                raise SourceError(MISSING)
            listening = tcp_socket(host, port, taken=_TAKEN.format(port, port + 1))
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
    return f"otlp {written(host, port)}"
