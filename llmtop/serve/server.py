"""The server: listens, serves until it is told to end, and ends open streams then."""

from __future__ import annotations

import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from llmtop.sources.status import SourceError

GRACE_S = 3
"""Requests that are being answered when the service ends may go on for so long (seconds)."""
_BACKLOG = 512
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises SourceError with a sentence."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
        try:
            # The port of a service that just ended is free again at once.
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
        return f"Port {port} is taken, perhaps by another llmtop; serve with --port {port + 1}."
    return f"{host}:{port} cannot be listened on: {error.strerror or error}."


class Server(uvicorn.Server):
    """Uvicorn, without a word to the terminal, and ending in order."""

    def __init__(self, application: ASGIApp, ending: Callable[[], None]) -> None:
        """`ending` is called when the service is told to end, perhaps in a signal handler."""
        super().__init__(
            uvicorn.Config(
                application,
                http="h11",
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self._ending = ending

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End in order on a signal, and leave it at that: uvicorn would raise it again."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Let streams end, then the rest."""
        self._ending()
        super().handle_exit(sig, frame)
