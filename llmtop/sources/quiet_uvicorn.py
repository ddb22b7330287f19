"""How uvicorn is set up within llmtop: without a word to the terminal, and ending in good time."""

from __future__ import annotations

import asyncio
from typing import Literal

import uvicorn
from starlette.types import ASGIApp


def quiet(
    application: ASGIApp, *, http: type[asyncio.Protocol] | Literal["h11"], grace_s: int
) -> uvicorn.Config:
    """Settings of a server; requests that are open when it ends may go on for `grace_s` seconds."""
    return uvicorn.Config(
        application,
        http=http,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=grace_s,
    )
