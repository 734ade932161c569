"""Lives of an agent: untouched, ended at a point, knocked at; and how each of them must end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from states.state import State
from tests.crash.agent import Agent
from tests.crash.audit import audit, counts, nothing_lives, written
from tests.crash.boundary import Boundary, Ended
from tests.crash.shop import NAME
from tests.crash.world import World, machine
from tests.fake_objects import TIMEOUT, Fate

SEED = int(os.environ.get("AFINADOR_CRASH_SEED", "20260101"))


ONCE = {"upload-training": 1, "upload-validation": 1, "create_job": 1, "create_deployment": 1}


LIVING = [state for state in State if not state.is_terminal]


@dataclass(frozen=True)
class Untouched:
    """What a life looks like in which nothing happens."""

    points: int
    files: dict[str, Any]
    events: tuple[str, ...]


@cache
def untouched() -> Untouched:
    with machine() as world:
        point = Boundary()
        agent = world.start(point).begin()
        assert agent.rest().state is State.ANALYZED
        return Untouched(point.count, written(world.home), events_of(agent))


def events_of(agent: Agent) -> tuple[str, ...]:
    return tuple(checkpoint.event.value for checkpoint in agent.store.history(NAME))


def every(stride: int = 1, offset: int = 0) -> Iterator[int]:
    """0, 1, 2 … without end: whoever uses it stops when a run survives untouched."""
    point = offset
    while True:
        yield point
        point += stride


def ended(world: World, point: Boundary, life: Callable[[Agent], object]) -> bool:
    """Runs `life` in a process of its own. True if it was ended before its time."""
    agent = world.start(point)
    try:
        life(agent)
    except Ended:
        world.crashed(agent)
        return True
    agent.close()
    return False


def check_tidy(world: World, agent: Agent, where: str) -> None:
    audit(world, agent)
    assert agent.project.hold is None and agent.project.due_at is None, f"{agent.project} {where}"
    try:
        nothing_lives(world)
    except AssertionError as error:
        raise AssertionError(f"{error} {where}") from error


def end_in_flight(point: Boundary, kind: str, name: str, send: Callable[[], None]) -> None:
    if name.startswith(kind):
        send()
        point.end(name)


def knock(agent: Agent, slow: bool, most: int | None = None) -> None:
    """As `rest`, but a person's `advance` looks again every second, and each look may take nearly
    as long as it may.
    """
    project = agent.project
    for _ in range(most or 400):
        if project.due_at is None:
            return
        if slow:
            agent.world.service.looks.append(Fate("slow", TIMEOUT * 0.99))
        project = agent.tick().after
        agent.world.clock.spend(0.97)
    assert most, f"it does not come to rest: {project}"


def all_once(world: World, agent: Agent, where: str) -> None:
    try:
        audit(world, agent)
    except AssertionError as error:
        raise AssertionError(f"{error} {where}") from error
    assert agent.project.state is State.ANALYZED, f"{agent.project} {where}"
    assert counts(world) == ONCE, f"{counts(world)} {where}"


def all_gone(world: World, agent: Agent, where: str) -> None:
    agent.rest()
    if agent.project.state is State.CANCELLED:
        check_tidy(world, agent, where)


def cancel(_world: World, agent: Agent) -> None:
    agent.decide(lambda operator: operator.cancel(NAME, False))
    agent.rest()


def restart(world: World, agent: Agent) -> None:
    for _ in range(30):
        refusal = agent.decide(lambda operator: operator.retry(NAME, restore=False, restart=True))
        if refusal is None:
            return
        if "cancel" in refusal:
            cancel_and_retry(world, agent)
            return
        world.clock.spend(1.0)
    raise AssertionError(refusal)


def cancel_and_retry(world: World, agent: Agent) -> None:
    if agent.project.state is not State.ANALYZED:
        agent.decide(lambda operator: operator.cancel(NAME, False))
        agent.rest()
    restart = agent.project.state is State.ANALYZED
    assert (
        agent.decide(lambda operator: operator.retry(NAME, restore=False, restart=restart)) is None
    )


def check_nothing_lives(world: World, where: str) -> None:
    try:
        nothing_lives(world)
    except AssertionError as error:
        raise AssertionError(f"{error} {where}") from error
