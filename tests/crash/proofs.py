"""The proofs by enumeration, each a function: the tests call them, and the sabotage tests call them expecting a failure."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from typing import Any

from agent.engine.decisions import Decisions
from states.model import Project
from states.places import Artifact, place_of
from states.state import State
from tests.crash.service import LAG, SEND, SETTLE, TIMEOUT, Fate
from tests.crash.world import (
    EDITABLE,
    NAME,
    Agent,
    Boundary,
    Ended,
    World,
    asked,
    audit,
    counts,
    machine,
    nothing_lives,
    written,
)

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
        return Untouched(point.count, written(world.home), _events(agent))


def _events(agent: Agent) -> tuple[str, ...]:
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


# Every boundary ---------------------------------------------------------------------------------------------------------


def every_boundary(points: Iterable[int], *, power_cut: bool = False, crashes: int = 1) -> int:
    """A process ends at each point in turn (`crashes` times in a row, at the same distance), and another goes on. The number tried."""
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
    assert _events(agent) == untouched().events, f"{_events(agent)} {where}"
    found = written(world.home)
    different = [name for name in found if found[name] != untouched().files[name]]
    assert not different, f"{different} differ {where}"
    return True


def cancel_after_every_boundary(points: Iterable[int]) -> int:
    """A process ends at each point in turn, and the first thing afterwards is a person's `cancel`."""
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
            _is_tidy(world, agent, f"after a crash at point {k}: {point.trail}")
            if survived:
                return tried + 1
    return tried + 1


def _is_tidy(world: World, agent: Agent, where: str) -> None:
    audit(world, agent)
    assert agent.project.hold is None and agent.project.due_at is None, f"{agent.project} {where}"
    try:
        nothing_lives(world)
    except AssertionError as error:
        raise AssertionError(f"{error} {where}") from error


