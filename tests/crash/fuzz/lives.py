"""The life of a project whose service answers with anything at all, and what must be true of it.

search.py has one after the other on a Stage.

Longer than other files, so that a whole life stands in one place.
"""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from agent.engine.cleanup import plan_cleanup
from agent.engine.decisions import Decisions
from agent.engine.pausing import plan_order
from agent.engine.retry_plan import is_over
from agent.providers import overview
from agent.providers.arm import Arm, ArmAccount
from agent.providers.azure import AzureService
from agent.providers.azure_client import Endpoint
from agent.providers.credentials import Given
from agent.providers.errors import Errors
from agent.redactor import Redactor
from states.facts import known
from states.model import Project
from states.places import Result
from states.stages import PAUSE, RESUME
from states.state import State
from states.steps.leftovers import survey
from states.store_port import Move
from states.text import Text
from tests.crash.agent import Agent
from tests.crash.audit import audit, counts, nothing_lives
from tests.crash.fuzz.azure import Azure
from tests.crash.fuzz.memory import Memory
from tests.crash.fuzz.replies import Reply
from tests.crash.fuzz.requests import Op
from tests.crash.fuzz.server import Server
from tests.crash.proofs.lives import ONCE
from tests.crash.shop import NAME
from tests.crash.world import World, machine
from tests.fake_service import Service

TIMEOUT = 0.3  # seconds of the real clock for each request: what hangs costs as long
MOST_MEMORY = 200 * 2**20  # bytes in one life: with what the program takes anyway, 400 MiB
LONGEST_TICK = 20.0  # seconds, on a busy machine
MOST_TICKS = 400
ENDS = (State.ANALYZED, State.TRAINING, State.ANALYZED, State.DEPLOYED)  # then it is cancelled
MANY = overview.FEW  # of one project in two the jobs and files are followed through the listings
SURFACES = (("2024-12-01-preview", True), ("v1", True), ("2024-12-01-preview", False))
# What a hold or a failure must tell: that it goes on by itself, or what a person can do.
NEXT_STEP = re.compile(
    r"`(retry|cancel|advance)|[Cc]heck|[Ss]et |Delete|Mend|by itself|again|settle|AGENT_|AZURE_"
)

Orders = Mapping[Op, tuple[Reply | None, ...]]


@dataclass
class Life:
    """What happened in one life. `faults`: what must not; empty if it went well."""

    delivered: list[Reply] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Remote:
    """The real provider on the server, and what the audits ask of the service in memory."""

    def __init__(self, service: Service, provider: AzureService) -> None:
        self._service, self._provider = service, provider
        self.in_a_hurry = False

    def connect(self) -> None:
        """The real one does that itself."""

    def __getattr__(self, name: str) -> Any:
        own = ("ledger", "jobs", "files", "deployments", "deploy_by_hand")
        return getattr(self._service if name in own else self._provider, name)


