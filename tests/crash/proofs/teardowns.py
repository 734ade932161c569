"""Our deployment is given up after the analysis, and a process ends at every point of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agent.engine.cancellation import finish_cancellation
from agent.engine.teardown import plan_teardown
from states.errors import Permanent
from states.facts import known
from states.stages import DELETED
from states.state import State
from tests.crash.agent import Agent
from tests.crash.audit import audit, nobody_elses_is_gone
from tests.crash.boundary import Boundary
from tests.crash.proofs.lives import ended
from tests.crash.shop import NAME
from tests.crash.world import World, machine
from tests.fake_objects import DAY, LAG

WAYS = ("after_analysis", "ttl", "person", "ttl_failed")
BEFORE = {"after_analysis": State.EVALUATED, "ttl_failed": State.DEPLOYED}


def every_boundary_of_a_teardown(way: str, points: Iterable[int]) -> int:
    """From the state before it on. `way`: of WAYS."""
    for tried, k in enumerate(points):
        with machine() as world:
            if not _crash(world, way, k):
                return tried + 1
    return tried + 1


def _crash(world: World, way: str, k: int) -> bool:
    """False if the life was over before point `k`."""
    world.service.lag = LAG
    world.teardown = {"person": "never", "ttl_failed": "ttl"}.get(way, way)
    first = world.start().begin()
    _live_until(first, BEFORE.get(way, State.ANALYZED))
    if way == "ttl_failed":
        world.service.before["chat"] = [Permanent("it broke")]
        _live_until(first, State.FAILED)
    first.close()
    # A person's deployment of the same model, under another name, is nobody's to delete.
    world.service.deploy_by_hand("de-otra", str(next(iter(world.service.jobs.values())).model))
    if way.startswith("ttl"):
        world.clock.spend(2 * DAY)
    act: Callable[[Agent], object] = _tear_down if way == "person" else _rest
    point = Boundary(k)
    was_ended = ended(world, point, act)
    where = f"{way}, after a crash at point {k}: {point.trail}"
    agent = world.start().begin()
    agent.rest()  # the next process carries on what was decided, without a person
    if way == "person":
        _tear_down(agent)  # who repeats what was never answered
    _check(world, agent, State.FAILED if way == "ttl_failed" else State.ANALYZED, where)
    agent.close()
    return was_ended


def _check(world: World, agent: Agent, state: State, where: str) -> None:
    audit(world, agent)
    project, service = agent.project, world.service
    assert (project.state, project.hold, project.due_at) == (state, None, None), (
        f"{project} {where}"
    )
    assert set(service.deployments) == {"de-otra"}, f"{service.deployments} {where}"
    assert known(project.facts.deployed).status == DELETED, where
    deleted = [act for act in service.ledger if act.kind == "delete_deployment"]
    assert len(deleted) == 1, f"{deleted} {where}"
    nobody_elses_is_gone(world)


def _live_until(agent: Agent, state: State) -> None:
    while agent.project.state is not state:
        agent.wait()
        agent.tick()


def _rest(agent: Agent) -> None:
    agent.begin().rest()


def _tear_down(agent: Agent) -> None:
    wall, spend = agent.world.clock.wall, agent.world.clock.spend
    project = agent.decisions.make(NAME, lambda found: plan_teardown(found, wall()))
    finish_cancellation(project, agent.ticker, lambda _: None, wall, spend)
