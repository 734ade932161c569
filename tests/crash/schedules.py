"""Schedules nobody would think of: Hypothesis picks what happens next, and after each step
everything must still be true.

Longer than most files: Hypothesis wants every rule in one class.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from states.model import Project
from states.places import Artifact, place_of
from tests.crash.agent import Agent
from tests.crash.audit import audit
from tests.crash.boundary import Boundary, Ended
from tests.crash.endings import cancels_well, ends_well
from tests.crash.happenings import (
    COMMAND,
    COMMANDS,
    FATES,
    GUEST,
    LOOKS,
    MUTATED,
    NAMES,
    POINTS,
    SECONDS,
)
from tests.crash.shop import EDITABLE, NAME
from tests.crash.world import World, machine
from tests.fake_objects import DAY, LAG, SEND, Fate


class Schedule(RuleBasedStateMachine):
    """One machine, one service, a daemon, and everything that can come between."""

    done = 0  # schedules that ran to their end
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.world: World
        self.agent: Agent
        self.ok = True

    @initialize(auto=st.booleans(), name=st.sampled_from([None, "modelo"]), cancels=st.booleans())
    def begin(self, auto: bool, name: str | None, cancels: bool) -> None:
        self.world = self._stack.enter_context(machine(auto=auto, deployment_name=name))
        self.cancels = cancels
        self.troubled = (
            False  # a person, or the service itself, may have kept the project from its end
        )
        self.agent = self.world.start().begin()
        self.stale: Project = self.agent.project

    # What happens ---------------------------------------------------------------------------------

    @rule(ticks=st.integers(1, 6), wait=st.booleans())
    def tick(self, ticks: int, wait: bool) -> None:
        for _ in range(ticks):
            if wait and not self._idle():
                self.agent.wait()
            self.agent.sweep()
        self._check()

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self.world.clock.spend(seconds)

    @rule(k=POINTS, wait=st.booleans())
    def crash(self, k: int, wait: bool) -> None:
        self._cut_off(lambda agent: self._a_tick(agent, wait), k)

    @rule(k=POINTS, command=COMMAND)
    def crash_of_a_command(self, k: int, command: str) -> None:
        self._troubled_by(command)
        self._cut_off(lambda agent: agent.decide(COMMANDS[NAMES.index(command)]), k, daemon=False)

    @rule(kind=MUTATED, fates=st.lists(FATES, min_size=1, max_size=2))
    def requests_fare_badly(self, kind: str, fates: list[Fate]) -> None:
        self.world.service.fates[kind].extend(fates)

    @rule(looks=st.lists(LOOKS, min_size=1, max_size=3))
    def looks_fare_badly(self, looks: list[Fate]) -> None:
        self.world.service.looks.extend(looks)
        self.troubled |= any(look.kind in ("refused", "unknown") for look in looks)

    @rule(kind=st.sampled_from(["cancel_job", "delete_deployment"]), times=st.integers(1, 2))
    def endings_are_told_that_there_is_nothing(self, kind: str, times: int) -> None:
        self.world.service.fates[kind].extend([Fate("unknown")] * times)

    @rule(seconds=st.sampled_from([0.0, SEND * 0.9, SEND * 1.5]))
    def connections_take_long(self, seconds: float) -> None:
        self.world.service.connecting = seconds

    @rule(lag=st.sampled_from([0.0, 1.0, LAG]))
    def listings_lag(self, lag: float) -> None:
        self.world.service.lag = lag

    @rule(k=POINTS, guest=GUEST, seconds=SECONDS)
    def meeting(self, k: int, guest: str, seconds: float) -> None:
        """The daemon is stopped in the middle of a tick, something else happens, and it goes on
        none the wiser.
        """
        self._troubled_by(guest)
        agent = self.world.start(Boundary(k))
        agent.point.then = lambda _: self._guest(guest, seconds, agent)
        self._a_tick(agent, True)
        agent.close()
        self._check()

    @rule(seconds=SECONDS)
    def second_agent(self, seconds: float) -> None:
        self._guest("ticks", seconds, self.agent)
        self._check()

    @rule()
    def remember(self) -> None:
        """An agent loads the project and is stopped at once."""
        self.stale = self.agent.project

    @rule()
    def stale_agent_wakes(self) -> None:
        self._guest("stale", 0, self.agent)
        self._check()

    @rule(days=st.sampled_from([-1, 1]))
    def clock_is_set(self, days: int) -> None:
        self.world.clock.offset += days * DAY

    @rule(command=COMMAND)
    def command(self, command: str) -> None:
        self._troubled_by(command)
        self._guest(command, 0, self.agent)
        self._check()

    @rule(place=st.sampled_from(EDITABLE))
    def edit(self, place: str) -> None:
        self.troubled |= self.world.edit(place_of(place, NAME))

    @rule(as_suggested=st.booleans())
    def deploy_by_hand(self, as_suggested: bool) -> None:
        requested = self.agent.project.facts.requested
        suggested = requested.name if requested and not self.world.auto else None
        self.world.deploy_by_hand(suggested if as_suggested and suggested else "a-mano")

    @rule()
    def somebody_replaces_our_deployments(self) -> None:
        self.troubled |= self.world.replace_by_hand()
        # Until a listing shows it nobody can know of it: docs/guarantees.md names that window.
        self.world.clock.spend(LAG)

    @precondition(lambda self: not self.troubled)
    @rule()
    def the_next_job_fails(self) -> None:
        self.world.service.failing_jobs += 1
        self.troubled = True

    # How it happens -------------------------------------------------------------------------------

    def _idle(self) -> bool:
        return self.agent.project.due_at is None

    def _a_tick(self, agent: Agent, wait: bool) -> None:
        if agent.project.due_at is not None:
            if wait:
                agent.wait()
            agent.sweep()

    def _cut_off(self, life: Callable[[Agent], object], k: int, *, daemon: bool = True) -> None:
        agent = self.world.start(Boundary(k))
        try:
            life(agent)
            agent.close()
        except Ended:
            self.world.crashed(agent)
        if daemon:
            self.agent.close()
            self.agent = self.world.start().begin()
        self._check()

    def _guest(self, guest: str, seconds: float, host: Agent) -> None:
        """Whatever it is, no time passes while the host stands between its stamp and its request
        (docs/guarantees.md).
        """
        hurry, self.world.service.in_a_hurry = self.world.service.in_a_hurry, host.sending
        point = Boundary(int(seconds * 3) + 5) if guest == "dies" else Boundary()
        other = self.world.start(point)
        try:
            self._does(guest, seconds, other, not host.sending)
        except Ended:
            self.world.crashed(other)
        other.close()
        self.world.service.in_a_hurry = hurry

    def _does(self, guest: str, seconds: float, other: Agent, time_may_pass: bool) -> None:
        if guest in NAMES:
            other.decide(COMMANDS[NAMES.index(guest)])
        elif guest == "stale":
            other.ticker.tick_loaded(self.stale)
        elif guest == "edits":
            self.world.edit(place_of(Artifact.TRAINING, NAME))
        elif time_may_pass and guest == "time":
            self.world.clock.spend(seconds)
        elif time_may_pass and guest == "rests":
            self.world.service.connecting = (
                0.0  # while no connection is quick enough nothing comes to rest
            )
            other.rest()
        else:
            for _ in range(4):
                other.sweep()

    def _troubled_by(self, what: str) -> None:
        self.troubled |= what.startswith(("retry", "cancel", "edits"))

    def _check(self) -> None:
        Schedule.steps += 1
        try:
            audit(self.world, self.agent)
        except BaseException:
            self.ok = False
            raise

    # The end --------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if self.ok and hasattr(self, "agent"):
                ends_well(self.world, self.agent, troubled=self.troubled)
                if self.cancels:
                    cancels_well(self.world, self.agent)
                Schedule.done += 1
        finally:
            self._stack.close()


def prove(number: int, schedules: int, steps: int = 25, *, shrink: bool = True) -> int:
    """Runs so many schedules from the seed `number`.

    Returns how many there were; fails with the shortest that breaks a promise.
    """
    Schedule.done = Schedule.steps = 0
    seed(number)(Schedule)
    chosen = settings(
        max_examples=schedules,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    run_state_machine_as_test(Schedule, settings=chosen)
    return Schedule.done
