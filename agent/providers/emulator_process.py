"""The local emulator as a child process that lives as long as the agent, however the agent ends.

`connect` is called by Service.connect (settings/services.py). To the agent it is Azure elsewhere.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from urllib.request import ProxyHandler, Request, build_opener

from filelock import FileLock, Timeout

from agent.providers.azure_connection import AzureConnection, Logins
from agent.providers.credentials import Given
from agent.redactor import Redactor
from agent.settings.config import Settings
from agent.settings.declared import SETTINGS
from states.errors import SettingsError, Unreachable, problem_of
from states.text import say

START_SECONDS = 60.0  # three are enough on most machines, but not on a busy one
# Meant for an emulator that a person serves, not for ours.
SERVED_APART = ("EMULATOR_PORT", "EMULATOR_API_KEY", "EMULATOR_HOME")


def connect(settings: Settings, redactor: Redactor) -> EmulatorConnection:
    """To the emulator of the home; it is started at the first use."""
    process = EmulatorProcess(settings.service.home(settings.home))
    return EmulatorConnection(settings, redactor, process)


class EmulatorConnection(AzureConnection):
    """Azure's API on loopback, with one address for everything; it changes with every start."""

    def __init__(self, settings: Settings, redactor: Redactor, process: EmulatorProcess) -> None:
        logins = Logins(None, Given(settings.key))
        super().__init__(settings, redactor, process.url, lambda url: url, logins)
        self._process = process

    def close(self) -> None:
        super().close()
        self._process.close()


def _make_environment() -> dict[str, str]:
    """No keys, so that none can leak; nothing meant for a separate emulator; our own modules."""
    left_out = {*SERVED_APART, *(setting.name for setting in SETTINGS if setting.is_secret)}
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("AZURE_", "OPENAI_")) and k not in left_out
    }
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _open_log(path: Path) -> int:
    """A link that somebody put there is replaced, not followed."""
    if path.is_symlink():
        path.unlink()
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)


class EmulatorProcess:
    """`url()`: the address of a living emulator on `home`, started now if none runs there."""

    def __init__(self, home: Path) -> None:
        self._home, self._lock = home, Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._url: str | None = None

    @classmethod
    def for_a_look(cls, home: Path, elsewhere: str) -> EmulatorProcess:
        """The one that runs on `home`; else one of its own in the folder `elsewhere`."""
        living = cls(home)
        living._url = living._find_running() if home.is_dir() else None
        return living if living._url is not None else cls(Path(elsewhere) / "emulator")

    def url(self) -> str:
        """Starts, or starts again, what is not running. Unreachable if it does not come up."""
        with self._lock:
            if self._child is not None and self._child.poll() is None and self._url is not None:
                return self._url
            self._reap()
            self._url = self._find_running() or self._start()
            return self._url

    def _find_running(self) -> str | None:
        """The emulator of another process (the daemon's, say) on the same home."""
        if self._is_vacant():
            # A killed one left emulator.json behind; its port may be another program's by now.
            return None
        try:
            url = str(json.loads((self._home / "emulator.json").read_text())["url"])
            token = (self._home / "control-token").read_text()
        except (OSError, ValueError, KeyError):
            return None
        ledger = Request(  # noqa: S310  the address that the emulator has announced
            f"{url}/_emulator/ledger", headers={"authorization": f"Bearer {token}"}
        )
        # Without a proxy: none could reach this machine's own emulator.
        with (
            suppress(OSError, ValueError),
            build_opener(ProxyHandler({})).open(ledger, timeout=2),
        ):
            return url
        return None

    def _is_vacant(self) -> bool:
        """True when no emulator holds the home: a living one keeps its lock."""
        try:
            with FileLock(self._home / "emulator.lock", timeout=0, mode=0o600):
                return True
        except (Timeout, OSError):
            return not self._home.is_dir()

    def _start(self) -> str:
        for module in ("starlette", "uvicorn", "numpy"):
            if find_spec(module) is None:
                raise SettingsError(
                    say(
                        "The local emulator needs more packages: pip install 'afinador[emulator]'"
                        " (or set AZURE_OPENAI_ENDPOINT)."
                    )
                )
        try:
            self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
            log = _open_log(self._home / "emulator.log")
        except OSError as error:
            raise Unreachable(
                say(
                    "The local emulator cannot keep anything in {path}: {problem}. It must be a"
                    " folder that this user may write to, with room on its disk.",
                    path=str(self._home),
                    problem=problem_of(error),
                )
            ) from error
        try:
            self._child = subprocess.Popen(  # noqa: S603  our own module
                # -P: else a folder named `agent` where we were started would be run in its place.
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "agent.emulator",
                    "--home",
                    str(self._home),
                    "--port",
                    "0",
                    "--until-stdin-closes",
                ],
                stdin=subprocess.PIPE,  # its end closes with this process, even when that is killed
                stdout=log,
                stderr=log,
                env=_make_environment(),
                # Ctrl-C and `timeout` signal a whole group: the ticks in hand still need it.
                process_group=0,
            )
        finally:
            os.close(log)
        return self._wait_until_ready(self._child)

    def _wait_until_ready(self, child: subprocess.Popen[bytes]) -> str:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and child.poll() is None:
            with suppress(OSError, ValueError, KeyError):
                ready = json.loads((self._home / "emulator.json").read_text())
                if ready["pid"] == child.pid:
                    return str(ready["url"])
                other = self._find_running()  # somebody else's came first and holds the home
                if other is not None:
                    self._reap()
                    return other
            time.sleep(0.02)
        raise Unreachable(
            say(
                "The local emulator did not start. See {log}.", log=str(self._home / "emulator.log")
            )
        )

    def _reap(self) -> None:
        if self._child is None:
            return
        with suppress(OSError):
            if self._child.stdin is not None:
                self._child.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(timeout=5)
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()
        self._child = self._url = None

    def close(self) -> None:
        with self._lock:
            self._reap()
