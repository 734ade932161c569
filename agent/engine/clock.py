"""The two clocks: the wall clock, which people set, and CLOCK_BOOTTIME, which nobody sets.

Bootstrap passes `now` to the engine."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from states.store_port import Instant


@cache
def _boot() -> str | None:
    """Names this start of the machine. None where the system does not tell: then only the wall
    clock is left."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return None


def now() -> Instant:
    ticks = time.clock_gettime(time.CLOCK_BOOTTIME) if _boot() is not None else None
    return Instant(time.time(), _boot(), ticks)
