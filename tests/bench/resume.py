"""From SIGKILL to the first resumed step: how soon a training is looked at again.

    make bench ONLY=resume

Each follows a training by polling its job, is killed (SIGKILL) shortly before a poll is due, and is
started again at once; measured is the time until the next look at the job reaches the service, and
the CPU that the new process has used by then. The service stays up: for the product the emulator,
reached as Azure is, for the others a listener that answers. `raw`: a loop over one SQLite row, the
least that can be; `Core, httpx2`: the same loop through the two libraries that the product stands
on. The peers' step is one GET by the standard library's HTTP client.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.bench.harness import BEFORE, PRODUCT, Goal, Runner, Table
from tests.bench.rivals import HERE, House, find_before, find_peers
from tests.bench.tap import Tap
from tests.emulator_process import KEY, launch_emulator
from tests.small_set import write_small_set

POLL = 0.5  # seconds
AWAITED = b"/fine_tuning/jobs"
_FOLDER = Path(__file__).parent
# What follows the service by itself: its script, and who runs it.
_SCRIPTS = {
    "LangGraph": "langgraph_follow.py",
    "DBOS": "dbos_follow.py",
    "Core, httpx2": "core_follow.py",
    "raw": "raw_follow.py",
}
_HOUSES = {PRODUCT: HERE, BEFORE: find_before(), "LangGraph": find_peers(), "DBOS": find_peers()}
_QUICK = {
    "EMULATOR_FILE_SECONDS": "0",
    "EMULATOR_QUEUE_SECONDS": "0",
    "EMULATOR_TRAIN_SECONDS": "86400",
    "EMULATOR_ENCODER": "hash",
}


def measure_product(house: House, home: Path) -> dict[str, float]:
    """The agent of that version, in TRAINING at the emulator of that version."""
    write_small_set(home)
    own = {**house.environment, **_QUICK}
    emulator = launch_emulator(own, home / "service", house.python)
    try:
        with Tap(AWAITED, int(emulator.url.rpartition(":")[2])) as tap:
            agent = {
                **own,
                "AGENT_HOME": str(home),
                "AGENT_PROVIDER": "azure",
                "AZURE_OPENAI_ENDPOINT": tap.url,
                "AZURE_OPENAI_KEY": KEY,
                "AGENT_DATA_CHECK": "rules",
                "AGENT_POLL_SECONDS": str(POLL),
                "AGENT_LISTING_LAG_SECONDS": "0",
                "AGENT_REQUEST_TIMEOUT_SECONDS": "5",
                "AGENT_SETTLE_SECONDS": "6",
            }
            return _kill_and_measure(
                [str(house.python), "-m", "agent", "run"], agent, house.source, tap
            )
    finally:
        emulator.kill()


def measure_script(house: House, script: str, home: Path) -> dict[str, float]:
    with Tap(AWAITED) as tap:
        command = [str(house.python), "-P", str(_FOLDER / script), tap.url, str(home), str(POLL)]
        return _kill_and_measure(command, house.environment, home, tap)


def _kill_and_measure(
    command: Sequence[str], environment: dict[str, str], folder: Path, tap: Tap
) -> dict[str, float]:
    first = _start(command, environment, folder)
    try:
        for _ in range(3):  # it follows, and not for the first time
            tap.wait(60.0)
        time.sleep(0.8 * POLL)
    finally:
        first.kill()
        first.wait()
    tap.forget()
    began = time.perf_counter()
    second = _start(command, environment, folder)
    try:
        seen = tap.wait(60.0)
        cpu = _cpu_of(second.pid)
    finally:
        second.kill()
        second.wait()
    return {"wall": seen - began, "cpu": cpu}


def _start(
    command: Sequence[str], environment: dict[str, str], folder: Path
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=None if os.environ.get("BENCH_SHOW") else subprocess.DEVNULL,
    )


def _cpu_of(pid: int) -> float:
    """Seconds of user and system time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _runner(name: str) -> Runner:
    house = replace(HERE, missing=_HOUSES.get(name, HERE).missing)
    return Runner(name, house, ("-m", "tests.bench.resume", name))


TABLES = (
    Table(
        "SIGKILL to the first resumed step",
        tuple(_runner(name) for name in (PRODUCT, BEFORE, *_SCRIPTS)),
        {"wall": "s", "cpu": "s"},
        tuple(
            Goal(figure, at_most=0.6, against="LangGraph", of=who)
            for who in (PRODUCT, "Core, httpx2")
            for figure in ("wall", "cpu")
        ),
        rounds=5,
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("name")
    name = parser.parse_args().name
    house = _HOUSES.get(name, HERE)
    with tempfile.TemporaryDirectory() as folder:
        if name in _SCRIPTS:
            found = measure_script(house, _SCRIPTS[name], Path(folder))
        else:
            found = measure_product(house, Path(folder))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
