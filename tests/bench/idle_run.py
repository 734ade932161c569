"""One runner of idle.py: a daemon beside so many finished projects, and what it costs at rest.

    .venv/bin/python tests/bench/idle_run.py PROJECTS [--seconds 30]

It is started with the Python that runs this, on the code that PYTHONPATH names.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
FACTS = json.dumps({"schema": 2, "asks": "a document" * 100})
TICKS = os.sysconf("SC_CLK_TCK")


def make_home(home: Path, count: int) -> None:
    """So many cancelled projects of one service, as rows alone."""
    from store.migrate import upgrade

    engine_module = __import__("store.engine", fromlist=["open_engine"])
    open_engine = getattr(engine_module, "open_engine", None) or engine_module.opened
    (home / "data").mkdir()
    upgrade(open_engine(f"sqlite:///{home}/data/agent.db"))
    row = ("00c0ffee", "127.0.0.1:9", "CANCELLED", 1, 3, 1e9, None, 0, FACTS)
    with sqlite3.connect(home / "data" / "agent.db") as connection:
        connection.executemany(
            "INSERT INTO projects (name, uid, service, state, generation, version, since, due_at,"
            " attempts, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(f"project-{number:05}", *row) for number in range(count)],
        )
    connection.close()


def start(home: Path) -> subprocess.Popen[bytes]:
    own = {
        "AGENT_HOME": str(home),
        "AGENT_ENV_FILE": os.devnull,
        "AGENT_PROVIDER": "azure",
        "AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:9",
        "AZURE_OPENAI_KEY": "a-key-of-the-bench",
        "AZURE_OPENAI_MODEL": "gpt-4.1-mini",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "agent", "run"],
        env={**os.environ, **own},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def cpu_of(pid: int) -> float:
    """Seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid: int) -> float:
    """MiB."""
    return (
        int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20
    )


def wait_for_rest(pid: int) -> None:
    """Until it has done next to nothing for two sweeps."""
    before = cpu_of(pid)
    while True:
        time.sleep(11)
        now = cpu_of(pid)
        if now - before < 0.15 and now > 0.1:  # it has begun
            return
        if now - before > 4.0 and now > 60:  # a sweep that is never done is its rest
            return
        before = now


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("projects", type=int)
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=ROOT) as name:
        home = Path(name)
        make_home(home, given.projects)
        process = start(home)
        try:
            wait_for_rest(process.pid)
            began, cpu = time.monotonic(), cpu_of(process.pid)
            time.sleep(given.seconds)
            percent = 100 * (cpu_of(process.pid) - cpu) / (time.monotonic() - began)
            found = {"percent": percent, "resident": resident(process.pid)}
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
