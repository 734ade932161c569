"""The daemon's sign of life: written by each sweep, read by `status` and `retry`."""

from __future__ import annotations

import os
import socket
from typing import Any

from states.store_port import DaemonStore


def beat(store: DaemonStore, now: float) -> None:
    """This process, on this machine, is the daemon and has just begun a sweep."""
    store.beat(os.getpid(), socket.gethostname(), now)


def read_heartbeat(store: DaemonStore) -> dict[str, Any] | None:
    """The last sign of life: {"pid", "host", "last_tick", "running"}; None without any.

    `running` is None if the daemon ran on another machine: nobody here can tell.
    """
    last = store.heartbeat()
    if last is None:
        return None
    is_here = last["host"] == socket.gethostname()
    return {**last, "running": _is_alive(last["pid"]) if is_here else None}


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # another user's process
    return True
