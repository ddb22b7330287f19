"""A loopback server that answers as OpenAI's chat API does: whole, streamed, and with an error."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROMPT_TOKENS = 21
CACHED_TOKENS = 8
COMPLETION_TOKENS = 5
ANSWERED_BY = "gpt-4o-2024-08-06"
USAGE = {
    "prompt_tokens": PROMPT_TOKENS,
    "completion_tokens": COMPLETION_TOKENS,
    "total_tokens": PROMPT_TOKENS + COMPLETION_TOKENS,
    "prompt_tokens_details": {"cached_tokens": CACHED_TOKENS},
}
ANSWER = "It is sunny."


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if asked["messages"][-1]["content"] == "fail":
            error = {"message": "Slow down.", "type": "rate_limit", "code": "rate_limit_exceeded"}
            self._send(429, "application/json", json.dumps({"error": error}).encode())
        elif asked.get("stream"):
            body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in _chunks())
            self._send(200, "text/event-stream", f"{body}data: [DONE]\n\n".encode())
        else:
            message = {"role": "assistant", "content": ANSWER}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            told = {**_shared("chat.completion"), "choices": [choice], "usage": USAGE}
            self._send(200, "application/json", json.dumps(told).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: Any) -> None:
        """Say nothing."""


_number = iter(range(10_000))


def _shared(kind: str) -> dict[str, Any]:
    name = f"chatcmpl-{next(_number)}"
    return {"id": name, "object": kind, "created": 1_750_000_000, "model": ANSWERED_BY}


def _chunks() -> Iterator[dict[str, Any]]:
    shared = _shared("chat.completion.chunk")
    for word in ANSWER.split(" "):
        delta = {"role": "assistant", "content": word}
        yield {**shared, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**shared, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    yield {**shared, "choices": [], "usage": USAGE}


@contextmanager
def model_server() -> Iterator[str]:
    """The server's base address, while it runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
