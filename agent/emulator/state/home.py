"""The folder with an emulator's state: one process at a time, and two files for its clients.

The announcement says where it is, the control token is the key to /_emulator/.

server/http_server.py locks and announces; tools/deploy.py looks up a running emulator;
server/auth.py reads the token.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from agent.emulator.state.blobs import write_atomically
from agent.emulator.state.storage import DATABASE_NAME

_LOCK_SECONDS = 10.0  # the wait for a predecessor that is about to end


class HomeInUseError(Exception):
    """Another process holds this home; the message names it."""


class HomeUnusableError(Exception):
    """This home is no folder, cannot be written, or holds no state; the message says what to do."""

    def __init__(self, home: Path, reason: str) -> None:
        super().__init__(
            f"The home {home} cannot be used: {reason}. It must be a folder that this user may"
            " write to, with room on its disk: mend that, or choose another one with --home or"
            " EMULATOR_HOME."
        )


@dataclass(frozen=True)
class Home:
    """The folder with an emulator's state."""

    path: Path

    @property
    def announcement(self) -> Path:
        """The file that says where this home's emulator listens, from ready until its end."""
        return self.path / "emulator.json"

    def lock(self, seconds: float = _LOCK_SECONDS) -> FileLock:
        """Makes the home this process's alone, until the process ends. Raises HomeInUseError."""
        os.umask(0o077)
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self.path / "emulator.lock", mode=0o600)
        try:
            lock.acquire(timeout=seconds, poll_interval=0.02)
        except Timeout:
            raise HomeInUseError(
                f"The home {self.path} is in use by {self._name_holder()}. Stop it, or choose"
                " another home with --home."
            ) from None
        self.announcement.unlink(missing_ok=True)  # left by one that was killed
        self._make_identity()
        return lock

    @property
    def identity(self) -> str:
        """What tells this emulator from others; empty for one that an earlier version has served.

        The agent makes it in the same way (agent/settings/services.py), whichever comes first.
        """
        path = self.path / "identity"
        return path.read_text("ascii").strip() if path.is_file() else ""

    def _make_identity(self) -> None:
        if not (self.path / DATABASE_NAME).exists() and not self.identity:
            write_atomically(self.path / "identity", f"{secrets.token_hex(4)}\n".encode())

    def announce(self, port: int) -> str:
        """Writes the address to the announcement; returns it."""
        url = f"http://127.0.0.1:{port}"
        body = {"pid": os.getpid(), "port": port, "url": url, "started_at": time.time()}
        write_atomically(self.announcement, json.dumps(body).encode())
        return url

    @property
    def _control_token(self) -> Path:
        return self.path / "control-token"

    def write_control_token(self) -> None:
        """Makes a new token for the controls: only who may read this home may change behaviour."""
        write_atomically(self._control_token, secrets.token_urlsafe(32).encode())

    def read_control_token(self) -> str | None:
        """The token of the last start; None if there is none."""
        try:
            return self._control_token.read_text(encoding="ascii")
        except (OSError, ValueError):
            return None

    def read_announcement(self) -> dict[str, Any] | None:
        """What the last emulator announced; it may have ended since."""
        try:
            body = json.loads(self.announcement.read_bytes())
        except (OSError, ValueError):
            return None
        return body if isinstance(body, dict) else None

    def withdraw_announcement(self) -> None:
        """Removes the announcement if this process wrote it."""
        body = self.read_announcement()
        if body and body["pid"] == os.getpid():
            self.announcement.unlink(missing_ok=True)

    def _name_holder(self) -> str:
        body = self.read_announcement()
        if body is None:
            return "another process that has not announced itself"
        return f"the emulator with pid {body['pid']}"


def exit_when_stdin_closes(home: Home) -> None:
    """From now on the process ends as soon as its standard input does, whatever it is doing."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        home.withdraw_announcement()
        os._exit(0)

    threading.Thread(target=watch, name="stdin", daemon=True).start()