class Stage:
    """The server and a provider for each surface, for many lives: a new client is expensive."""

    def __init__(self) -> None:
        self.server = Server()
        self.logged: list[str] = []
        errors = Errors(self.server.url, Redactor(["a-key"]))
        account = ArmAccount(self.server.url, "s", "g", "a", "standard", 1)
        self.providers = [
            AzureService(
                Endpoint(self.server.url, "a-key", version, TIMEOUT),
                Arm(account, Given("a-token"), TIMEOUT, errors) if with_arm else None,
                errors,
            )
            for version, with_arm in SURFACES
        ]

    def close(self) -> None:
        for provider in self.providers:
            provider.close()
        self.server.close()

    def live(self, number: int, orders: Orders) -> Life:
        """One life to its end, then a cancellation to its end, or what went wrong."""
        surface, life = number % len(SURFACES), Life()
        auto = SURFACES[surface][1]
        with machine(auto=auto) as world:
            service: Service = world.service
            self.server.azure = Azure(service)
            self.server.orders.clear()
            self.server.orders.update({op: deque(replies) for op, replies in orders.items()})
            self.server.delivered, self.server.complaints = life.delivered, life.faults
            self.logged.clear()
            world.service = Remote(service, self.providers[surface])
            clock = service.clock  # the next life has the same names anew
            self.providers[surface].forget(lambda: clock.ticks, clock.spend)
            overview.FEW = MANY if number % 2 else 0
            try:
                self._live(world, number)
            except AssertionError as fault:
                life.faults.append(str(fault))
            except Exception as fault:  # a person's command broke, say
                life.faults.append(repr(fault))
            finally:
                overview.FEW = MANY
            life.faults += self.logged
        return life

    def _live(self, world: World, number: int) -> None:
        agent, self.memory = world.start().begin(), Memory()
        until = ENDS[number % len(ENDS)]
        self._go(world, agent, until)
        if until is State.ANALYZED:
            # A person looks; whatever is answered, it is a word that says what to do.
            job = known(agent.project.facts.created).id
            agent.decide(lambda _: agent.ports_for(agent.project).read.checkpoints(job))
            assert _made(world) == _expected(world), f"not one of each: {_made(world)}"
            _check_results(world)
        self._cancel(world, agent)
        audit(world, agent)
        if agent.project.state is State.CANCELLED:
            self._clean_away(world, agent)
        if world.auto:
            nothing_lives(world)
        assert not world.service.files, f"uploaded files are left: {list(world.service.files)}"

    def _go(self, world: World, agent: Agent, until: State) -> None:
        """Ticks on to a state, as a person would have it who reads what is told and retries."""
        for _ in range(MOST_TICKS):
            project = agent.project
            if project.state is until and (until is not State.CANCELLED or is_over(project)):
                return
            if project.state is State.AWAITING_DEPLOY and not world.auto:
                world.deploy_by_hand()
            if project.state is State.FAILED or not agent.wait(project):
                _decide(world, agent, _retry)
            if until is State.ANALYZED:
                _rest_a_while(agent)
            began = time.monotonic()
            agent.tick()
            took = time.monotonic() - began
            assert took < LONGEST_TICK, f"a tick took {took:.0f} s"
            self._check(agent)
        raise AssertionError(f"never {until}: {agent.project}")

    def _cancel(self, world: World, agent: Agent) -> None:
        """A person cancels it with its files, again for as long as that is not over."""
        for _ in range(MOST_TICKS):
            refusal = _decide(world, agent, _cancel_with_files)
            self._check(agent)
            if agent.project.state is State.CANCELLED:
                return self._go(world, agent, State.CANCELLED)
            if refusal is None or "nothing to cancel" in refusal or "deleted already" in refusal:
                return None
        raise AssertionError(f"never tidied up: {refusal}")

    def _clean_away(self, world: World, agent: Agent) -> None:
        """A person has what is left deleted, and reads again for as long as it cannot be read."""

        def plan(found: Project) -> Move | None:
            left = survey(found, agent.ports_for(found))
            return plan_cleanup(found, left.going, agent.store.memory(NAME), world.clock.wall())

        for _ in range(MOST_TICKS):
            if _decide(world, agent, lambda decisions: decisions.make(NAME, plan)) is None:
                return self._go(world, agent, State.CANCELLED)
        raise AssertionError("never cleaned away")

    def _check(self, agent: Agent) -> None:
        """After each tick: no bug, and every sentence can be printed and acted upon."""
        grown, project = self.memory.grown(), agent.project
        assert grown < MOST_MEMORY, f"{grown // 2**20} MiB more memory"
        assert project.hold is None or "unexpected" not in str(project.hold), str(project.hold)
        for text in (project.hold, project.last_error, project.waiting_for):
            _check_text(text)
        for text in (project.hold, project.last_error if project.state is State.FAILED else None):
            assert text is None or NEXT_STEP.search(str(text)), f"and now? {text}"


def _expected(world: World) -> dict[str, int]:
    return {kind: n for kind, n in ONCE.items() if world.auto or kind != "create_deployment"}


def _made(world: World) -> dict[str, int]:
    return {kind: n for kind, n in counts(world).items() if kind not in ("pause_job", "resume_job")}


def _rest_a_while(agent: Agent) -> None:
    """A person has the training paused, once, and lets it go on as soon as it rests."""
    project, wall = agent.project, agent.world.clock.wall
    created = project.facts.created
    if project.state is not State.TRAINING or created is None:
        return
    wants = PAUSE if not created.orders else RESUME if created.paused_at is not None else None
    if wants is not None:
        order = wants
        agent.decide(lambda one: one.make(NAME, lambda found: plan_order(found, order, wall())))


def _decide(world: World, agent: Agent, decision: Callable[[Decisions], object]) -> str | None:
    """A person's command; if it is refused, a word that says what to do, and some time to do it."""
    refusal = agent.decide(decision)
    if refusal is not None:
        assert NEXT_STEP.search(refusal), f"and now? {refusal}"
        world.clock.spend(2.0)
    return refusal


def _cancel_with_files(decisions: Decisions) -> object:
    return decisions.cancel(NAME, delete_files=True)


def _retry(decisions: Decisions) -> object:
    return decisions.retry(NAME, restore=False, restart=False)


def _check_text(text: Text | None) -> None:
    said = str(text)
    odd = [c for c in said if c != "\n" and unicodedata.category(c) in ("Cc", "Cs", "Cf")]
    assert not odd, f"not to be printed: {said!r}"
    assert len(said) < 5_000, f"nobody reads {len(said)} characters: {said[:200]}"


def _check_results(world: World) -> None:
    for place in Result:
        path = world.home / place
        if path.suffix == ".json" and path.is_file():
            json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


@contextmanager
def staged() -> Iterator[Stage]:
    """A stage on which whatever is logged as an error counts as a fault."""
    stage, before = Stage(), structlog.get_config()

    structlog.configure(
        processors=[structlog.processors.format_exc_info, _keep_errors(stage)],
        wrapper_class=structlog.make_filtering_bound_logger(40),
    )
    try:
        yield stage
    finally:
        structlog.configure(**before)
        stage.close()


def _keep_errors(stage: Stage) -> Any:
    """A bug, and results that could not be written: both are logged with their traceback."""

    def keep(_logger: Any, _name: str, line: dict[str, Any]) -> Any:
        if "exception" in line:
            stage.logged.append(f"{line.get('event')}: {line['exception'][-1500:]}")
        raise structlog.DropEvent

    return keep
