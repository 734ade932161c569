"""One turn of poll.py, in the version of whoever starts it: projects in TRAINING under a daemon.

    python tests/bench/poll_run.py FOLDER PROJECTS POLL POLLS

The projects are written into the database as if they had just come to TRAINING; then `agent run`
follows them. Once all were looked at, the requests, the CPU and the memory of POLLS are counted.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SERVICE = Path(__file__).with_name("job_service.py")
TICKS = os.sysconf("SC_CLK_TCK")


def facts_of(number: int) -> str:
    """A project's in the middle of a training; both versions read this form."""
    plan = {
        **{"base_model": "gpt-4o-mini-2024-07-18", "epochs": 3, "batch_size": 4},
        **{"learning_rate_multiplier": 1.0, "seed": 7, "training_type": None},
    }
    return json.dumps(
        {
            **{"schema": 2, "artifacts": {}, "prepared": {"plan": plan}},
            "uploaded": {
                "training_file": f"file-{number:032x}",
                "validation_file": f"file-{number + 1:032x}",
            },
            "created": {"id": f"ftjob-{number:08d}", "status": "running"},
        }
    )


def prefill(home: Path, projects: int, service: str, now: float) -> None:
    """A database of this version with so many projects in TRAINING at that service."""
    from store import engine as engines
    from store.migrate import upgrade

    (home / "data").mkdir(parents=True)
    # As it is called now, or as it was called in the former version.
    opening = getattr(engines, "open_engine", None) or engines.opened
    engine = opening(f"sqlite:///{home}/data/agent.db")
    upgrade(engine)
    engine.dispose()
    rows = [
        {
            **{"name": f"p{number:06d}", "uid": f"{number:08x}", "service": service},
            **{"state": "TRAINING", "generation": 1, "version": 5, "since": now, "due_at": now},
            **{"attempts": 0, "facts": facts_of(number)},
        }
        for number in range(projects)
    ]
    names = ", ".join(rows[0])
    places = ", ".join(f":{name}" for name in rows[0])
    with sqlite3.connect(home / "data" / "agent.db") as database:
        database.executemany(f"INSERT INTO projects ({names}) VALUES ({places})", rows)  # noqa: S608
    database.close()


def read_cpu(pid: int) -> float:
    """Seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def read_memory(pid: int) -> float:
    """MiB that a process keeps."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


class Service:
    """job_service.py in a process of its own. `port`: where it answers."""

    def __init__(self, jobs: int) -> None:
        self._run = subprocess.Popen(
            [sys.executable, str(SERVICE), str(jobs)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._run.stdin is not None
        assert self._run.stdout is not None
        self._reads, self._writes = self._run.stdout, self._run.stdin
        self.port = int(self._reads.readline())

    def ask(self, word: str) -> dict[str, Any]:
        """What was asked for since the last "forget"."""
        self._writes.write(f"{word}\n")
        self._writes.flush()
        found: dict[str, Any] = json.loads(self._reads.readline())
        return found

    def close(self) -> None:
        self._run.kill()
        self._run.wait()
        self._reads.close()
        self._writes.close()


@contextmanager
def following(
    folder: Path, projects: int, poll: float
) -> Iterator[tuple[Service, subprocess.Popen[bytes], float]]:
    """A daemon that follows so many, as soon as it has looked at each: after so many seconds."""
    home, service = folder / f"home-{os.getpid()}-{projects}", Service(projects)
    prefill(home, projects, f"127.0.0.1:{service.port}", time.time())
    environment = {
        **os.environ,
        **{"AGENT_HOME": str(home), "AGENT_PROVIDER": "azure", "AZURE_OPENAI_KEY": "key"},
        **{"AZURE_OPENAI_ENDPOINT": f"http://127.0.0.1:{service.port}"},
        **{"AZURE_OPENAI_VERSION": "2024-10-21", "AGENT_POLL_SECONDS": str(poll)},
    }
    command = [sys.executable, "-m", "agent", "run"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    agent = subprocess.Popen(command, env=environment, **silent)
    try:
        began = time.monotonic()
        while service.ask("how")["told"] < projects:
            assert time.monotonic() < began + 300, "not all were looked at"
            time.sleep(0.2)
        yield service, agent, time.monotonic() - began
        assert agent.poll() is None
    finally:
        agent.terminate()
        agent.wait(30)
        service.close()
        shutil.rmtree(home, ignore_errors=True)


def follow(folder: Path, projects: int, poll: float, polls: int) -> dict[str, float]:
    """The figures of poll.py."""
    with following(folder, 1, 1.0) as (_, agent, _):
        time.sleep(5)
        idle = read_memory(agent.pid)
    with following(folder, projects, poll) as (service, agent, first_sight):
        # Between two polls, which lie on multiples of their length.
        time.sleep((1.5 * poll - time.time() % poll) % poll)
        for _ in range(2):
            time.sleep(poll)
        service.ask("forget")
        cpu, since = read_cpu(agent.pid), time.monotonic()
        time.sleep(polls * poll)
        used, lasted = read_cpu(agent.pid) - cpu, time.monotonic() - since
        found = service.ask(f"end {poll}")
        memory = read_memory(agent.pid)
    return {
        "requests": found["asked"] / polls,
        "core": 100 * used / lasted,
        "gap": found["gap_median"],
        "longest gap": found["gap_max"],
        "memory": memory,
        "over idle": memory - idle,
        "first sight": first_sight,
    }


def main() -> None:
    folder, projects, poll, polls = sys.argv[1:]
    print(json.dumps(follow(Path(folder), int(projects), float(poll), int(polls))))


if __name__ == "__main__":
    main()
