"""Nothing that the tests have started outlives them, however they are ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.commands import ROOT
from tests.watcher import RUN

# As pg_ctl starts a server: in a session of its own. The folder is made as a test's own is.
INNER = """
import subprocess, sys, tempfile, time
from pathlib import Path
from tests.watcher import folder_prefix

def test_that_waits():
    folder = tempfile.mkdtemp(prefix=folder_prefix("pg"))
    server = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    )
    told = Path(__file__).with_name("told")
    told.with_suffix(".part").write_text(f"{server.pid} {folder}")
    told.with_suffix(".part").rename(told)
    time.sleep(600)
"""


@pytest.mark.parametrize(
    ("number", "more"),
    [
        (signal.SIGTERM, ()),
        (signal.SIGHUP, ()),
        (signal.SIGKILL, ()),
        (signal.SIGTERM, ("-p", "xdist", "-n", "1")),
        (signal.SIGKILL, ("-p", "xdist", "-n", "1")),
    ],
    ids=["SIGTERM", "SIGHUP", "SIGKILL", "SIGTERM-xdist", "SIGKILL-xdist"],
)
def test_what_the_tests_have_started_ends_with_them(
    tmp_path: Path, eventually: Callable[..., Any], number: signal.Signals, more: tuple[str, ...]
) -> None:
    """A pytest of its own, ended in the middle of a test: the server, and its folder, are gone."""
    (tmp_path / "test_inner.py").write_text(INNER)
    told = tmp_path / "told"
    apart = ("-p", "tests.conftest", "-c", os.devnull, f"--rootdir={tmp_path}")
    inner = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", *apart, *more, str(tmp_path / "test_inner.py")],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != RUN},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: told.exists() or inner.poll() is not None)
        pid, folder = told.read_text().split()
        server = psutil.Process(int(pid))
        assert server.is_running()
        assert Path(folder).parent == Path(tempfile.gettempdir())
        inner.send_signal(number)
        inner.wait(timeout=30)
        eventually(lambda: not server.is_running() and not Path(folder).exists())
    finally:
        inner.kill()
        inner.wait()
