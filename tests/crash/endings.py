"""How a random schedule must end, once nothing bad happens any more (tests/crash/schedules.py)."""

from __future__ import annotations

from states.state import State
from tests.crash.agent import Agent, is_paused
from tests.crash.audit import audit, nothing_lives
from tests.crash.happenings import COMMANDS, NAMES
from tests.crash.world import World


def ends_well(world: World, agent: Agent, *, troubled: bool) -> None:
    """It comes to rest, in order or with a word for a person."""
    service = world.service
    for fates in service.fates.values():
        fates.clear()
    service.looks.clear()
    service.connecting = 0.0
    agent.rest()
    for _ in range(5):
        if is_paused(agent.project):
            agent.decide(COMMANDS[NAMES.index("resume")])
            agent.rest()
    if agent.project.state is State.AWAITING_DEPLOY and agent.project.hold is None:
        assert agent.model is not None
        world.service.deploy_by_hand("al-final", agent.model)
        agent.rest()
    audit(world, agent)
    project = agent.project
    assert project.state.is_terminal or project.hold is not None, (
        f"neither ended nor held: {project}"
    )
    assert troubled or project.state is State.ANALYZED, f"nothing stood in its way: {project}"


def cancels_well(world: World, agent: Agent) -> None:
    """A person cancels it with its files, and nothing of ours is left."""
    refusal = _cancel_until_settled(world, agent)
    nothing_lives(world)
    assert refusal is None or "nothing to cancel" in refusal or "deleted already" in refusal, (
        refusal
    )
    project = agent.project
    assert project.hold is None and project.due_at is None, f"cannot be tidied up: {project}"
    if refusal is None:
        left = list(world.service.files)
        assert not left, f"uploaded files are left: {left}"


def _cancel_until_settled(world: World, agent: Agent) -> str | None:
    """What `cancel --delete-files` says, once it does not have to wait any more."""
    for _ in range(30):
        refusal = agent.decide(COMMANDS[NAMES.index("cancel --delete-files")])
        agent.rest()
        audit(world, agent)
        if refusal is None or "settle" not in refusal:
            return refusal
        world.clock.spend(1.0)
    return refusal
