"""A server in this process that answers as a test says: what no emulator of the service would."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Answer:
    """`body` is sent piece by piece, for as long as anybody reads. `headers` may lie about it."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


class Stranger:
    """`answer(method, path)` says what is answered; `asked` is every request since `say`, `tokens`
    and `keys` are what each of them showed."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, str]] = []
        self.tokens: list[str | None] = []
        self.keys: list[str | None] = []
        self.say(Answer(500))

    def say(self, answer: Answer | Callable[[str, str], Answer]) -> None:
        """From now on."""
        for seen in (self.asked, self.tokens, self.keys):
            seen.clear()
        self.answer = (lambda *_: answer) if isinstance(answer, Answer) else answer


@contextmanager
def listening() -> Iterator[Stranger]:
    """A stranger on a port of this machine. No connection is kept."""
    stranger = Stranger()

    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            stranger.asked.append((self.command, self.path))
            stranger.tokens.append(self.headers.get("authorization"))
            stranger.keys.append(self.headers.get("api-key"))
            given = stranger.answer(self.command, self.path)
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # whoever asked has heard enough
                for piece in [given.body] if isinstance(given.body, bytes) else given.body:
                    self.wfile.write(piece)

        do_GET = do_POST = do_PUT = do_DELETE = reply  # noqa: N815  the library's names

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        stranger.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield stranger
        finally:
            server.shutdown()
            thread.join()
