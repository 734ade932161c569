"""Runs the server: locks the home, binds the port, announces itself, and serves until a signal.

__main__.py calls `serve` when no other command is given.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from agent.emulator.resources.context import Context, open_context
from agent.emulator.server.connection import Connection
from agent.emulator.server.gate import MOST_HEAD_BYTES
from agent.emulator.server.job_queue import JobQueue
from agent.emulator.server.routes import build_app
from agent.emulator.state.home import Home
from agent.emulator.state.settings import Settings

# Loading the encoder is pure Python; a short switch interval lets requests through meanwhile.
_SWITCH_SECONDS = 0.0005
# An idle connection that is closed just as the client uses it again looks like a lost request.
_KEEP_ALIVE_SECONDS = 3600


class _Server(uvicorn.Server):
    """Announces itself once it accepts connections, and ends with status 0 on a signal."""

    def __init__(self, config: uvicorn.Config, home: Home, port: int) -> None:
        super().__init__(config)
        self._home = home
        self._port = port

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        url = self._home.announce(self._port)
        sys.stdout.write(json.dumps({"event": "ready", "url": url}) + "\n")
        sys.stdout.flush()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again at the end; the exit status would be that of a kill.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield


def serve(settings: Settings) -> None:
    """Serves until a signal, then ends the process. HomeInUseError; OSError for a taken port."""
    home = Home(settings.home)
    lock = home.lock()
    home.write_control_token()
    # The protocol is named because only then asyncio turns off Nagle's algorithm, which would
    # delay each response by 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        _bind(listener, settings.port)
        queue = JobQueue()
        context = open_context(settings, queue.wake)
        server = _Server(_configure(context), home, listener.getsockname()[1])
        sys.setswitchinterval(_SWITCH_SECONDS)
        queue.start(context)
        server.run(sockets=[listener])
    home.withdraw_announcement()
    lock.release()
    # Threads may still be training or loading. There is nothing to save: the state survives a
    # kill as well.
    os._exit(0)


def _bind(listener: socket.socket, port: int) -> None:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        raise OSError(
            f"Port {port} cannot be used: {error.strerror}. Choose another with --port or"
            " EMULATOR_PORT; 0 takes a free one."
        ) from error


def _configure(context: Context) -> uvicorn.Config:
    return uvicorn.Config(
        build_app(context),
        loop="asyncio",
        http=Connection,
        h11_max_incomplete_event_size=MOST_HEAD_BYTES,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # its wrapper would hide the connection from the fault middleware
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )
