"""A Developer deployment ends in the middle of an evaluation, and a process at every point of what
follows."""

from __future__ import annotations

from collections.abc import Iterable

from states.facts import known
from states.stages import Renewed
from states.state import State
from tests.crash.agent import Agent
from tests.crash.audit import asked, audit, nobody_elses_is_gone
from tests.crash.boundary import Boundary
from tests.crash.proofs.lives import ended
from tests.crash.world import World, machine
from tests.fake_objects import DAY, LAG


def every_boundary_of_a_renewal(points: Iterable[int]) -> int:
    """From a project on that has asked some of its cases."""
    for tried, k in enumerate(points):
        with machine() as world:
            if not _crash(world, k):
                return tried + 1
    return tried + 1


def _crash(world: World, k: int) -> bool:
    """False if the life was over before point `k`."""
    service = world.service
    service.lag, service.sku, service.batch = LAG, "DeveloperTier", 1
    world.base_model, world.deploy_sku, world.renewals = "gpt-4.1-mini", "developertier", 1
    first = world.start().begin()
    while not asked(world):
        first.wait()
        first.tick()
    first.close()
    service.deployments.clear()  # as the service does it, after 24 hours
    world.clock.spend(DAY)
    point = Boundary(k)
    was_ended = ended(world, point, _rest)
    where = f"after a crash at point {k}: {point.trail}"
    agent = world.start().begin()
    agent.rest()
    _check(world, agent, where)
    agent.close()
    return was_ended


def _check(world: World, agent: Agent, where: str) -> None:
    audit(world, agent)
    project, service = agent.project, world.service
    assert (project.state, project.hold, project.generation) == (State.ANALYZED, None, 2), (
        f"{project} {where}"
    )
    assert project.facts.renewed == Renewed(1), where
    assert set(service.deployments) == {known(project.facts.deployed).name}, where
    made = [act for act in service.ledger if act.kind == "create_deployment"]
    assert len(made) == 2, f"{made} {where}"
    twice = {question: times for question, times in asked(world).items() if times > 1}
    # Of a batch that a process ended with, nothing could be kept: at most that one.
    assert len(twice) <= 1, f"{twice} {where}"
    nobody_elses_is_gone(world)


def _rest(agent: Agent) -> None:
    agent.begin().rest()
