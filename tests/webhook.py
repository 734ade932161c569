"""A webhook on loopback that keeps what it is sent, and behaves as badly as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANGS, CLOSES = "hangs", "closes"


@dataclass
class Webhook:
    """`taken`: the messages it has said yes to. `moods`: what it does with the next requests, a
    status, HANGS or CLOSES; then 200. `on_message`: called before it answers."""

    port: int = 0
    taken: list[dict[str, Any]] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    moods: list[int | str] = field(default_factory=list)
    on_message: Callable[[dict[str, Any]], None] = lambda _: None
    ended: threading.Event = field(default_factory=threading.Event)

    def address(self, path: str = "") -> str:
        return f"json://127.0.0.1:{self.port}/{path}"

    @property
    def titles(self) -> list[str]:
        return [message["title"] for message in self.taken]

    def hear(self, message: dict[str, Any]) -> int | str:
        self.seen.append(message)
        mood = self.moods.pop(0) if self.moods else 200
        if mood == 200:
            self.taken.append(message)
        self.on_message(message)
        return mood


@contextmanager
def open_webhook() -> Iterator[Webhook]:
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            mood = hook.hear(json.loads(body))
            if mood == HANGS:
                hook.ended.wait(60)
            if isinstance(mood, int):
                self.send_response(mood)
                self.send_header("content-length", "0")
                self.end_headers()
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        hook.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
