"""Runs the server: from the lock on the home to the ready line, and until a signal."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import uvicorn

from agent.emulator.model import tokens
from agent.emulator.resources.emulator import Emulator, open_emulator
from agent.emulator.server.app import build_app
from agent.emulator.server.worker import Worker
from agent.emulator.state.process import Home
from agent.emulator.state.settings import Settings

_SWITCH_SECONDS = 0.0005  # so that loading the encoder, pure Python, does not hold up requests
_KEEP_ALIVE_SECONDS = (
    3600  # closing an idle connection just as a client uses it again looks like a lost request
)


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
        # The original raises the signal again at the end, and the exit status would be that of a kill.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield


def serve(settings: Settings) -> None:
    """Serves until a signal, then ends the process. Raises HomeInUseError, or OSError if the port is taken."""
    home = Home(settings.home)
    lock = home.lock()
    # The protocol is named because asyncio turns Nagle's delay off only where it is: without that an answer takes 40 ms more.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", settings.port))
        except OSError as error:
            raise OSError(
                f"Port {settings.port} cannot be used: {error.strerror}. Choose another, or 0 for a"
                " free one."
            ) from error
        worker = Worker()
        emulator = replace(open_emulator(settings), wake=worker.wake)
        server = _Server(_config(emulator), home, listener.getsockname()[1])
        sys.setswitchinterval(_SWITCH_SECONDS)
        worker.start(emulator)
        threading.Thread(target=_warm, args=(emulator,), name="warm", daemon=True).start()
        server.run(sockets=[listener])
    home.leave()
    lock.release()
    # Threads may still be training or loading. The state needs no goodbye: it survives a kill as well.
    os._exit(0)


def _config(emulator: Emulator) -> uvicorn.Config:
    return uvicorn.Config(
        build_app(emulator),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # its wrapper would hide the connection from the fault layer
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )


def _warm(emulator: Emulator) -> None:
    """Loads what the first job or chat call would otherwise wait for."""
    from agent.emulator.resources import (
        job_run,  # noqa: F401
        served,  # noqa: F401
        speaking,  # noqa: F401
    )

    emulator.encoder.load()
    tokens.encoding()
