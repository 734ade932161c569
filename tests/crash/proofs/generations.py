"""A person begins anew in every state, also while a request is unanswered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from states.places import Artifact, place_of
from states.state import State
from tests.crash.agent import Agent
from tests.crash.audit import audit, counts
from tests.crash.proofs.lives import LIVING, ONCE, cancel_and_retry, check_nothing_lives, restart
from tests.crash.shop import NAME
from tests.crash.world import World, machine
from tests.fake_objects import LAG, TIMEOUT, Fate


def every_new_generation(names: Sequence[str | None] = (None, "modelo")) -> int:
    """While a request is unanswered, a person begins anew (restart, or cancel and retry).

    Nothing is sent twice, nothing is forgotten.
    """
    tried = 0
    ways = (restart, cancel_and_retry, _edit_and_keep)
    for kind, fate, way, name in product(
        ("upload", "create_job", "create_deployment"),
        (Fate("late", TIMEOUT * 0.9), Fate("silent")),
        ways,
        names,
    ):
        with machine(deployment_name=name) as world:
            world.service.lag = LAG
            world.service.fates[kind].append(fate)
            agent = world.start().begin()
            while world.service.fates[kind]:
                agent.wait()
                agent.tick()
            way(world, agent)
            where = f"{fate.kind} upon {kind}, then {way.__name__}, deployment {name}"
            agent.rest()
            try:
                audit(world, agent)
            except AssertionError as error:
                raise AssertionError(f"{error} {where}") from error
            assert agent.project.state is State.ANALYZED, f"{agent.project} {where}"
            assert counts(world)["upload-training"] <= 2, f"{counts(world)} {where}"
            agent.decide(lambda operator: operator.cancel(NAME, False))
            check_nothing_lives(world, where)
            tried += 1
    return tried


def every_restart(
    states: Sequence[State] = tuple(LIVING), names: Sequence[str | None] = (None, "modelo")
) -> int:
    """In each state a person restarts, or fails the remote side and retries; at the end they
    cancel. Nothing of ours is left.
    """
    tried = 0
    for state, way, name in product(
        [*states, State.ANALYZED], (restart, _fail_and_retry, cancel_and_retry), names
    ):
        with machine(deployment_name=name) as world:
            agent = world.start().begin()
            while agent.project.state is not state:
                agent.wait()
                agent.tick()
            way(world, agent)
            agent.rest()
            where = f"{way.__name__} in {state}, deployment {name}"
            audit(world, agent)
            assert agent.project.state is State.ANALYZED, f"{agent.project} {where}"
            if way is _fail_and_retry:
                assert counts(world) == ONCE, (
                    f"a look that was refused is paid for again: {counts(world)} {where}"
                )
            assert agent.decide(lambda operator: operator.cancel(NAME, False)) is None
            check_nothing_lives(world, where)
            tried += 1
    return tried


def _edit_and_keep(world: World, agent: Agent) -> None:
    world.edit(place_of(Artifact.TRAINING, NAME))
    agent.rest()
    if agent.project.hold is not None:
        assert (
            agent.decide(lambda operator: operator.retry(NAME, restore=False, restart=False))
            is None
        )


def _fail_and_retry(world: World, agent: Agent) -> None:
    """The next look at the service ends in a refusal (HTTP 400)."""
    world.service.looks.append(Fate("refused"))
    agent.rest()
    world.service.looks.clear()
    if agent.project.state is State.FAILED or agent.project.hold is not None:
        refusal = agent.decide(lambda operator: operator.retry(NAME, restore=False, restart=False))
        for _ in range(30):
            if refusal is None:
                break
            world.clock.spend(1.0)
            refusal = agent.decide(
                lambda operator: operator.retry(NAME, restore=False, restart=False)
            )
        assert refusal is None
