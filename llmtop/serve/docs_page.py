"""The page at `/docs`: shows the routes and tries them, from `/openapi.json` and nothing else."""

from __future__ import annotations

from pathlib import Path

DOCS_PAGE = (Path(__file__).parent / "docs.html").read_text("utf-8")
DOCS_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
