"""Several agents at once on one database, as real processes, with the lock between them
bypassed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.crash import processes
from tests.crash.conftest import Tell
from tests.crash.sockets import Emulator

TWIN = Path(__file__).with_name("twin.py")


def _started(home: Path, folder: Path, number: int) -> subprocess.Popen[bytes]:
    with (folder / f"{number}.err").open("wb") as sink:
        return subprocess.Popen(
            # -P: tests/crash has an agent.py of its own.
            [sys.executable, "-P", str(TWIN), str(folder)],
            env=processes.environment(home),
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=sink,
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "agents"),
    [pytest.param(n, 2 + n % 2, marks=[] if n == 1 else pytest.mark.slow) for n in range(10)],
)
def test_agents_at_once_make_one_of_each(
    number: int, agents: int, tmp_path: Path, tell: Tell
) -> None:
    """Two uploads, one job, one deployment, one history; the losers notice and go on."""
    home = tmp_path / "mi tienda"
    processes.furnish(home)
    emulator = Emulator(home / "data" / "emulator")
    try:
        crowd = [_started(home, tmp_path, number) for number in range(agents)]
        end = time.monotonic() + 30
        while len(list(tmp_path.glob("ready-*"))) < agents and time.monotonic() < end:
            time.sleep(0.01)
        (tmp_path / "go").touch()
        codes = [one.wait(timeout=90) for one in crowd]
    finally:
        emulator.close()
    told = "".join((tmp_path / f"{n}.err").read_text() for n in range(agents))
    assert codes == [0] * agents, f"{codes}: {told[-2000:]}"
    assert "Traceback" not in told, told[-3000:]
    # Each may have asked every case, at the same moment as the others, and one again whose answer
    # came after the time-out.
    answers = processes.check(
        home, f"by {agents} agents", most_answers=agents * (processes.ANSWERS + 1)
    )
    tell(
        f"{agents} agents at once, {answers} answers for {len(processes.CASES)} cases and the"
        " probe: 0 duplicates"
    )
