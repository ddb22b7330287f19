"""A loopback server that answers as OpenAI's and Anthropic's do; the last user's words say how.

`FAIL429`, `FAIL500`: errors, always. `FLAKY`: an error at first. `HANG`: no answer. `CUT`: the
connection breaks in the middle of a stream. `SHORT`: a stream that ends without its end. `PAUSE`:
a stream that stops after its first piece until the client leaves. `TOOL`: tool calls. `CACHED`:
half of the prompt comes from a cache. `REFUSE`: a refusal. `requests` are what it was asked.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
WORDS = ["The ", "capital ", "of ", "France ", "is ", "Paris."]
ANSWER = "".join(WORDS)
PROMPT_TOKENS = 20
CACHED_TOKENS = 10
COMPLETION_TOKENS = 7
REASONING_TOKENS = 3
ARGUMENTS = '{"city": "Paris"}'


class ModelServer(ThreadingHTTPServer):
    """Serves until it is closed; `leave` ends what hangs."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Json] = []
        self.tries: dict[str, int] = {}
        self.leave = threading.Event()
        self.lock = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle is part of the play."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"


@contextmanager
def serving() -> Iterator[ModelServer]:
    server = ModelServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.leave.set()
        server.shutdown()
        thread.join(5)
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ModelServer

    def log_message(self, *_: Any) -> None:
        """Nothing is to be said."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.partition("?")[0]
        with self.server.lock:
            self.server.requests.append({"path": path, "headers": dict(self.headers), **body})
        said = _last_words(body)
        if self._failed(said, path.endswith("messages")):
            return
        if "HANG" in said:
            self.server.leave.wait(30)
            return
        if path.endswith("/chat/completions"):
            self._chat(body, said)
        elif path.endswith("/responses"):
            self._responses(body, said)
        elif path.endswith("/embeddings"):
            self._embeddings(body)
        elif path.endswith("/messages"):
            self._messages(body, said)
        else:
            self._send(404, {"error": {"message": f"no {path}", "type": "not_found"}})

    def _send(self, code: int, answer: Json) -> None:
        data = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("retry-after-ms", "1")
        self.send_header("x-request-id", "req_test")
        self.end_headers()
        self.wfile.write(data)

    def _failed(self, said: str, anthropic: bool) -> bool:
        code = 429 if "FAIL429" in said else 500 if "FAIL500" in said else 0
        if "FLAKY" in said:
            with self.server.lock:
                tries = self.server.tries[said] = self.server.tries.get(said, 0) + 1
            code = 429 if tries <= 2 else 0
        if not code:
            return False
        kind = "rate_limit_error" if code == 429 else "api_error"
        error = {"type": kind, "message": "Rate limit reached" if code == 429 else "It broke"}
        self._send(code, {"type": "error", "error": error} if anthropic else {"error": error})
        return True

    def _stream(self, events: list[tuple[str | None, Json]], said: str, *, done: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        for number, (name, event) in enumerate(events):
            if number == len(events) // 2 and ("CUT" in said or "SHORT" in said):
                if "SHORT" in said:
                    self.wfile.write(b"0\r\n\r\n")
                return
            if "PAUSE" in said and number == 4:
                self.server.leave.wait(30)
                return
            head = f"event: {name}\n" if name else ""
            self._chunk(f"{head}data: {json.dumps(event)}\n\n")
        if done:
            self._chunk("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def _chat(self, body: Json, said: str) -> None:
        tool = "TOOL" in said and bool(body.get("tools"))
        usage = {
            "prompt_tokens": PROMPT_TOKENS,
            "completion_tokens": COMPLETION_TOKENS,
            "total_tokens": PROMPT_TOKENS + COMPLETION_TOKENS,
            "prompt_tokens_details": {"cached_tokens": CACHED_TOKENS if "CACHED" in said else 0},
            "completion_tokens_details": {"reasoning_tokens": REASONING_TOKENS},
        }
        call = {"id": "call_1", "type": "function", "function": {"name": "weather"}}
        reason = "tool_calls" if tool else "stop"
        base = {
            "id": self._new_id("chatcmpl"),
            "created": 1,
            "model": f"{body['model']}-2024-07-18",
        }
        if not body.get("stream"):
            message: Json = {"role": "assistant", "content": None if tool else ANSWER}
            if "REFUSE" in said:
                message |= {"content": None, "refusal": "I will not."}
            if '"answer"' in json.dumps(body.get("response_format") or {}):
                message["content"] = '{"answer": "Paris"}'
            if tool:
                message["tool_calls"] = [
                    {**call, "function": {"name": "weather", "arguments": ARGUMENTS}}
                ]
            choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
            answer = {**base, "object": "chat.completion", "choices": [choice], "usage": usage}
            self._send(200, answer)
            return
        deltas: list[Json] = [{"role": "assistant", "content": ""}]
        if tool:
            deltas.append(
                {
                    "tool_calls": [
                        {"index": 0, **call, "function": {"name": "weather", "arguments": ""}}
                    ]
                }
            )
            deltas.extend(
                {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
                for piece in (ARGUMENTS[:5], ARGUMENTS[5:])
            )
        else:
            deltas.extend({"content": word} for word in WORDS)
        base["object"] = "chat.completion.chunk"
        chunks: list[Json] = [
            {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
            for delta in deltas
        ]
        chunks.append({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        if (body.get("stream_options") or {}).get("include_usage"):
            chunks.append({**base, "choices": [], "usage": usage})
        self._stream([(None, chunk) for chunk in chunks], said, done=True)

    def _new_id(self, kind: str) -> str:
        with self.server.lock:
            return f"{kind}-{id(self.server)}-{len(self.server.requests)}-{id(self)}"

    def _responses(self, body: Json, said: str) -> None:
        tool = "TOOL" in said
        part = {"type": "output_text", "text": ANSWER, "annotations": [], "logprobs": []}
        item: Json = {
            "type": "message",
            "id": "msg_1",
            "status": "completed",
            "role": "assistant",
            "content": [part],
        }
        if tool:
            item = {
                "type": "function_call",
                "id": "fc_1",
                "call_id": "call_1",
                "name": "weather",
                "arguments": ARGUMENTS,
                "status": "completed",
            }
        answer: Json = {
            "id": self._new_id("resp"),
            "object": "response",
            "created_at": 1,
            "status": "completed",
            "error": None,
            "incomplete_details": None,
            "instructions": body.get("instructions"),
            "model": body["model"],
            "output": [item],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "metadata": {},
            "temperature": 1.0,
            "top_p": 1.0,
            "usage": {
                "input_tokens": PROMPT_TOKENS,
                "input_tokens_details": {"cached_tokens": CACHED_TOKENS if "CACHED" in said else 0},
                "output_tokens": COMPLETION_TOKENS,
                "output_tokens_details": {"reasoning_tokens": REASONING_TOKENS},
                "total_tokens": PROMPT_TOKENS + COMPLETION_TOKENS,
            },
        }
        if not body.get("stream"):
            self._send(200, answer)
            return
        begun = {**answer, "status": "in_progress", "output": [], "usage": None}
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        empty = {**item, "status": "in_progress", "content": []}
        events: list[tuple[str, Json]] = [
            ("response.created", {"response": begun}),
            ("response.in_progress", {"response": begun}),
            ("response.output_item.added", {"output_index": 0, "item": empty}),
            ("response.content_part.added", {**place, "part": {**part, "text": ""}}),
            *(
                ("response.output_text.delta", {**place, "delta": word, "logprobs": []})
                for word in WORDS
            ),
            ("response.output_text.done", {**place, "text": ANSWER, "logprobs": []}),
            ("response.content_part.done", {**place, "part": part}),
            ("response.output_item.done", {"output_index": 0, "item": item}),
            ("response.completed", {"response": answer}),
        ]
        self._stream(
            [
                (name, {"type": name, "sequence_number": number, **event})
                for number, (name, event) in enumerate(events)
            ],
            said,
            done=False,
        )

    def _embeddings(self, body: Json) -> None:
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        data = [
            {"object": "embedding", "index": at, "embedding": [0.1, 0.2]}
            for at in range(len(texts))
        ]
        usage = {"prompt_tokens": PROMPT_TOKENS, "total_tokens": PROMPT_TOKENS}
        self._send(200, {"object": "list", "model": body["model"], "data": data, "usage": usage})

    def _messages(self, body: Json, said: str) -> None:
        tool = "TOOL" in said
        cached = CACHED_TOKENS if "CACHED" in said else 0
        usage = {
            "input_tokens": PROMPT_TOKENS - cached,
            "cache_read_input_tokens": cached,
            "cache_creation_input_tokens": 0,
            "output_tokens": COMPLETION_TOKENS,
        }
        block: Json = {"type": "text", "text": ANSWER}
        if tool:
            block = {
                "type": "tool_use",
                "id": "toolu_1",
                "name": "weather",
                "input": {"city": "Paris"},
            }
        reason = "tool_use" if tool else "end_turn"
        answer = {
            "id": self._new_id("msg"),
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": [block],
            "stop_reason": reason,
            "stop_sequence": None,
            "usage": usage,
        }
        if not body.get("stream"):
            self._send(200, answer)
            return
        begun = {
            **answer,
            "content": [],
            "stop_reason": None,
            "usage": {**usage, "output_tokens": 1},
        }
        deltas: list[Json] = [{"type": "text_delta", "text": word} for word in WORDS]
        start: Json = {"type": "text", "text": ""}
        if tool:
            start = {**block, "input": {}}
            deltas = [{"type": "input_json_delta", "partial_json": ARGUMENTS}]
        events: list[tuple[str, Json]] = [
            ("message_start", {"message": begun}),
            ("content_block_start", {"index": 0, "content_block": start}),
            *(("content_block_delta", {"index": 0, "delta": delta}) for delta in deltas),
            ("content_block_stop", {"index": 0}),
            (
                "message_delta",
                {
                    "delta": {"stop_reason": reason, "stop_sequence": None},
                    "usage": {"output_tokens": COMPLETION_TOKENS},
                },
            ),
            ("message_stop", {}),
        ]
        self._stream([(name, {"type": name, **event}) for name, event in events], said, done=False)


def _last_words(body: Json) -> str:
    """What the user said last, whatever the endpoint calls it."""
    said = body.get("messages") or body.get("input") or ""
    if isinstance(said, list) and said:
        said = said[-1]
    if isinstance(said, dict):
        said = said.get("content")
    return said if isinstance(said, str) else json.dumps(said)
