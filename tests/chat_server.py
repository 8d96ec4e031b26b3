"""A remote party for tests: an HTTP server on loopback that streams chat answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from knowledge.llm import ChatWriter, load_writer


class ChatServer:
    """Speaks the OpenAI streaming protocol; one script at a time."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[dict[str, Any]] = []
        self.hung_up = threading.Event()
        self.says("")

    def says(
        self, text: str, *, status: int = 200, before_s: float = 0.0, stall_s: float = 0.0,
        cut: bool = False, finish: str = "stop", endless: bool = False, raw: bytes = b"",
    ) -> None:  # fmt: skip
        """What the next requests get.

        Args:
            text: The answer, streamed in pieces of eight characters.
            status: HTTP status.
            before_s: Seconds before the first piece.
            stall_s: Seconds after the first line.
            cut: The connection ends without an end of the stream.
            finish: The finish reason of the last piece.
            endless: The text is streamed again and again.
            raw: Sent instead of any of it.
        """
        self.script = (text, status, before_s, stall_s, cut, finish, endless, raw)
        self.hung_up.clear()

    def writer(self, budget_s: float) -> ChatWriter:
        """A writer that asks this server."""
        return load_writer("openai:test", base_url=self.url, budget_s=budget_s)


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    """A server on a free port, ended with the context."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            running.requests.append(json.loads(body))
            try:
                self._answer(*running.script)
            except (BrokenPipeError, ConnectionResetError):
                running.hung_up.set()

        def _answer(
            self, text: str, status: int, before_s: float, stall_s: float, cut: bool,
            finish: str, endless: bool, raw: bytes,
        ) -> None:  # fmt: skip
            time.sleep(before_s)
            self.send_response(status)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            if raw:
                self.wfile.write(raw)
                return
            while True:
                for start in range(0, len(text), 8):
                    self._piece({"content": text[start : start + 8]}, None)
                    if stall_s and text[: start + 8].count("\n") == 1:
                        time.sleep(stall_s)
                if not endless:
                    break
            if not cut:
                self._piece({}, finish)
                self.wfile.write(b"data: [DONE]\n\n")

        def _piece(self, delta: dict[str, str], finish: str | None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            data = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "test",
                    "choices": [choice]}  # fmt: skip
            self.wfile.write(b"data: " + json.dumps(data).encode() + b"\n\n")
            self.wfile.flush()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    running = ChatServer(f"http://127.0.0.1:{http.server_port}/v1")
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        http.shutdown()
        http.server_close()
        thread.join(timeout=5)
