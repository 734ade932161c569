"""A training that is over the budget, and a process that ends at every point on the way to it."""

from __future__ import annotations

from collections.abc import Iterable

from states.state import Event, State
from tests.crash.agent import Agent
from tests.crash.boundary import Boundary
from tests.crash.proofs.lives import all_once, ended, events_of
from tests.crash.shop import NAME
from tests.crash.world import World, machine

LITTLE, ENOUGH = 1e-6, 5.0  # USD; the training is estimated at some thousandths


def every_boundary_over_budget(points: Iterable[int]) -> int:
    """From the first state to the hold, and then while a person's budget lets it go on."""
    for tried, k in enumerate(points):
        with machine() as world:
            world.budget = LITTLE
            first, where = Boundary(k), f"a crash at point {k}"
            was_ended = ended(world, first, until_held)
            agent = world.start().begin()
            until_held(agent)
            _check_nothing_is_paid(world, where)
            agent.close()
            was_ended |= ended(world, Boundary(k), _raise_budget)
            agent = world.start().begin()
            _raise_budget(agent)
            assert events_of(agent).count(Event.BUDGET_SET) == 1, where
            all_once(world, agent, where)
            agent.close()
            if not was_ended:
                return tried + 1
    return tried + 1


def until_held(agent: Agent) -> None:
    agent.begin()
    for _ in range(50):
        project = agent.project
        if project.hold is not None and project.state is State.VALIDATED:
            return
        agent.wait(project)
        agent.tick()
    raise AssertionError(f"it is not held: {agent.project}")


def _raise_budget(agent: Agent) -> None:
    """Said again after a crash, as a person does who has seen no answer."""
    agent.begin()
    assert agent.decide(lambda operator: operator.advance(NAME, None, ENOUGH)) is None
    agent.rest()


def _check_nothing_is_paid(world: World, where: str) -> None:
    assert not world.service.ledger, f"{world.service.ledger} {where}"
