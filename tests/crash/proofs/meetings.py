"""Two at once: an agent is stopped at every point, and somebody else does as they like."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import product

from states.model import Project
from states.state import State
from tests.crash.agent import Agent
from tests.crash.boundary import Boundary
from tests.crash.proofs.lives import cancel, check_tidy, end_in_flight, ended, restart
from tests.crash.shop import NAME
from tests.crash.world import World, machine
from tests.fake_objects import TIMEOUT


def every_meeting(
    points: Iterable[int],
    guest: Callable[[World, bool], object],
    check: Callable[[World, Agent, str], None],
) -> int:
    """At each point in turn the agent is stopped, `guest` does as it likes, and the agent goes on
    none the wiser.

    `guest` is told whether time may pass meanwhile (it may not between a stamp and its request:
    docs/guarantees.md).
    """
    for tried, k in enumerate(points):
        with machine() as world:
            point = Boundary(k)
            agent = world.start(point)

            def meet(_: str, world: World = world, agent: Agent = agent) -> None:
                world.service.in_a_hurry = agent.sending
                guest(world, not agent.sending)
                world.service.in_a_hurry = False

            point.then = meet
            agent.begin().rest()
            check(world, agent, f"after a meeting at point {k}: {point.trail}")
            if not point.trail:
                return tried
    return tried + 1


def another_agent(world: World, time_may_pass: bool) -> None:
    """A second daemon on the same database, as far as it gets."""
    other = world.start().begin()
    if time_may_pass:
        other.rest()
    else:
        for _ in range(3):
            other.sweep()
    other.close()


def another_agent_that_dies(world: World, time_may_pass: bool) -> None:
    """A second daemon whose first request leaves it in the moment it is killed; a while passes."""
    if not time_may_pass:
        return
    point = Boundary()
    seen: list[str] = []
    point.in_flight = lambda name, send: (send(), seen.append(name), point.end(name))  # type: ignore[method-assign]
    if ended(world, point, lambda agent: agent.begin().rest()):
        world.clock.spend(TIMEOUT * 0.8)


def a_person_cancels(world: World, time_may_pass: bool) -> None:
    """`cancel` in another terminal, with all the tidying up."""
    other = world.start()
    if other.store.load(NAME) is not None:
        other.decide(lambda operator: operator.cancel(NAME, False))
        if time_may_pass:
            other.rest()
    other.close()


def every_stale_tick(points: Iterable[int]) -> int:
    """A person cancels, or begins anew; at each point of that, an agent that loaded the project
    before wakes and sends what is next.

    Beside the cancellation it goes on as far as it can; beside the beginning anew it dies as its
    request leaves.
    """
    tried = 0
    for k in points:
        survived = []
        for state, restarts in product(
            (State.VALIDATED, State.UPLOADED, State.TRAINED), (False, True)
        ):
            with machine() as world:
                daemon = world.start().begin()
                while daemon.project.state is not state:
                    daemon.wait()
                    daemon.tick()
                point = Boundary(k)
                point.then = partial(_wake, world, daemon.project, restarts)
                other = world.start(point)
                (restart if restarts else cancel)(world, other)
                where = (
                    f"{state}, restarts: {restarts}, a stale agent awoke at point {k}:"
                    f" {point.trail}"
                )
                survived.append(not point.trail)
                last = world.start().begin()
                last.rest()
                cancel(world, last)
                world.clock.spend(60)
                check_tidy(world, last, where)
                tried += 1
        if all(survived):
            return tried
    return tried


def _wake(world: World, stale: Project, dies: bool, _point: str) -> None:
    point = Boundary()
    if dies:
        point.in_flight = partial(end_in_flight, point, "")  # type: ignore[method-assign]
    ended(world, point, lambda agent: agent.ticker.tick_loaded(stale))
