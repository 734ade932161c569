"""The daemon's sign of life: written by its sweeps now and then, read by `status` and `retry`."""

from __future__ import annotations

import os
import socket
from typing import Any

from states.store_port import DaemonStore

RECENT = 60.0  # seconds


def beat(store: DaemonStore, now: float) -> None:
    """This process, on this machine, is the daemon and has just begun a sweep."""
    store.beat(os.getpid(), socket.gethostname(), now)


def read_heartbeat(store: DaemonStore) -> dict[str, Any] | None:
    """The last sign of life: {"pid", "host", "last_tick", "running", "workers"}; None without any.

    `running` is None if the daemon ran on another machine: nobody here can tell. Of several the one
    that is alive here comes first. `workers`: how many have given a sign within a minute of it.
    """
    last = [{**one, "running": _is_running(one)} for one in store.heartbeats()]
    if not last:
        return None
    chosen = next((one for one in last if one["running"]), last[0])
    recent = [one for one in last if one["last_tick"] > last[0]["last_tick"] - RECENT]
    return {**chosen, "workers": len([one for one in recent if one["running"] is not False])}


def _is_running(one: dict[str, Any]) -> bool | None:
    return _is_alive(one["pid"]) if one["host"] == socket.gethostname() else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # another user's process
    return True
