"""Twenty random SIGKILLs during one run: it ends as if there had been none."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import psutil

from states.state import State
from tests.crash.conftest import COUNTED, TOTAL

# Where the kills begin, in this order: what is on the way to the service and what waits for it,
# more than what is quick.
PLAN = {
    State.DRAFT: 2,
    State.VALIDATED: 3,
    State.UPLOADED: 3,
    State.TRAINING: 3,
    State.TRAINED: 2,
    State.AWAITING_DEPLOY: 3,
    State.DEPLOYED: 4,
}
KILLS, CASES, PROBES = 20, 40, 1
AT_ONCE = 2  # cases
LEAST_STATES = 5  # a life may outrun a kill, so not every state of the plan is hit each time
# The emulator takes its time, so that there is something to kill in every state.
SLOW = {
    "EMULATOR_ENCODER": "hash",
    "EMULATOR_FILE_SECONDS": "0.6",
    "EMULATOR_QUEUE_SECONDS": "0.3",
    "EMULATOR_TRAIN_SECONDS": "0.6",
    "EMULATOR_DEPLOY_SECONDS": "0.8",
    "AGENT_SETTLE_SECONDS": "3.2",
    "AGENT_REQUEST_TIMEOUT_SECONDS": "3",
    "AGENT_CONCURRENCY": str(AT_ONCE),
}
DELAYS = [
    {
        "match": {"method": "POST", "path": "chat/completions"},
        "times": None,
        "do": {"kind": "delay", "seconds": 0.24},
    },
    {"match": {"method": "POST"}, "times": None, "do": {"kind": "delay", "seconds": 0.3}},
    {"match": {"method": "PUT"}, "times": None, "do": {"kind": "delay", "seconds": 0.3}},
]


def test_twenty_random_kills_end_in_one_training(
    home: Path,
    forked_daemon: Any,
    cli: Any,
    ledger: Any,
    column_of: Any,
    start_emulator: Any,
    eventually: Any,
    *,
    record_property: Any,
) -> None:
    """Agent, emulator or both, in every state: ANALYZED, one job and two training files, and every
    file of the results.
    """
    assert sum(PLAN.values()) == KILLS
    seed = int(os.environ.get("AFINADOR_KILL_SEED") or random.SystemRandom().randrange(10**6))
    record_property(COUNTED, f"AFINADOR_KILL_SEED={seed}")  # before anything can fail
    chance = random.Random(seed)
    slow = start_emulator(home / "data" / "emulator", **SLOW)
    slow.control("PUT", "faults", DELAYS)  # kept over its restarts
    slow.kill()

    def state() -> State | None:
        found = column_of(home, "tienda", "state")
        return None if found is None else State(found)

    killed: list[tuple[str, State | None]] = []
    signs, running = 0, forked_daemon(home, env=SLOW)
    for wanted in (planned for planned, times in PLAN.items() for _ in range(times)):
        # The moment is the test. It counts from a sign of life, however long a start takes on this
        # machine.
        eventually(
            lambda wanted=wanted, signs=signs: (
                (now := state()) and now.has_reached(wanted) and _signs_of_life(home) > signs
            ),
            seconds=180,
        )
        victims = (
            chance.choice(["agent", "agent", "emulator", "both"])
            if wanted is not State.DRAFT
            else "agent"
        )
        if victims != "agent" or (wanted is not State.DRAFT and chance.random() < 0.8):
            eventually(lambda: _emulator_of(home) or state() is State.ANALYZED, seconds=180)
        time.sleep(chance.uniform(0.0, 0.2 if wanted is State.DRAFT else 0.7))
        # A life that has outrun its kills needs no service any more, so nobody starts one again.
        emulator = _emulator_of(home) if victims != "agent" else None
        if victims != "agent" and emulator is None:
            assert state() is State.ANALYZED
            victims = "agent"
        if emulator is not None:
            emulator.kill()
        if victims != "emulator":
            assert running.end(signal.SIGKILL).code == -signal.SIGKILL
        killed.append((victims, state()))
        signs = _signs_of_life(home)
        if victims != "emulator":
            running = forked_daemon(home, env=SLOW)
    print(" ".join(f"{victims}@{found}" for victims, found in killed))
    signals = sum(2 if victims == "both" else 1 for victims, _ in killed)
    record_property(TOTAL, ("SIGKILLs", signals))
    record_property(COUNTED, f"{signals} SIGKILLs in one life")

    eventually(lambda: state() is State.ANALYZED, seconds=240)
    assert running.end().code == 0
    hit = {found for _, found in killed if found is not None}
    assert len(hit) >= LEAST_STATES, hit
    assert any(found.has_reached(State.UPLOADED) for found in hit), (
        "no kill came after the first remote call"
    )
    assert any(found.has_reached(State.AWAITING_DEPLOY) for found in hit), (
        "no kill came after the training"
    )

    made = ledger(home)
    assert (made["create_job"], made["upload"], made["create_deployment"]) == (1, 2, 1), killed
    assert column_of(home, "tienda", "generation") == 1
    # Each question is paid for once, or once more where the kill came between its answer and the
    # record of it: those that were being asked.
    cases = json.loads((home / "results" / "test_results.json").read_text())["cases_answered"]
    asking = sum(found in (State.AWAITING_DEPLOY, State.DEPLOYED) for _, found in killed)
    assert len(cases) == CASES
    most = CASES + PROBES + AT_ONCE * asking
    assert CASES + PROBES <= made["chat"] <= most, (made["chat"], asking, killed)
    assert len(list((home / "results").glob("*.json"))) == 4
    story = cli(home, "history", "--json", env=SLOW).json["checkpoints"]
    assert [entry["version"] for entry in story] == list(range(1, 11))


def _signs_of_life(home: Path) -> int:
    """Grows with the log, and with each answer: a tick of the evaluation has many."""
    log, database = home / "logs" / "agent.jsonl", home / "data" / "agent.db"
    size = log.stat().st_size if log.exists() else 0
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(
            sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=10)
        ) as connection,
    ):
        size += connection.execute("SELECT count(*) FROM answers").fetchone()[0]
    return size


def _emulator_of(home: Path) -> psutil.Process | None:
    """The living emulator of this home; None if none serves it."""
    with contextlib.suppress(OSError, ValueError, psutil.Error):
        process = psutil.Process(
            json.loads((home / "data" / "emulator" / "emulator.json").read_text())["pid"]
        )
        if (
            process.status() != psutil.STATUS_ZOMBIE
            and str(home / "data" / "emulator") in process.cmdline()
        ):
            return process
    return None
