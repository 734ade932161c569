"""The agent's commands as real processes, in an environment of their own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parents[1]


OWN = ("AZURE_", "AGENT_", "OPENAI_", "EMULATOR_", "FINE_TUN", "TRAIN_SPLIT", "VALIDATION_SPLIT")


QUICK = {
    "AGENT_DATA_CHECK": "rules",  # a second of imports in every life; tests of its own have it full
    "AZURE_OPENAI_BASE_DEPLOYMENT": "none",  # as often as many questions
    "EMULATOR_ENCODER": "hash",
    "EMULATOR_FILE_SECONDS": "0",
    "EMULATOR_QUEUE_SECONDS": "0",
    "EMULATOR_TRAIN_SECONDS": "0",
    "EMULATOR_DEPLOY_SECONDS": "0",
    "AGENT_POLL_SECONDS": "0.05",
}


# In every process of these tests: reaching beyond loopback is an error that cannot be overlooked.
GUARD = """
import sys

def _only_loopback(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if host not in (None, "", "localhost", "127.0.0.1", "::1", b"127.0.0.1", b"localhost"):
        sys.stderr.write(f"BEYOND LOOPBACK: {host}\\n")
        raise PermissionError(f"a test reached beyond loopback: {host}")

sys.addaudithook(_only_loopback)
"""


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Ended]


class Running(Protocol):
    """What tests use of a subprocess.Popen."""

    @property
    def pid(self) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


@dataclass
class Daemon:
    """An agent that goes on running."""

    process: Running
    errors: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def end(self, number: int = signal.SIGTERM, seconds: float = 60) -> Ended:
        """Sends the signal and waits for the end."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        return self.ended(seconds)

    def ended(self, seconds: float = 90) -> Ended:
        code = self.process.wait(timeout=seconds)
        return Ended(code, "", self.errors.read_text())


def environment_of(
    home: Path, clean: Mapping[str, str], more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What a command of the agent on that home is started with: quick times, no .env, and more."""
    own = {"AGENT_HOME": str(home), "AGENT_ENV_FILE": os.devnull}
    return {**clean, **QUICK, **own, **(more or {})}