def every_boundary_of_a_cancellation(
    state: State, points: Iterable[int], *, auto: bool = True
) -> int:
    """In `state` a person cancels; the process ends at each point of that and of the tidying up, and another goes on."""
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
            _is_tidy(
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


# Every fate of a request ------------------------------------------------------------------------------------------------

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
    """Each sequence of fates for each kind of mutation, with and without lagging listings and slow looks. The number tried."""
    scripts = list(product(kinds, product(FATES, repeat=length), (0.0, LAG), (False, True)))[
        ::stride
    ]
    for kind, fates, lag, slow in scripts:
        with machine() as world:
            world.settle = settle or world.settle
            world.service.lag = lag
            world.service.fates[kind].extend(fates)
            agent = world.start().begin()
            _knocking(agent, slow)
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
    """The way to the wire takes long, the process ends as the request leaves, and it is acted upon as late as that may be."""
    tried = 0
    for kind, seconds in product(kinds, (0.0, SEND * 0.9, SEND * 1.5, TIMEOUT * 0.9)):
        with machine() as world:
            world.service.lag, world.service.connecting = LAG, seconds
            point = Boundary()
            point.in_flight = partial(_ends_in_flight, point, kind)  # type: ignore[method-assign]
            ended(world, point, lambda agent: _knocking(agent.begin(), slow=False, most=60))
            world.service.connecting = 0.0
            agent = world.start().begin()
            _knocking(agent, slow=False)
            all_once(world, agent, f"{kind} took {seconds} s to be sent")
            tried += 1
    return tried


def _ends_in_flight(point: Boundary, kind: str, name: str, send: Callable[[], None]) -> None:
    if name.startswith(kind):
        send()
        point.end(name)


def _knocking(agent: Agent, slow: bool, most: int | None = None) -> None:
    """As `rest`, but a person's `advance` looks again every second, and each look may take nearly as long as it may."""
    project = agent.project
    for _ in range(most or 400):
        if project.due_at is None:
            return
        if slow:
            agent.world.service.looks.append(Fate("slow", TIMEOUT * 0.99))
        project = agent.tick().after
        agent.world.clock.spend(0.97)
    assert most, f"it does not come to rest: {project}"


# Two at once ------------------------------------------------------------------------------------------------------------


def every_meeting(
    points: Iterable[int],
    guest: Callable[[World, bool], object],
    check: Callable[[World, Agent, str], None],
) -> int:
    """At each point in turn the agent is stopped, `guest` does as it likes, and the agent goes on none the wiser.

    `guest` is told whether time may pass meanwhile (it may not between a stamp and its request: docs/guarantees.md).
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
        _is_tidy(world, agent, where)


def every_stale_tick(points: Iterable[int]) -> int:
    """A person cancels, or begins anew; at each point of that, an agent that loaded the project before wakes and sends what is next.

    Beside the cancellation it goes on as far as it can; beside the beginning anew it dies as its request leaves.
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
                (_restart if restarts else _cancel)(world, other)
                where = (
                    f"{state}, restarts: {restarts}, a stale agent awoke at point {k}:"
                    f" {point.trail}"
                )
                survived.append(not point.trail)
                last = world.start().begin()
                last.rest()
                _cancel(world, last)
                world.clock.spend(60)
                _is_tidy(world, last, where)
                tried += 1
        if all(survived):
            return tried
    return tried


def _wake(world: World, stale: Project, dies: bool, _point: str) -> None:
    point = Boundary()
    if dies:
        point.in_flight = partial(_ends_in_flight, point, "")  # type: ignore[method-assign]
    ended(world, point, lambda agent: agent.ticker._ticked(stale))


def _cancel(_world: World, agent: Agent) -> None:
    agent.decide(lambda operator: operator.cancel(NAME, False))
    agent.rest()


# New generations --------------------------------------------------------------------------------------------------------


def every_new_generation() -> int:
    """While a request is unanswered, a person begins anew (restart, or cancel and retry). Nothing is sent twice, nothing is forgotten."""
    tried = 0
    ways = (_restart, _cancel_and_retry, _edit_and_keep)
    for kind, fate, way, name in product(
        ("upload", "create_job", "create_deployment"),
        (Fate("late", TIMEOUT * 0.9), Fate("silent")),
        ways,
        (None, "modelo"),
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
            _everything_ours_is_gone(world, where)
            tried += 1
    return tried


def every_restart(
    states: Sequence[State] = tuple(LIVING), names: Sequence[str | None] = (None, "modelo")
) -> int:
    """In each state a person restarts, or fails the remote side and retries; at the end they cancel. Nothing of ours is left."""
    tried = 0
    for state, way, name in product(
        [*states, State.ANALYZED], (_restart, _fail_and_retry, _cancel_and_retry), names
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
            _everything_ours_is_gone(world, where)
            tried += 1
    return tried


def _restart(world: World, agent: Agent) -> None:
    for _ in range(30):
        refusal = agent.decide(lambda operator: operator.retry(NAME, restore=False, restart=True))
        if refusal is None:
            return
        if "cancel" in refusal:
            _cancel_and_retry(world, agent)
            return
        world.clock.spend(1.0)
    raise AssertionError(refusal)


def _cancel_and_retry(world: World, agent: Agent) -> None:
    if agent.project.state is not State.ANALYZED:
        agent.decide(lambda operator: operator.cancel(NAME, False))
        agent.rest()
    restart = agent.project.state is State.ANALYZED
    assert (
        agent.decide(lambda operator: operator.retry(NAME, restore=False, restart=restart)) is None
    )


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


def _everything_ours_is_gone(world: World, where: str) -> None:
    try:
        nothing_lives(world)
    except AssertionError as error:
        raise AssertionError(f"{error} {where}") from error


# Files ------------------------------------------------------------------------------------------------------------------


def every_edit() -> int:
    """A person edits each file in each state before the training. Nothing unchecked is trained; the hold names the file and two ways on."""
    tried = 0
    early = LIVING[1 : LIVING.index(State.TRAINING)]
    for place, state, way in product(EDITABLE, early, ("keep", "restore", "undo")):
        with machine() as world:
            agent = world.start().begin()
            while agent.project.state is not state:
                agent.wait()
                agent.tick()
            own = place_of(place, NAME)
            before = (world.home / own).read_bytes() if (world.home / own).is_file() else b""
            if not world.edit(own):
                continue
            agent.rest()
            tried += 1
            where = f"{place} edited in {state}, then {way}"
            is_relied_upon = (place == Artifact.PROMPTS) == (state is State.PROMPTED)
            assert not is_relied_upon or agent.project.hold is not None, f"it did not mind, {where}"
            if agent.project.hold is not None:
                assert own in str(agent.project.hold) and "--restore" in str(agent.project.hold), (
                    f"{agent.project.hold} {where}"
                )
                held_at = len(world.service.ledger)
                for _ in range(3):
                    world.clock.spend(1000)
                    agent.sweep()
                assert len(world.service.ledger) == held_at, f"it went on although held, {where}"
                if way == "undo":
                    (world.home / own).write_bytes(before)
                refusal = agent.decide(
                    partial(Decisions.retry, name=NAME, restore=way == "restore", restart=False)
                )
                assert refusal is None, f"{refusal} {where}"
                agent.rest()
            audit(world, agent)
            assert agent.project.state is State.ANALYZED, f"{agent.project} {where}"
            assert counts(world)["create_job"] == 1, f"{counts(world)} {where}"
    return tried


def every_loss() -> int:
    """Each file is deleted in each state: it is made again, and the end is the same."""
    tried = 0
    for place, state in product(EDITABLE, LIVING):
        with machine() as world:
            agent = world.start().begin()
            while agent.project.state is not state:
                agent.wait()
                agent.tick()
            path = world.home / place_of(place, NAME)
            if not path.exists():
                continue
            path.unlink()
            agent.rest()
            tried += 1
            all_once(world, agent, f"{place} deleted in {state}")
    return tried


# Clocks -----------------------------------------------------------------------------------------------------------------


def every_clock(kinds: Sequence[str] = ("upload", "create_job", "create_deployment")) -> int:
    """The clock is set a day forward or back while a request is unanswered; the machine may have been started anew before that."""
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
            _knocking(agent, slow=False)
            all_once(world, agent, f"{fate.kind} upon {kind}, then the clock was set by {jump} s")
            tried += 1
    return tried
