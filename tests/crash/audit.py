"""What must be true of a machine and its service, whatever has happened."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from states.places import Result
from states.state import State
from tests.crash.agent import Agent
from tests.crash.shop import FILES, NAME
from tests.crash.world import World


def audit(world: World, agent: Agent) -> None:
    """Nothing was paid twice, nothing was trained that was not checked, and the memory fits
    together.
    """
    service = world.service
    jobs: dict[str, list[str]] = {}
    for act in service.ledger:
        if act.kind == "create_job":
            jobs.setdefault(act.detail["suffix"], []).append(act.subject)
        if act.kind == "upload":
            assert not act.detail["again"], f"uploaded again: {act}"
            assert act.detail["sha256"][:16] in act.detail["name"], (
                f"uploaded under the name of another content: {act}"
            )
        if act.kind == "create_deployment":
            assert act.detail["over"] is None, f"somebody else's deployment was replaced: {act}"
    for suffix, ids in jobs.items():
        assert len(ids) == 1, f"{len(ids)} jobs were created for {suffix}: {ids}"
    accepted = agent.accepted()
    for job in service.jobs.values():
        generation = int(job.suffix.rpartition("g")[2])
        assert job.content in accepted.get(generation, ()), (
            f"trained on what was not checked: {job}"
        )
    _audit_history(agent)


def _audit_history(agent: Agent) -> None:
    project, history = agent.project, agent.store.history(NAME)
    assert [c.version for c in history] == list(range(1, len(history) + 1)), "the history has a gap"
    for before, after in pairwise(history):
        assert after.from_state is before.to_state, f"{before} is followed by {after}"
    if history:
        last = history[-1]
        assert (project.version, project.state, project.generation) == (
            last.version,
            last.to_state,
            last.generation,
        )
        assert history[0].from_state is State.DRAFT
    if project.hold is not None:
        assert "unexpected" not in str(project.hold), f"a bug: {project.hold}"
    if project.state is State.FAILED:
        assert project.last_error is not None, "given up without a reason"


def nothing_lives(world: World) -> None:
    """What a cancelled project must not leave behind."""
    alive = [j for j in world.service.jobs.values() if j.lives(world.clock.true)]
    assert not alive, f"a job goes on after the cancellation: {alive}"
    left = [d for d in world.service.deployments.values() if not d.by_hand]
    assert not left, f"a deployment of ours is left after the cancellation: {left}"
    nobody_elses_is_gone(world)


def nobody_elses_is_gone(world: World) -> None:
    taken = [
        a for a in world.service.ledger if a.kind == "delete_deployment" and a.detail["by_hand"]
    ]
    assert not taken, f"a person's deployment was deleted: {taken}"


def counts(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for act in world.service.ledger:
        kind = f"{act.kind}-{act.detail['role']}" if act.kind == "upload" else act.kind
        if kind != "chat":
            found[kind] = found.get(kind, 0) + 1
    return found


def asked(world: World) -> dict[str, int]:
    """Question -> how often it was paid for, not counting probes."""
    found: dict[str, int] = {}
    for act in world.service.ledger:
        if act.kind == "chat" and not act.detail["probe"]:
            found[act.subject] = found.get(act.subject, 0) + 1
    return found


_WHEN = ("spending", "at", "created_at", "finished_at", "latency_seconds", "attempts")


def written(home: Path) -> dict[str, Any]:
    """Every file of the project: data by its digest, results as JSON without times.

    A leftover is not a file of the project.
    """
    found: dict[str, Any] = {}
    for place in FILES:
        path = home / place
        found[place] = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
    for place in Result:
        path = home / place
        found[place] = _read(path) if path.is_file() else None
    return found


def _read(path: Path) -> Any:
    """A page has all that is in the JSON beside it, times as well: that it is whole is enough."""
    text = path.read_text()
    if path.suffix == ".json":
        return _timeless(json.loads(text))
    return text.rstrip()[-40:]


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _timeless(v) for k, v in value.items() if k not in _WHEN}
    return [_timeless(item) for item in value] if isinstance(value, list) else value
