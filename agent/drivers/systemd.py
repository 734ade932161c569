"""The watchdog of systemd, where there is one: told by the local driver after each sweep."""

from __future__ import annotations

import sdnotify

NOTIFY_SECONDS = 1.0  # a systemd that does not read its socket must not stop the sweeps


class Systemd:
    """agent.drivers.local.Watchdog. Does nothing where no systemd listens."""

    def __init__(self) -> None:
        self._notifier = sdnotify.SystemdNotifier()
        if self._notifier.socket is not None:
            self._notifier.socket.settimeout(NOTIFY_SECONDS)
        self._greeted = False

    def alive(self) -> None:
        if not self._greeted:
            self._greeted = True
            self._notifier.notify("READY=1")
        self._notifier.notify("WATCHDOG=1")
