"""The application: what stands at which address, and how errors are said."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from msgspec import Struct
from msgspec import json as msgspec_json
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import HTMLResponse, Response, StreamingResponse

from llmtop.filter import status_of
from llmtop.serve import alert_list, event_stream, logs, metrics, sessions, trace_list, traces
from llmtop.serve.alert_list import AlertList
from llmtop.serve.answer import Answer, Problem, problem
from llmtop.serve.cursor import read
from llmtop.serve.docs_page import DOCS_HEADERS, DOCS_PAGE
from llmtop.serve.door import sentence
from llmtop.serve.exposition import Exposition
from llmtop.serve.health import Health, health
from llmtop.serve.logs import LogPage, Range
from llmtop.serve.monitor import Monitor
from llmtop.serve.parameters import (
    Begin,
    End,
    EventId,
    Exact,
    Limit,
    Matching,
    Next,
    known,
    named_model,
    span_range,
    window,
)
from llmtop.serve.sessions import SessionPage
from llmtop.serve.store import Store
from llmtop.serve.trace_list import TracePage
from llmtop.serve.traces import MOST_SPANS, TraceAnswer
from llmtop.span import Span
from llmtop.version import __version__

STREAM = "/v1/stream"
_ANSWERS: tuple[type[Struct], ...] = (
    Problem, LogPage, TraceAnswer, TracePage, SessionPage, AlertList, Health,
)  # fmt: skip
"""What the OpenAPI document describes."""


def _told(kind: type[Struct], *errors: int) -> dict[int | str, dict[str, Any]]:
    def content(name: str) -> dict[str, Any]:
        return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}

    return {
        200: {"content": content(kind.__name__)},
        **{
            status: {"description": "Said in a sentence.", "content": content("Problem")}
            for status in (422, *errors)
        },
    }


def application(monitor: Monitor, store: Store, origins: tuple[str, ...] = ()) -> FastAPI:
    """The routes of the service, without the door before them."""
    app = FastAPI(
        title="llmtop",
        version=__version__,
        summary="What an LLM application does now: calls, traces, latency and cost.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(known)],
    )
    _add_calls(app, monitor, store)
    _add_traces(app, monitor, store)
    _add_figures(app, monitor, store)
    _add_pages(app)
    _add_heads(app)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failed)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "HEAD"],
            allow_headers=["Authorization", "Last-Event-ID"],
        )
    return app


def _add_calls(app: FastAPI, monitor: Monitor, store: Store) -> None:
    @app.get("/v1/logs", summary="Calls", responses=_told(LogPage), tags=["calls"])
    def get_logs(
        start_time: Begin = None,
        end_time: End = None,
        model: Exact = None,
        user_id: Exact = None,
        session_id: Exact = None,
        trace_id: Exact = None,
        status: Annotated[
            Literal["ok", "error", "running", "lost", "cancelled"] | None, Query()
        ] = None,
        matches: Matching = None,
        limit: Limit = 100,
        cursor: Next = None,
        payload: Annotated[
            bool, Query(description="With messages, answers and other text of the calls.")
        ] = True,
    ) -> Response:
        """Calls, the newest first: the fields of their requests and of their responses."""

        def wanted(span: Span) -> bool:
            return (
                span.counted
                and (model is None or named_model(span, model))
                and (user_id is None or span.user_id == user_id)
                and (session_id is None or span.session_id == session_id)
                and (trace_id is None or span.trace_id == trace_id)
                and (status is None or status_of(span) == status)
                and (matches is None or matches.matches(span))
            )

        asked = Range(*span_range(start_time, end_time), read(cursor))
        return Answer(logs.page(monitor, store, asked, wanted, limit, payloads=payload))

    @app.head(STREAM, include_in_schema=False)
    def stream_head(matches: Matching = None, last_event_id: EventId = None) -> Response:
        """The headers of the stream, which itself would never end."""
        del matches, last_event_id
        return StreamingResponse((), 200, event_stream.HEADERS, event_stream.MEDIA_TYPE)

    @app.get(
        STREAM,
        summary="Calls as they end",
        tags=["calls"],
        responses={200: {"content": {"text/event-stream": {}}}},
    )
    async def stream(
        request: Request, matches: Matching = None, last_event_id: EventId = None
    ) -> Response:
        """Calls as they end, as server-sent events named `call`, without their texts.

        Who comes back with the id of the last event gets what ended meanwhile, or, in an event
        `left_out`, is told that it is not remembered any more.
        """
        # A browser that comes back names the id here, while its address stays what it was.
        last = request.headers.get("last-event-id") or last_event_id
        listener = monitor.streams.open(matches, last)
        if listener is None:
            return problem(503, "There are as many streams as there can be.", {"Retry-After": "5"})
        events = event_stream.events(monitor.streams, listener)
        return StreamingResponse(events, 200, event_stream.HEADERS, event_stream.MEDIA_TYPE)


def _add_traces(app: FastAPI, monitor: Monitor, store: Store) -> None:
    @app.get("/v1/traces", summary="Traces", responses=_told(TracePage), tags=["traces"])
    def get_traces(
        start_time: Begin = None,
        end_time: End = None,
        matches: Matching = None,
        limit: Limit = 100,
        cursor: Next = None,
    ) -> Response:
        """Traces, the newest first; a filter lets through those with a matching span."""
        asked = Range(*span_range(start_time, end_time), read(cursor))
        return Answer(trace_list.page(monitor, store, asked, matches, limit))

    @app.get(
        "/v1/traces/{trace_id:path}",
        summary="One trace",
        responses=_told(TraceAnswer, 404),
        tags=["traces"],
    )
    def get_trace(
        trace_id: Annotated[str, Path(max_length=1000)],
        limit: Annotated[int, Query(ge=1, le=MOST_SPANS, description="How many spans.")] = 1000,
    ) -> Response:
        """One trace: its spans with their attributes and events, in the order of the tree."""
        found = traces.one(monitor, store, trace_id, limit)
        if found is None:
            return problem(404, "There is no trace of this id, in memory or in the store.")
        return Answer(found)

    @app.get("/v1/sessions", summary="Sessions", responses=_told(SessionPage), tags=["traces"])
    def get_sessions(
        start_time: Begin = None,
        end_time: End = None,
        matches: Matching = None,
        limit: Limit = 100,
        cursor: Next = None,
    ) -> Response:
        """Sessions of the calls of a range of time, those that began last first."""
        asked = Range(*span_range(start_time, end_time), read(cursor))
        return Answer(sessions.page(monitor, store, asked, matches, limit))


def _add_figures(app: FastAPI, monitor: Monitor, store: Store) -> None:
    exposition = Exposition(monitor)

    @app.get("/v1/metrics", summary="Figures", tags=["figures"])
    def get_metrics(
        window_: Annotated[
            str,
            Query(alias="window", max_length=20, description="`5m`, `1h`, `all`, …: until now."),
        ] = "5m",
        matches: Matching = None,
    ) -> Response:
        """Figures of a window, also by model: latencies in milliseconds, costs in US dollars."""
        name, seconds = window(window_)
        return Answer(metrics.figures(monitor, name, seconds, matches))

    def prometheus(request: Request) -> Response:
        """Metrics for Prometheus, as text or as OpenMetrics."""
        body, kind = exposition.write(request.headers.get("accept"))
        return Response(body, media_type=kind)

    for path in ("/v1/metrics/prometheus", "/metrics"):
        app.get(
            path,
            summary="Figures for Prometheus",
            tags=["figures"],
            response_class=Response,
            responses={200: {"content": {"text/plain": {}}}},
        )(prometheus)

    @app.get("/v1/alerts", summary="Alerts", responses=_told(AlertList), tags=["figures"])
    def get_alerts() -> Response:
        """How every alert stands, what fires first."""
        return Answer(alert_list.alerts(monitor))

    @app.get("/health", summary="Whether all works", responses=_told(Health, 503), tags=["service"])
    def get_health(request: Request) -> Response:
        """Whether all works: 503 and the reasons when a source is dead."""
        trusted = bool(request.scope.get("state", {}).get("trusted", True))
        found = health(monitor, store, trusted=trusted)
        return Answer(found, 200 if found.status == "healthy" else 503)


def _add_pages(app: FastAPI) -> None:
    @app.get("/docs", include_in_schema=False)
    def docs() -> Response:
        """The routes, to read and to try; nothing is loaded from elsewhere."""
        return HTMLResponse(DOCS_PAGE, headers=DOCS_HEADERS)

    @app.get("/openapi.json", include_in_schema=False)
    def openapi() -> Response:
        """The routes, for programs."""
        return Answer(document(app))


def _add_heads(app: FastAPI) -> None:
    """HEAD wherever there is GET: with its headers, and without its body, which the server omits.

    The document of the routes does not repeat them.
    """
    for route in [each for each in app.routes if isinstance(each, APIRoute)]:
        if route.path != STREAM:
            app.add_api_route(route.path, route.endpoint, methods=["HEAD"], include_in_schema=False)


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the answers as they are encoded."""
    found = app.openapi()
    _, components = msgspec_json.schema_components(
        _ANSWERS, ref_template="#/components/schemas/{name}"
    )
    found.setdefault("components", {}).setdefault("schemas", {}).update(components)
    return found


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as it is registered above
    if error.status_code == 405:
        # Of the two routes that an address has, only the first says what it takes.
        said = f"This address takes GET and HEAD, not {request.method}."
        return problem(405, said, {"Allow": "GET, HEAD"})
    return problem(error.status_code, sentence(error.status_code, error.detail), error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as it is registered above
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:])
    said = str(first["msg"]).rstrip(".")
    return problem(422, f"{name}: {said[:1].lower()}{said[1:]}.")


async def _failed(request: Request, error: Exception) -> Response:
    del request
    return problem(500, f"llmtop could not answer this: {type(error).__name__}.")
