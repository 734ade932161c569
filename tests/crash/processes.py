"""Lives of real processes: `python -m agent run --until ANALYZED` and its emulator, killed at
random moments.

Longer than most files: one life of real processes, from its start to what it left.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from states.places import Artifact, Result
from states.state import State
from store.engine import open_engine
from store.sql import SqlStore
from tests.crash.shop import EXAMPLES, NAME
from tests.crash.sockets import ledger

CASES = [
    {"text": text, "expected": intent}
    for intent, texts in {
        "encender": ("Que haya luz", "Dale al interruptor", "Luz, por favor", "No veo nada"),
        "apagar": ("Déjalo a oscuras", "Que no se vea nada", "Sobra la luz", "A dormir"),
    }.items()
    for text in texts
]
SETTINGS = {
    "AGENT_ENV_FILE": os.devnull,
    "AGENT_PROVIDER": "emulator",
    "AGENT_DEPLOY": "auto",
    "AGENT_POLL_SECONDS": "0.05",
    "AGENT_REQUEST_TIMEOUT_SECONDS": "1",
    "AGENT_SETTLE_SECONDS": "1.4",
    "FINE_TUNING_EPOCHS": "1",
    "AGENT_DATA_CHECK": "rules",
    "EMULATOR_ENCODER": "hash",
    "EMULATOR_FILE_SECONDS": "0.2",
    "EMULATOR_QUEUE_SECONDS": "0.2",
    "EMULATOR_TRAIN_SECONDS": "0.5",
    "EMULATOR_DEPLOY_SECONDS": "0.3",
}
OURS = ("AZURE_", "AGENT_", "OPENAI_", "EMULATOR_", "FINE_TUN", "TRAIN_SPLIT", "VALIDATION_SPLIT")
PATIENCE = 60.0  # seconds without an end after the last kill: then it hangs
ONCE = {"upload-training": 1, "upload-validation": 1, "create_job": 1, "create_deployment": 1}
ANSWERS = len(CASES) + 1  # with the probe, where nobody is killed; each kill may cost one more


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(OURS) and not k.lower().endswith("_proxy")
    }
    here = str(Path(__file__).parents[2])
    return {**kept, "PYTHONPATH": here, **SETTINGS, "AGENT_HOME": str(home), **(more or {})}


def furnish(home: Path) -> None:
    """A person's own small example set, so that a life is short."""
    for place, content in ((Artifact.EXAMPLES, EXAMPLES), (Artifact.CASES, CASES)):
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        (home / place).write_text(json.dumps(content, ensure_ascii=False))


class Life:
    """One project from its examples to ANALYZED, however often its processes are killed."""

    def __init__(self, home: Path) -> None:
        furnish(home)
        self.home, self.kills, self.starts = home, 0, 0
        self._process: subprocess.Popen[bytes]

    def start(self) -> None:
        self.starts += 1
        with (self.home / "stderr.txt").open("ab") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "agent", "run", "--until", "ANALYZED"],
                env=environment(self.home),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=sink,
            )

    def is_over(self) -> bool:
        return self._process.poll() is not None

    def wait_for_a_moment(self, chance: random.Random) -> None:
        """Mostly while it is at work: some time after its first line in the diary; now and then
        while it starts.
        """
        if chance.random() < 0.15:
            self._sleep(chance.uniform(0, 1.0))
            return
        diary = self.home / "logs" / "agent.jsonl"
        lines = _size(diary)
        end = time.monotonic() + PATIENCE
        while _size(diary) == lines and not self.is_over() and time.monotonic() < end:
            time.sleep(0.01)
        self._sleep(chance.uniform(0, 1.5))

    def _sleep(self, seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=seconds)

    def kill(self, target: str) -> None:
        """SIGKILL to the agent, to its emulator, or to both, in the same moment.

        What hits nobody does not count.
        """
        if target in ("emulator", "both"):
            self.kills += self._emulator_is_killed()
        if target in ("agent", "both"):
            self._process.kill()
            self.kills += self._process.wait() == -signal.SIGKILL

    def _emulator_is_killed(self) -> bool:
        with suppress(OSError, ValueError, KeyError, psutil.Error):
            emulator = psutil.Process(
                int(json.loads((self.home / "data/emulator/emulator.json").read_text())["pid"])
            )
            # The file may be that of a dead one, whose number somebody else bears by now.
            if (
                emulator.environ().get("AGENT_HOME") == str(self.home)
                and "agent.emulator" in emulator.cmdline()
            ):
                emulator.kill()
                return True
        return False

    def end(self) -> int:
        """Its exit code."""
        try:
            return self._process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(
                f"it hangs: {self.project()}\n{(self.home / 'stderr.txt').read_text()[-2000:]}"
            ) from None

    def project(self) -> Any:
        store = SqlStore(open_engine(f"sqlite:///{self.home}/data/agent.db"))
        try:
            return store.load(NAME)
        finally:
            store.close()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def lived(home: Path, chance: random.Random, kills: int) -> int:
    """One life with so many kills, unless it ends before, and everything that must be true of it.

    The number of kills it took.
    """
    life = Life(home)
    life.start()
    while life.kills < kills:
        life.wait_for_a_moment(chance)
        if life.is_over():
            break
        life.kill(chance.choice(("agent", "agent", "emulator", "both")))
        if life.is_over():
            life.start()
    code = life.end()
    told = (home / "stderr.txt").read_text()
    assert code == 0, f"exit code {code}: {life.project()}\n{told[-2000:]}"
    assert "Traceback" not in told, told[-3000:]
    check(home, f"after {life.kills} kills", most_answers=ANSWERS + life.kills)
    return life.kills


