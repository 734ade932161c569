"""A process ends at every point it passes, and another goes on from the disk alone."""

from __future__ import annotations

from collections.abc import Iterable

from states.state import State
from tests.crash.agent import Agent
from tests.crash.audit import asked, audit, counts, written
from tests.crash.boundary import Boundary
from tests.crash.proofs.lives import ONCE, check_tidy, ended, events_of, untouched
from tests.crash.shop import NAME
from tests.crash.world import World, machine
from tests.fake_objects import LAG


def every_boundary(points: Iterable[int], *, power_cut: bool = False, crashes: int = 1) -> int:
    """A process ends at each point in turn (`crashes` times in a row, at the same distance), and
    another goes on. The number tried.
    """
    for tried, k in enumerate(points):
        with machine() as world:
            if not _crash_and_go_on(world, k, power_cut, crashes):
                return tried
    return tried + 1


def _crash_and_go_on(world: World, k: int, power_cut: bool, crashes: int) -> bool:
    kept: dict[str, int] = {}
    for number in range(crashes):
        point = Boundary(k)
        point.power_cut = power_cut
        if not ended(world, point, lambda agent: agent.begin().rest()):
            return number > 0
        last = world.start()
        before = asked(world)
        for question, times in kept.items():
            assert before[question] == times, (
                f"asked again although its answer was kept, after a crash at point {k}:"
                f" {point.trail}"
            )
        model = last.model if last.store.load(NAME) else None
        kept = {q: before[q] for q in last.store.memory(NAME).answers(model)} if model else {}
        last.close()
    agent = world.start().begin()
    agent.rest()
    where = f"after a crash at point {k}: {point.trail}"
    audit(world, agent)
    assert agent.project.state is State.ANALYZED, f"{agent.project} {where}"
    assert counts(world) == ONCE, f"{counts(world)} {where}"
    for question, times in kept.items():
        assert asked(world)[question] == times, f"asked again although its answer was kept, {where}"
    assert all(times <= 1 + crashes for times in asked(world).values()), where
    assert events_of(agent) == untouched().events, f"{events_of(agent)} {where}"
    found = written(world.home)
    different = [name for name in found if found[name] != untouched().files[name]]
    assert not different, f"{different} differ {where}"
    return True


def cancel_after_every_boundary(points: Iterable[int]) -> int:
    """A process ends at each point in turn, and the first thing afterwards is a person's
    `cancel`.
    """
    for tried, k in enumerate(points):
        with machine() as world:
            point = Boundary(k)
            survived = not ended(world, point, lambda agent: agent.begin().rest())
            agent = world.start().begin()
            refusal = agent.decide(lambda operator: operator.cancel(NAME, False))
            agent.rest()
            assert refusal is None and agent.project.state in (
                State.CANCELLED,
                State.ANALYZED,
            ), f"{refusal} {agent.project}"
            check_tidy(world, agent, f"after a crash at point {k}: {point.trail}")
            if survived:
                return tried + 1
    return tried + 1


def every_boundary_of_a_cancellation(
    state: State, points: Iterable[int], *, auto: bool = True
) -> int:
    """In `state` a person cancels; the process ends at each point of that and of the tidying up,
    and another goes on.
    """
    for tried, k in enumerate(points):
        with machine(auto=auto) as world:
            world.service.lag = LAG
            daemon = world.start().begin()
            while daemon.project.state is not state:
                daemon.wait()
                daemon.tick()
            daemon.close()
            point = Boundary(k)
            survived = not ended(world, point, _cancelling)
            agent = world.start().begin()
            if agent.project.state is not State.CANCELLED:
                assert not survived
                agent.decide(lambda operator: operator.cancel(NAME, False))
            agent.rest()
            check_tidy(
                world,
                agent,
                f"{state}, after a crash at point {k} of the cancellation: {point.trail}",
            )
            if survived:
                return tried
    return tried + 1


def _cancelling(agent: Agent) -> None:
    assert agent.decide(lambda operator: operator.cancel(NAME, False)) is None
    agent.rest()
