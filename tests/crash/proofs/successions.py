"""Two generations are deployed, and a process ends at every point of deciding which one stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from unittest.mock import patch

from states.state import State
from states.steps.succession import Standing
from tests.crash.agent import Agent
from tests.crash.audit import audit, nobody_elses_is_gone
from tests.crash.boundary import Boundary
from tests.crash.proofs.lives import check_tidy, ended
from tests.crash.shop import NAME, UID
from tests.crash.world import World, machine
from tests.fake_objects import LAG

OLD, NEW = f"{NAME}-{UID}-g1", f"{NAME}-{UID}-g2"
STAYS = {Standing.NOT_WORSE: {NEW}, Standing.WORSE: {OLD}, Standing.UNKNOWN: {OLD, NEW}}


def every_boundary_of_a_succession(
    standing: Standing, points: Iterable[int], afterwards: str = "go on"
) -> int:
    """From EVALUATED of generation 2 on. `afterwards`: "go on", "cancel", "keep the parent"."""
    with patch("states.steps.analyze._compare_with_parent", lambda *_: standing):
        for tried, k in enumerate(points):
            with machine() as world:
                if not _crash(world, _live_to_succession, _rest, k, standing, afterwards):
                    return tried + 1
    return tried + 1


def every_boundary_of_an_iteration(points: Iterable[int]) -> int:
    """From the decision on, through the whole life of generation 2."""
    with patch("states.steps.analyze._compare_with_parent", lambda *_: Standing.NOT_WORSE):
        for tried, k in enumerate(points):
            with machine() as world:
                if not _crash(world, _live, _iterate, k, Standing.NOT_WORSE, "go on"):
                    return tried + 1
    return tried + 1


def _crash(
    world: World,
    before: Callable[[Agent], None],
    life: Callable[[Agent], object],
    k: int,
    standing: Standing,
    afterwards: str,
) -> bool:
    """False if the life was over before point `k`."""
    world.service.lag = LAG
    first = world.start().begin()
    before(first)
    first.close()
    # A person's deployment of the same model, under another name, is nobody's to delete.
    world.service.deploy_by_hand("de-otra", first_model(world))
    point = Boundary(k)
    was_ended = ended(world, point, life)
    where = f"{standing}, {afterwards}, after a crash at point {k}: {point.trail}"
    agent = world.start().begin()
    _check_one_serves(world, where)
    if afterwards == "go on":
        _go_on(world, agent, standing, where)
    else:
        _cancel(world, agent, afterwards, where)
    nobody_elses_is_gone(world)
    agent.close()
    return was_ended


def first_model(world: World) -> str:
    return str(next(iter(world.service.jobs.values())).model)


def _check_one_serves(world: World, where: str) -> None:
    """At no moment is there neither the old deployment nor the new one."""
    assert _ours(world), f"no deployment is left {where}"


def _go_on(world: World, agent: Agent, standing: Standing, where: str) -> None:
    if agent.project.generation == 1:  # it ended before the decision was made
        _decide_to_iterate(agent)
    agent.rest()
    audit(world, agent)
    assert agent.project.state is State.ANALYZED, f"{agent.project} {where}"
    assert _ours(world) == STAYS[standing], f"{_ours(world)} {where}"
    deleted = [a.subject for a in world.service.ledger if a.kind == "delete_deployment"]
    assert sorted(deleted) == sorted({OLD, NEW} - STAYS[standing]), f"{deleted} {where}"


def _cancel(world: World, agent: Agent, afterwards: str, where: str) -> None:
    """Nothing of ours is left; or the old one alone, as long as it has not given way."""
    keeps = afterwards == "keep the parent"
    refusal = agent.decide(lambda operator: operator.cancel(NAME, False, keeps))
    agent.rest()
    if refusal is None and keeps:
        assert _ours(world) == {OLD}, f"{_ours(world)} {where}"
        parent = agent.project.facts.parent
        assert parent is not None and parent.answers_at == OLD, where
    if keeps:
        refusals = ("could be kept", "deleted already")
        assert refusal is None or any(map(refusal.__contains__, refusals)), f"{refusal} {where}"
        _check_one_serves(world, where)
        agent.decide(lambda operator: operator.cancel(NAME, False))
        agent.rest()
    check_tidy(world, agent, where)


def _ours(world: World) -> set[str]:
    return {d.name for d in world.service.deployments.values() if not d.by_hand}


def _live(agent: Agent) -> None:
    assert agent.rest().state is State.ANALYZED


def _live_to_succession(agent: Agent) -> None:
    _live(agent)
    _decide_to_iterate(agent)
    while agent.project.state is not State.EVALUATED:
        agent.wait()
        agent.tick()


def _decide_to_iterate(agent: Agent) -> None:
    assert agent.decide(lambda operator: operator.iterate(NAME)) is None


def _iterate(agent: Agent) -> None:
    _decide_to_iterate(agent)
    agent.rest()


def _rest(agent: Agent) -> None:
    agent.begin().rest()
