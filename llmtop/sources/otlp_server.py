"""The HTTP server of the OTLP port: its routes, and answers to what is no OTLP over HTTP."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from llmtop.sources.grpc_refusal import SENTENCE, GrpcRefusal
from llmtop.sources.local_pages import is_host_allowed
from llmtop.sources.otlp_answer import refused
from llmtop.sources.otlp_receiver import Receiver
from llmtop.sources.otlp_routes import otlp_routes
from llmtop.sources.quiet_uvicorn import quiet

GRACE_S = 2
"""Requests that are being received when the port closes may go on for so long (seconds)."""


def application(receiver: Receiver, host: str) -> ASGIApp:
    """An application with the routes of OTLP alone, for a port of its own on `host`."""

    async def elsewhere(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - as it is registered below
        sentence = f"{request.url.path} is not a path of OTLP: send to /v1/traces or /v1/logs."
        return refused(error.status_code, sentence, "", error.headers)

    routes = Starlette(routes=otlp_routes(receiver), exception_handlers={HTTPException: elsewhere})
    return _HostCheck(routes, host)


class _HostCheck:
    """Refuses requests to another name than this machine's, as pages elsewhere can make them."""

    def __init__(self, inner: ASGIApp, bound: str) -> None:
        self._inner = inner
        self._bound = bound

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = Request(scope).headers.get("host")
            if not is_host_allowed(host, self._bound):
                sentence = "The Host header is to name this machine, such as localhost."
                await refused(403, sentence, "")(scope, receive, send)
                return
        await self._inner(scope, receive, send)


def _protocol(receiver: Receiver) -> type[asyncio.Protocol]:
    class Protocol(H11Protocol):
        """HTTP/1.1, and a refusal for gRPC."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self._began = False
            self._grpc: GrpcRefusal | None = None

        def data_received(self, data: bytes) -> None:
            """Look at the first bytes; HTTP/2 that comes unasked is gRPC."""
            if not self._began:
                self._began = True
                if data.startswith(b"PRI * HTTP/2"):
                    self._grpc = GrpcRefusal()
                    receiver.note(f"A program sent gRPC. {SENTENCE}")
            if self._grpc is None:
                super().data_received(data)
            else:
                self.transport.write(self._grpc.receive(data))

    return Protocol


class Server(uvicorn.Server):
    """Uvicorn without signal handlers and without a word to the terminal."""

    def __init__(self, receiver: Receiver, host: str) -> None:
        super().__init__(
            quiet(application(receiver, host), http=_protocol(receiver), grace_s=GRACE_S)
        )

    def serve_on(self, listening: socket.socket) -> None:
        """Serve on this thread until `should_exit` is set."""
        asyncio.run(self._serve_to_the_end(listening))

    async def _serve_to_the_end(self, listening: socket.socket) -> None:
        await self.serve([listening])
        # Who sends on while the server ends is cut off; the loop then lets go of the connection.
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)
