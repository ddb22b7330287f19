"""Who is let in: the Host header, the origin and the token are looked at before anything else."""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections.abc import Callable, Collection, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmtop.plain_text import plain
from llmtop.serve.answer import Answer, phrase, problem
from llmtop.sources.local_pages import is_local_name

OPEN_PATHS = frozenset({"/health", "/docs", "/openapi.json", "/favicon.ico"})
"""Answered without the token, since it tells nothing of calls; `/health` leaves its sources out."""

AccessLog = Callable[[str], None]


class Door:
    """Stands before the application; `posts` are the paths whose POSTs others answer (OTLP)."""

    def __init__(
        self,
        inner: ASGIApp,
        *,
        bound: str,
        token: str | None = None,
        hosts: Collection[str] = (),
        origins: Collection[str] = (),
        posts: Mapping[str, ASGIApp] | None = None,
        access_log: AccessLog | None = None,
    ) -> None:
        self._inner = inner
        self._hosts = {name.lower() for name in (*hosts, bound)}
        self._origins = frozenset(origins)
        self._token = None if token is None else token.encode("utf-8", "surrogateescape")
        self._posts = posts or {}
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it in."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        if self._access_log is not None:
            send = self._logged(scope, send, self._access_log)
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        scope.setdefault("state", {})["trusted"] = self._token is None or self._has_token(headers)
        post = self._posts.get(scope["path"]) if _is_post(scope, headers) else None
        await (self._inner if post is None else post)(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> Answer | None:
        host = headers.get("host")
        if not self._is_here(host):
            return problem(
                403, "The Host header is to name this machine; --allow-host lets other names in."
            )
        origin = headers.get("origin")
        foreign = origin is not None and not self._is_known(origin, host)
        # The routes of OTLP know themselves which pages may send.
        theirs = scope["path"] in self._posts and _is_post(scope, headers)
        if foreign and not theirs:
            return problem(403, "Pages of this origin may not ask here; --cors lets them.")
        preflight = scope["method"] == "OPTIONS" and origin is not None
        if scope["path"] in OPEN_PATHS or preflight or self._token is None:
            return None
        if self._has_token(headers):
            return None
        return problem(
            401, "A token is needed: Authorization: Bearer …", {"WWW-Authenticate": "Bearer"}
        )

    def _has_token(self, headers: Headers) -> bool:
        # Headers are bytes, which are shown as if each were a character.
        scheme, _, told = headers.get("authorization", "").encode("latin-1").partition(b" ")
        if self._token is None or scheme.lower() != b"bearer":
            return False
        return hmac.compare_digest(told.strip(b" "), self._token)

    def _is_here(self, header: str | None) -> bool:
        """Whether a Host header cannot be a stranger's name that was made to mean this machine."""
        name = _host(header)
        if name is None:
            return False
        return is_local_name(name) or _is_address(name) or name in self._hosts

    def _is_known(self, origin: str, host: str | None) -> bool:
        if origin in self._origins:
            return True
        try:
            return urlsplit(origin).netloc.lower() == (host or "").lower()
        except ValueError:
            return False

    def _logged(self, scope: Scope, send: Send, log: AccessLog) -> Send:
        began = time.perf_counter()

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                # The query is left out: a filter may quote a prompt.
                path = plain(scope["path"][:200])
                took = (time.perf_counter() - began) * 1000.0
                log(f"{scope['method']} {path} {message['status']} {took:.1f} ms")
            await send(message)

        return told


def _is_post(scope: Scope, headers: Headers) -> bool:
    """Whether something is posted, or a page asks whether it may."""
    if scope["method"] == "OPTIONS":
        return headers.get("access-control-request-method") == "POST"
    return bool(scope["method"] == "POST")


def _host(header: str | None) -> str | None:
    if not header:
        return None
    try:
        name = urlsplit(f"//{header}").hostname
    except ValueError:
        return None
    return name.rstrip(".").lower() if name else None


def _is_address(name: str) -> bool:
    """Addresses are safe: a page can only give a *name* another meaning."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def sentence(status: int, detail: object) -> str:
    """What is said with a status."""
    text = str(detail) if detail else ""
    named = {404: "There is nothing at this address; /docs tells what there is."}
    if not text or text == phrase(status).rstrip("."):
        return named.get(status, phrase(status))
    return text
