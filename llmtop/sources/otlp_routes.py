"""The paths of OTLP over HTTP, as routes of an ASGI application that fill a receiver."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from llmtop.sources import otlp_export, otlp_protobuf
from llmtop.sources.local_pages import is_local_origin
from llmtop.sources.otlp_answer import JSON, PROTOBUF, accepted, refused
from llmtop.sources.otlp_body import (
    ENCODINGS,
    Bodies,
    DamagedError,
    OverloadedError,
    TooLargeError,
    discard,
)
from llmtop.sources.otlp_export import BadExportError, Document
from llmtop.sources.otlp_receiver import Export, Receiver

RETRY_AFTER_S = 1

_READERS: dict[str, tuple[Callable[[bytes], Document], Callable[[Document], Export]]] = {
    "traces": (otlp_protobuf.traces, otlp_export.traces),
    "logs": (otlp_protobuf.logs, otlp_export.logs),
    "metrics": (otlp_protobuf.metrics, otlp_export.metrics),
}


def otlp_routes(receiver: Receiver) -> list[Route]:
    """`/v1/traces`, `/v1/logs` and `/v1/metrics`, which put what they take into `receiver`."""
    bodies = Bodies()
    return [Route(f"/v1/{signal}", Signal(signal, receiver, bodies)) for signal in _READERS]


class RefusedError(Exception):
    """A request that nothing is taken of: status, a sentence, headers."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Signal:
    """One path: traces, logs or metrics."""

    def __init__(self, signal: str, receiver: Receiver, bodies: Bodies) -> None:
        self._signal = signal
        self._receiver = receiver
        self._bodies = bodies
        self._from_protobuf, self._sort = _READERS[signal]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI asks for it."""
        request = Request(scope, receive, send)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            response = await self._answer(request, kind)
        except RefusedError as refusal:
            response = refused(refusal.status, refusal.sentence, kind, refusal.headers)
        except ClientDisconnect:
            return
        origin = request.headers.get("origin")
        if origin is not None and is_local_origin(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Vary"] = "Origin"
        await response(scope, receive, send)

    async def _answer(self, request: Request, kind: str) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and not is_local_origin(origin):
            await discard(request.stream())
            raise RefusedError(403, "Only pages of this machine (http://localhost) may send here.")
        if request.method == "OPTIONS" and origin is not None:
            return _preflight(request)
        if request.method != "POST":
            raise RefusedError(
                405, f"/v1/{self._signal} takes POST, not {request.method}.", Allow="POST, OPTIONS"
            )
        body = await self._body(request, kind)
        try:
            document = (
                self._from_protobuf(body) if kind == PROTOBUF else otlp_export.from_json(body)
            )
            export = self._sort(document)
        except BadExportError as error:
            raise RefusedError(400, str(error)) from error
        if not self._receiver.offer(export):
            raise _behind()
        return accepted(self._signal, kind, export.rejected, export.reason)

    async def _body(self, request: Request, kind: str) -> bytes:
        stream = request.stream()
        encoding = request.headers.get("content-encoding", "").strip().lower()
        problem: RefusedError | None = None
        if kind not in (PROTOBUF, JSON):
            problem = RefusedError(415, f"The content type is to be {PROTOBUF} or {JSON}.")
        elif encoding not in ENCODINGS:
            problem = RefusedError(
                415,
                "The content encoding is to be gzip or deflate.",
                Accept_Encoding="gzip, deflate",
            )
        elif self._receiver.is_behind():
            problem = _behind()
        if problem is not None:
            await discard(stream)
            raise problem
        try:
            return await self._bodies.receive(stream, encoding)
        except TooLargeError:
            raise RefusedError(
                413, "The body is larger than 20 MiB; let the exporter send smaller batches."
            ) from None
        except DamagedError as error:
            raise RefusedError(400, f"The body cannot be read: {error}.") from error
        except OverloadedError:
            raise _behind() from None


def _behind() -> RefusedError:
    # 503 rather than 429: some SDKs give a batch up on 429, whatever the protocol says.
    return RefusedError(
        503, "Too much waits to be read; send this again.", Retry_After=str(RETRY_AFTER_S)
    )


def _preflight(request: Request) -> Response:
    wanted = request.headers.get("access-control-request-headers")
    headers = {
        "Access-Control-Allow-Methods": "POST, OPTIONS",
        "Access-Control-Allow-Headers": wanted or "content-type, content-encoding",
        "Access-Control-Max-Age": "600",
    }
    return Response(status_code=204, headers=headers)
