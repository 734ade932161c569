"""What a project has left at the service is deleted, and a process ends at every point of that."""

from __future__ import annotations

from collections.abc import Iterable

from agent.engine.cancellation import finish_cancellation
from agent.engine.cleanup import plan_cleanup
from states.state import State
from states.steps.leftovers import survey
from tests.crash.agent import Agent
from tests.crash.audit import audit, nobody_elses_is_gone
from tests.crash.boundary import Boundary
from tests.crash.proofs.lives import ended
from tests.crash.shop import NAME
from tests.crash.world import World, machine
from tests.fake_objects import LAG, File

STRANGER = "de-otra"


def every_boundary_of_a_cleanup(points: Iterable[int]) -> int:
    """From an ANALYZED project without a deployment on."""
    for tried, k in enumerate(points):
        with machine() as world:
            if not _crash(world, k):
                return tried + 1
    return tried + 1


def _crash(world: World, k: int) -> bool:
    """False if the life was over before point `k`."""
    service = world.service
    service.lag, world.teardown = LAG, "after_analysis"
    first = world.start().begin()
    first.rest()
    first.close()
    world.clock.spend(2 * LAG)  # the deployment is not listed any more
    service.files[STRANGER] = File(STRANGER, "de-otra-training-00.jsonl", b"x", world.clock.true)
    point = Boundary(k)
    was_ended = ended(world, point, _clean)
    where = f"after a crash at point {k}: {point.trail}"
    agent = world.start().begin()
    agent.rest()  # the next process carries on what was decided, without a person
    _clean(agent)  # who repeats what was never answered
    _check(world, agent, where)
    agent.close()
    return was_ended


def _check(world: World, agent: Agent, where: str) -> None:
    audit(world, agent)
    project, service = agent.project, world.service
    assert (project.state, project.hold, project.due_at) == (State.ANALYZED, None, None), (
        f"{project} {where}"
    )
    assert (set(service.files), set(service.jobs)) == ({STRANGER}, set()), where
    assert project.facts.cleaned, where
    for kind, times in (("delete_file", 2), ("delete_job", 1)):
        deleted = [act for act in service.ledger if act.kind == kind]
        assert len(deleted) == times, f"{deleted} {where}"
    nobody_elses_is_gone(world)


def _clean(agent: Agent) -> None:
    agent.begin()
    wall, spend = agent.world.clock.wall, agent.world.clock.spend
    left = survey(agent.project, agent.ports_for(agent.project))
    if not left.going and agent.project.facts.cleans is None:
        return
    memory = agent.store.memory(NAME)
    project = agent.decisions.make(
        NAME, lambda found: plan_cleanup(found, left.going, memory, wall())
    )
    finish_cancellation(project, agent.ticker, lambda _: None, wall, spend)
