"""A check that no process of the tests outlives them; the root conftest makes it once a session."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator

from tests.watcher import marked

MARK = "AFINADOR_TEST_MARK"


@contextlib.contextmanager
def no_process_left() -> Iterator[None]:
    """Marks the environment that every child inherits; at the end nobody carries the mark."""
    mark = secrets.token_hex(8)
    os.environ[MARK] = mark
    yield
    os.environ.pop(MARK)
    deadline = time.monotonic() + 10
    while (left := marked(MARK, mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    told = [" ".join(process.cmdline()) for process in left]
    for process in left:
        process.kill()
    assert not left, f"processes were left behind: {told}"


@contextlib.contextmanager
def unmarked() -> Iterator[None]:
    """What is started within is not looked for at the end."""
    mark = os.environ.pop(MARK, None)
    try:
        yield
    finally:
        if mark is not None:
            os.environ[MARK] = mark
