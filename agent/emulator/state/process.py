"""One emulator per home: the lock, the file that says where it listens, and the end of its life."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from agent.emulator.state.blobs import write_atomically

_PATIENCE_SECONDS = 10.0  # for a predecessor that is on its way out


class HomeInUseError(Exception):
    """Another process holds this home; the message names it."""


@dataclass(frozen=True)
class Home:
    """The folder with an emulator's state."""

    path: Path

    @property
    def ready_file(self) -> Path:
        """There while an emulator accepts connections; says where."""
        return self.path / "emulator.json"

    def lock(self, patience: float = _PATIENCE_SECONDS) -> FileLock:
        """After this call the home is this process's alone, until it ends. Raises HomeInUseError."""
        os.umask(0o077)
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self.path / "emulator.lock", mode=0o600)
        try:
            lock.acquire(timeout=patience, poll_interval=0.02)
        except Timeout:
            holder = self.announced()
            who = (
                f"the emulator with pid {holder['pid']}"
                if holder
                else "another process that has not announced itself"
            )
            raise HomeInUseError(
                f"The home {self.path} is in use by {who}. Stop it, or choose another home with"
                " --home."
            ) from None
        self.ready_file.unlink(missing_ok=True)  # left by one that was killed
        return lock

    def announce(self, port: int) -> str:
        """Says that connections are accepted; answers the address."""
        url = f"http://127.0.0.1:{port}"
        said = {"pid": os.getpid(), "port": port, "url": url, "started_at": time.time()}
        write_atomically(self.ready_file, json.dumps(said).encode())
        return url

    def announced(self) -> dict[str, Any] | None:
        """What the last emulator said of itself; it may be dead by now."""
        try:
            said = json.loads(self.ready_file.read_bytes())
        except (OSError, ValueError):
            return None
        return said if isinstance(said, dict) else None

    def leave(self) -> None:
        """Takes the announcement back, if it is ours."""
        said = self.announced()
        if said and said["pid"] == os.getpid():
            self.ready_file.unlink(missing_ok=True)


def die_with_stdin(home: Home) -> None:
    """From now on this process ends at once when its standard input reaches its end, whatever it is doing."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        home.leave()
        os._exit(0)

    threading.Thread(target=watch, name="stdin", daemon=True).start()
