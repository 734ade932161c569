"""A database that another process keeps for itself."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def locked(home: Path, seconds: float, *, mode: str = "NORMAL") -> Iterator[None]:
    """Another process keeps the database for itself for so long; in the mode EXCLUSIVE it stops
    readers as well.
    """
    script = (
        "import sqlite3, sys, time\nc = sqlite3.connect(sys.argv[1], isolation_level=None,"
        f" timeout=30)\nc.execute('PRAGMA locking_mode={mode}')\nc.execute('BEGIN EXCLUSIVE');"
        " print('locked', flush=True); time.sleep(float(sys.argv[2])); c.execute('COMMIT')"
    )
    command = [sys.executable, "-c", script, str(home / "data/agent.db"), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"locked"
        yield
        assert other.wait() == 0
