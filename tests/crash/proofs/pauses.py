"""A training is paused, or goes on again, and a process ends at every point of that."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from agent.engine.pausing import finish_order, is_under_way, plan_order
from states.facts import known
from states.stages import PAUSE, RESUME
from states.state import State
from tests.crash.agent import Agent
from tests.crash.audit import audit, counts
from tests.crash.boundary import Boundary
from tests.crash.proofs.lives import ONCE, check_tidy, ended
from tests.crash.shop import NAME
from tests.crash.world import World, machine
from tests.fake_objects import LAG, Job

LONG = 10_000.0  # seconds that the training lasts, so that no order comes too late
STATUS = {PAUSE: "paused", RESUME: "running"}


def every_boundary_of_an_order(wants: str, points: Iterable[int], afterwards: str) -> int:
    """`wants`: PAUSE or RESUME; `afterwards`: "go on" to the end, or "cancel"."""
    for tried, k in enumerate(points):
        with machine() as world:
            if not _crash(world, wants, k, afterwards):
                return tried + 1
    return tried + 1


def _crash(world: World, wants: str, k: int, afterwards: str) -> bool:
    """False if the life was over before point `k`."""
    world.service.lag = LAG
    first = world.start().begin()
    _live_to_a_running_job(first)
    if wants == RESUME:
        give(first, PAUSE)
    first.close()
    point = Boundary(k)
    was_ended = ended(world, point, partial(give, wants=wants))
    where = f"{wants}, after a crash at point {k}: {point.trail}"
    agent = world.start().begin()
    _let_it_be_carried_out(agent)  # the next process does, without a person
    give(agent, wants)  # who repeats what was never answered
    _check(world, agent, wants, where)
    if afterwards == "cancel":
        agent.decide(lambda operator: operator.cancel(NAME, False))
        agent.rest()
        check_tidy(world, agent, where)
    else:
        _go_on(world, agent, wants, where)
    agent.close()
    return was_ended


def _live_to_a_running_job(agent: Agent) -> None:
    while known_status(agent) != "running":
        agent.wait()
        agent.tick()
        for job in agent.world.service.jobs.values():
            job.lasts = LONG


def known_status(agent: Agent) -> str | None:
    created = agent.project.facts.created
    return None if created is None else created.status


def give(agent: Agent, wants: str) -> None:
    """As the command does."""
    wall, spend = agent.world.clock.wall, agent.world.clock.spend
    order = agent.decisions.make(NAME, lambda found: plan_order(found, wants, wall()))
    finish_order(order, agent.ticker, lambda _: None, wall, spend)


def _let_it_be_carried_out(agent: Agent) -> None:
    for _ in range(60):
        if not is_under_way(agent.project):
            return
        agent.wait()
        agent.tick()
    raise AssertionError(f"it is never carried out: {agent.project}")


def _check(world: World, agent: Agent, wants: str, where: str) -> None:
    audit(world, agent)
    project = agent.project
    assert (project.state, project.hold) == (State.TRAINING, None), f"{project} {where}"
    assert _job(world).status(world.clock.true) == STATUS[wants], f"{_job(world)} {where}"
    created = known(project.facts.created)
    assert (created.paused_at is not None) == (wants == PAUSE), f"{created} {where}"
    once = {"pause_job": 1} if wants == PAUSE else {"pause_job": 1, "resume_job": 1}
    found = {kind: times for kind, times in counts(world).items() if kind in once}
    assert found == once, f"{counts(world)} {where}"


def _go_on(world: World, agent: Agent, wants: str, where: str) -> None:
    if wants == PAUSE:
        give(agent, RESUME)
    _job(world).lasts = 0.0
    agent.rest()
    audit(world, agent)
    assert agent.project.state is State.ANALYZED, f"{agent.project} {where}"
    assert counts(world) == {**ONCE, "pause_job": 1, "resume_job": 1}, f"{counts(world)} {where}"


def _job(world: World) -> Job:
    job: Job = next(iter(world.service.jobs.values()))
    return job
