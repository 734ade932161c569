"""A checkpoint takes the place of the model, and a process ends at every point of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from agent.engine.checkpoints import plan_checkpoint
from agent.engine.decisions import Decisions
from states.facts import known
from states.state import State
from tests.crash.agent import Agent
from tests.crash.audit import audit, counts, nobody_elses_is_gone
from tests.crash.boundary import Boundary
from tests.crash.proofs.lives import check_tidy, ended
from tests.crash.shop import NAME, UID
from tests.crash.world import World, machine
from tests.fake_objects import LAG

NEW = f"{NAME}-{UID}-g2"


def every_boundary_of_a_choice(state: State, points: Iterable[int], afterwards: str) -> int:
    """Made in `state`, and lived until it answers. `afterwards`: "go on", or "cancel"."""
    for tried, k in enumerate(points):
        with machine() as world:
            if not _crash(world, state, k, afterwards):
                return tried + 1
    return tried + 1


def _crash(world: World, state: State, k: int, afterwards: str) -> bool:
    """False if the life was over before point `k`."""
    world.service.lag = LAG
    first = world.start().begin()
    while first.project.state is not state:
        first.wait()
        first.tick()
    first.close()
    # A person's deployment of the same model, under another name, is nobody's to delete.
    model = str(next(iter(world.service.jobs.values())).model)
    if state is State.ANALYZED:
        world.service.deploy_by_hand("de-otra", model)
    point = Boundary(k)
    was_ended = ended(world, point, _choose_and_deploy)
    where = f"{state}, after a crash at point {k}: {point.trail}"
    agent = world.start().begin()
    if afterwards == "cancel":
        _cancel(world, agent, where)
    else:
        _go_on(world, agent, model, where)
    _never_two_at_once(world, where)
    nobody_elses_is_gone(world)
    agent.close()
    return was_ended


def _choose(agent: Agent) -> None:
    plan = partial(plan_checkpoint, wanted="best")
    _insist(agent, lambda operator: operator.reopen(NAME, plan))


def _choose_and_deploy(agent: Agent) -> None:
    _choose(agent)
    while agent.project.state is not State.DEPLOYED:
        agent.wait()
        agent.tick()


def _insist(agent: Agent, decision: Callable[[Decisions], object]) -> None:
    """A person does, who is told that an unanswered deletion has to settle first."""
    for _ in range(60):
        refusal = agent.decide(decision)
        if refusal is None or "settle" not in refusal:
            break
        agent.world.clock.spend(1.0)
    assert refusal is None or "nothing to cancel" in refusal or "deleted already" in refusal, (
        refusal
    )


def _go_on(world: World, agent: Agent, model: str, where: str) -> None:
    """Whoever got no answer repeats the command; what was chosen already stays so."""
    _choose(agent)
    agent.rest()
    audit(world, agent)
    project = agent.project
    assert (project.state, project.generation) == (State.ANALYZED, 2), f"{project} {where}"
    assert known(project.facts.trained).model == f"{model}:ckpt-step-5", where
    ours = {d.name: d.model for d in world.service.deployments.values() if not d.by_hand}
    assert ours == {NEW: f"{model}:ckpt-step-5"}, f"{ours} {where}"
    assert counts(world)["create_job"] == 1, f"{counts(world)} {where}"


def _cancel(world: World, agent: Agent, where: str) -> None:
    _insist(agent, lambda operator: operator.cancel(NAME, False))
    agent.rest()
    check_tidy(world, agent, where)


def _never_two_at_once(world: World, where: str) -> None:
    alive: set[str] = set()
    for act in world.service.ledger:
        if act.kind == "create_deployment":
            alive.add(act.subject)
        if act.kind == "delete_deployment":
            alive.discard(act.subject)
        assert len(alive) < 2, f"two deployments of ours at once: {world.service.ledger} {where}"
