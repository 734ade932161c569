"""Every fate of a request, every slow connection, every clock that is set."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import product

from states.state import State
from tests.crash.audit import audit, counts
from tests.crash.boundary import Boundary
from tests.crash.proofs.lives import ONCE, all_once, end_in_flight, ended, knock
from tests.crash.world import machine
from tests.fake_objects import LAG, SEND, SETTLE, TIMEOUT, Fate

FATES = (
    Fate("lost"),
    Fate("silent"),
    Fate("late", TIMEOUT * 0.9),
    Fate("refused_connection"),
    Fate("busy", 2.0),
    Fate("slow", TIMEOUT * 0.9),
    Fate("long", SETTLE + 1),
)


def every_fate(
    length: int,
    stride: int = 1,
    *,
    kinds: Sequence[str] = ("upload", "create_job", "create_deployment"),
    settle: float = 0,
) -> int:
    """Each sequence of fates for each kind of mutation, with and without lagging listings and slow
    looks. The number tried.
    """
    scripts = list(product(kinds, product(FATES, repeat=length), (0.0, LAG), (False, True)))[
        ::stride
    ]
    for kind, fates, lag, slow in scripts:
        with machine() as world:
            world.settle = settle or world.settle
            world.service.lag = lag
            world.service.fates[kind].extend(fates)
            agent = world.start().begin()
            knock(agent, slow)
            where = f"after {[f.kind for f in fates]} upon {kind}, lag {lag}, slow looks: {slow}"
            try:
                audit(world, agent)
            except AssertionError as error:
                raise AssertionError(f"{error} {where}") from error
            assert agent.project.state is State.ANALYZED, f"{agent.project} {where}"
            assert counts(world) == ONCE, f"{counts(world)} {where}"
    return len(scripts)


def every_slow_connection(
    kinds: Sequence[str] = ("upload", "create_job", "create_deployment"),
) -> int:
    """The way to the wire takes long, the process ends as the request leaves, and it is acted upon
    as late as that may be.
    """
    tried = 0
    for kind, seconds in product(kinds, (0.0, SEND * 0.9, SEND * 1.5, TIMEOUT * 0.9)):
        with machine() as world:
            world.service.lag, world.service.connecting = LAG, seconds
            point = Boundary()
            point.in_flight = partial(end_in_flight, point, kind)  # type: ignore[method-assign]
            ended(world, point, lambda agent: knock(agent.begin(), slow=False, most=60))
            world.service.connecting = 0.0
            agent = world.start().begin()
            knock(agent, slow=False)
            all_once(world, agent, f"{kind} took {seconds} s to be sent")
            tried += 1
    return tried


def every_clock(kinds: Sequence[str] = ("upload", "create_job", "create_deployment")) -> int:
    """The clock is set a day forward or back while a request is unanswered; the machine may have
    been started anew before that.
    """
    tried = 0
    for kind, jump, fate in product(
        kinds, (86400.0, -86400.0), (Fate("late", TIMEOUT * 0.9), Fate("silent"), Fate("lost"))
    ):
        with machine() as world:
            world.service.lag = LAG
            world.service.fates[kind].append(fate)
            agent = world.start().begin()
            while world.service.fates[kind]:
                agent.wait()
                agent.tick()
            world.clock.offset += jump
            knock(agent, slow=False)
            all_once(world, agent, f"{fate.kind} upon {kind}, then the clock was set by {jump} s")
            tried += 1
    return tried
