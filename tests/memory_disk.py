"""The folder that lives in memory, for the tests' homes.

tests/conftest.py and tests/crash/world.py ask for it: a disk's own speed proves nothing here.
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path


@cache
def memory_disk(least: int) -> Path | None:
    """The folder, if it can be written and has `least` bytes left; containers often have 64 MiB."""
    shm = Path("/dev/shm")  # noqa: S108  nothing here is secret, and every name is made anew
    if shm.is_dir() and os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > least:
        return shm
    return None
