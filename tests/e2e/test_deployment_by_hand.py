"""AGENT_DEPLOY=manual: the agent stops with a guide, and goes on once a person has deployed this
very model.
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

MANUAL = {"AGENT_DEPLOY": "manual"}


@pytest.mark.slow
def test_it_waits_with_a_guide_and_notices_the_emulators_own_command(
    home: Path, cli: Any, by_hand: Any, small_set: Any, daemon: Any, eventually: Any, column_of: Any
) -> None:
    """The daemon at AWAITING_DEPLOY: another model does not count; this model, deployed by hand,
    takes it to ANALYZED.
    """
    small_set(home)
    running = daemon(home, env=MANUAL)
    eventually(lambda: column_of(home, "tienda", "state") == "AWAITING_DEPLOY")
    info = eventually(lambda: _read(home / "results" / "deployment_info.json"))
    assert info["status"] == "awaiting_deployment"
    assert info["created_by_agent"] is False
    assert shlex.split(info["guide"]["emulator"])[:4] == [
        sys.executable,
        "-m",
        "agent.emulator",
        "deploy",
    ]
    assert "emulator_serve" in info["guide"]["note"]
    command = shlex.split(info["guide"]["after"].partition(sys.executable)[2])
    name = info["deployment"]
    assert command == ["-m", "agent", "advance", "tienda", "--deployment", name]
    assert info["model"] in info["guide"]["emulator"]

    by_hand(home, "gpt-4o-mini", info["deployment"])
    eventually(lambda: "another model" in str(column_of(home, "tienda", "waiting_for")))
    refused = cli(home, "advance", "--deployment", info["deployment"], env=MANUAL)
    assert refused.code == 1
    assert "otro modelo" in refused.out
    assert column_of(home, "tienda", "state") == "AWAITING_DEPLOY"

    assert "Deployed" in by_hand(home, info["model"], "puesto-a-mano")
    eventually(lambda: column_of(home, "tienda", "state") == "ANALYZED")
    assert running.end().code == 0
    done = _read(home / "results" / "deployment_info.json")
    assert (done["deployment"], done["status"], done["created_by_agent"]) == (
        "puesto-a-mano",
        "succeeded",
        False,
    )


@pytest.mark.slow
def test_advance_finds_it_without_a_daemon_and_with_one(
    home: Path, cli: Any, azure: Any, small_set: Any, daemon: Any, eventually: Any, state_of: Any
) -> None:
    """`run --until AWAITING_DEPLOY`; `advance` without a deployment waits; with one it moves on; a
    daemon takes it from there.
    """
    small_set(home)
    manual = {**azure.azure, "AGENT_POLL_SECONDS": "600"}
    assert cli(home, "run", "--until", "AWAITING_DEPLOY", env=azure.azure).code == 0
    assert _read(home / "results" / "deployment_info.json")["guide"]["portal"][0].count(":") >= 1

    waiting = cli(home, "advance", env=manual)
    assert waiting.code == 0
    assert "AWAITING_DEPLOY" in waiting.out
    assert "`advance tienda`" in waiting.out
    model = _read(home / "results" / "deployment_info.json")["model"]
    missing = cli(home, "advance", "--deployment", "no-existe", env=manual)
    assert missing.code == 1

    # A daemon that looks only every ten minutes: the person's word is what moves it.
    running = daemon(home, env=manual)
    eventually((home / "data" / "agent.pid").exists)
    azure.deploy("a-mano", model)
    said = cli(home, "advance", "--deployment", "a-mano", env=manual)
    assert said.code == 0, said.text
    assert "AWAITING_DEPLOY → " in said.out  # the daemon may already have taken it further
    eventually(lambda: state_of(home) == "ANALYZED")
    late = cli(home, "advance", "tienda", "--deployment", "a-mano", env=manual)
    assert (late.code, "a-mano" in late.out) == (0, True)
    assert cli(home, "advance", "--deployment", "otra", env=manual).code == 2
    assert running.end().code == 0
    events = [
        entry["event"] for entry in cli(home, "history", "--json", env=manual).json["checkpoints"]
    ]
    assert events.count("DEPLOYMENT_NAMED") == 2
    left = cli(home, "retry", "tienda", "--restart", env=manual).out
    assert "a-mano, que hizo una persona, sigue ahí" in left


def test_a_deployment_is_named_only_where_one_is_awaited(
    home: Path, cli: Any, azure: Any, small_set: Any
) -> None:
    """`--until VALIDATED` goes not one step further; there, naming a deployment is wrong usage, and
    nothing moves.
    """
    small_set(home)
    before = azure.counts()
    assert cli(home, "run", "--until", "VALIDATED", env=azure.azure).code == 0
    assert azure.counts() == before  # nothing was uploaded, let alone paid for
    assert cli(home, "status", "--json").json["projects"][0]["state"] == "VALIDATED"
    ended = cli(home, "advance", "--deployment", "x1", env=azure.azure)
    assert ended.code == 2
    assert "AWAITING_DEPLOY" in ended.err


def _read(path: Path) -> Any:
    return json.loads(path.read_text()) if path.exists() else None