def check(home: Path, where: str, most_answers: int) -> int:
    """One of each on the emulator's ledger, a gapless history, no process left.

    How many answers were paid for.
    """
    store = SqlStore(open_engine(f"sqlite:///{home}/data/agent.db"))
    try:
        project, history = store.load(NAME), store.history(NAME)
    finally:
        store.close()
    assert project is not None
    assert project.state is State.ANALYZED
    found = ledger(home / "data" / "emulator", project.uid)
    answers = found.pop("chat", 0)
    assert found == ONCE, f"{found} {where}"
    assert ANSWERS <= answers <= most_answers, (
        f"{answers} answers paid for, {most_answers} at most {where}"
    )
    assert [c.version for c in history] == list(range(1, len(history) + 1))
    assert all(after.from_state is before.to_state for before, after in pairwise(history))
    left = processes_of(home)
    assert not left, f"left behind: {left}"
    return answers


def processes_of(home: Path) -> list[str]:
    """Command lines of whatever still works on this home; an emulator is given a moment to follow
    its agent.
    """
    end = time.monotonic() + 5
    while True:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.pid != os.getpid() and process.environ().get("AGENT_HOME") == str(home):
                    found.append(" ".join(process.cmdline()))
        if not found or time.monotonic() > end:
            return found
        time.sleep(0.05)


# Ids differ from life to life, and so does everything made of them.
_IDS = (
    (r"ftjob-[0-9a-f]+", "JOB"),
    (r"file-[0-9a-f]+", "FILE"),
    (r"\.ft-[0-9a-f]+", ".ft-JOB"),
    (r"tienda-[0-9a-f]{8}", "tienda-UID"),
)
# What was spent has its moment, and a question that was cut off in the middle is paid once more.
_NOT_COMPARED = (
    "created_at",
    "finished_at",
    "at",
    "latency_seconds",
    "attempts",
    "events",
    "spending",
)


def final_files(home: Path) -> dict[str, Any]:
    """Every file of the project without ids and times."""
    found: dict[str, Any] = {}
    for place in tuple(Artifact):
        path = home / place  # without a person's own files there is no list of their places
        found[place] = path.read_bytes() if path.is_file() else None
    for place in Result:
        text = (home / place).read_text().replace(str(home), "HOME")
        for pattern, name in _IDS:
            text = re.sub(pattern, name, text)
        # A page has all that is in the JSON beside it, times as well: that it is whole is enough.
        found[place] = _plain(json.loads(text)) if place.endswith(".json") else text.rstrip()[-40:]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k not in _NOT_COMPARED}
    return [_plain(item) for item in value] if isinstance(value, list) else value
