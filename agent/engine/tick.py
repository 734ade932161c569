"""One project, at most one state forward. Correct from any driver, at any time, any number of times."""

from __future__ import annotations

import errno
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from states.errors import (
    FileEdited,
    NeedsOperator,
    NotYet,
    Permanent,
    StoreBusy,
    StoreError,
    Superseded,
    Transient,
    Unreachable,
)
from states.facts import Facts, Failure, deployment_of
from states.graph import destination
from states.model import Project
from states.outcome import Done, GoOn, Wait
from states.ports import Ports
from states.state import Event, State
from states.steps.table import STEPS
from states.store_port import Move, Pause, Store
from states.text import Text, say

log = structlog.get_logger()

LONGEST_BACKOFF = (
    300.0  # seconds; long enough to spare a service in trouble, short enough to notice its recovery
)
SHORTEST_RETRY = 1.0  # seconds; a service that says "0" would else be asked thirty times in a blink
LONGEST_WAIT = 6 * 3600.0  # seconds; a Retry-After beyond it is looked at again after that time
PATIENCE = 30  # faults in a row before a person is told: with the back-off above about two hours
FIRST_CONTACT_PATIENCE = 3  # an endpoint that never answered is probably mistyped: say so soon
# What every program on the machine may run out of, and have again in a moment: no bug of ours, whichever file it was for.
SHORTAGES = (
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.EAGAIN,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EIO,
)


@dataclass(frozen=True)
class Ticked:
    """What a tick did, for logs and for `advance`. `after` is the project as it stands now."""

    before: Project
    after: Project
    outcome: str  # moved, waiting, retrying, held, failed, superseded, idle; of advance: already
    text: Text | None = None


class Ticker:
    """`tick(name)`. `ports_for` makes the ports of one project; `published` is told after every change worth showing;
    `redacted` strikes secrets out of what an unforeseen exception says."""

    def __init__(
        self,
        store: Store,
        ports_for: Callable[[Project], Ports],
        published: Callable[[Project], None],
        wall: Callable[[], float],
        redacted: Callable[[str], str] = str,
    ) -> None:
        self._store, self._ports_for, self._published, self._wall = (
            store,
            ports_for,
            published,
            wall,
        )
        self._redacted = redacted
        self._unpublished: set[str] = set()

    def tick(self, name: str) -> Ticked:
        """The project is at most one state further, or knows why not. Raises only StoreError: the memory itself is in trouble."""
        project = self._store.load(name)
        if project is None:
            raise LookupError(name)
        with structlog.contextvars.bound_contextvars(
            project=name, state=project.state.value, tick=f"{random.getrandbits(32):08x}"
        ):
            began = time.monotonic()
            ticked = self._ticked(project)
            log.info(
                "tick",
                outcome=ticked.outcome,
                seconds=round(time.monotonic() - began, 4),
                to=ticked.after.state.value,
                note=None if ticked.text is None else str(ticked.text),
            )
            return ticked

    def _ticked(self, project: Project) -> Ticked:
        if project.state not in STEPS or (project.state.is_terminal and project.due_at is None):
            return Ticked(project, project, "idle")
        try:
            return self._settled(project)
        except Superseded as error:
            return Ticked(
                project, self._store.load(project.name) or project, "superseded", error.text
            )
        except StoreError as error:
            self._note(project, error)
            raise

    def _note(self, project: Project, trouble: StoreError) -> None:
        """`status` tells of it where the row can still be written: the disk of the files is full, say. No turn is waited for."""
        if not isinstance(trouble, StoreBusy):
            with suppress(StoreError, Superseded):
                self._store.pause(
                    project,
                    Pause(project.due_at, project.waiting_for, project.attempts, trouble.text),
                )

    def _settled(self, project: Project) -> Ticked:
        try:
            outcome = STEPS[project.state](project, self._ports_for(project))
        except NotYet as pause:
            after = self._pause(
                project, pause.retry_after or 1.0, pause.text, attempts=project.attempts
            )
            return Ticked(project, after, "waiting", pause.text)
        except Transient as fault:
            return self._retrying(project, fault)
        except Permanent as reason:
            return self._gave_up(project, reason)
        except NeedsOperator as question:
            return self._held(project, question)
        except (Superseded, StoreError):
            raise
        except Exception as bug:
            if isinstance(bug, OSError) and bug.errno in SHORTAGES:
                return self._retrying(project, _short_of(bug))
            log.exception("unexpected_error")
            text = say(
                "An unexpected error stopped this project: {error}. The others go on. See"
                " logs/agent.jsonl, then `retry`.",
                error=self._redacted(f"{type(bug).__name__}: {bug}"),
            )
            return self._held(project, NeedsOperator(text))
        if isinstance(outcome, GoOn):
            after = self._pause(project, 0, outcome.progress, attempts=0, facts=outcome.facts)
            return Ticked(project, self._released(after), "waiting", outcome.progress)
        if isinstance(outcome, Wait):
            told = project.waiting_for.template if project.waiting_for else None
            if outcome.unusual and told != outcome.reason.template:
                log.warning("unusual_wait", reason=str(outcome.reason))
            after = self._pause(
                project, outcome.delay, outcome.reason, attempts=0, facts=outcome.facts
            )
            return Ticked(project, self._released(after), "waiting", outcome.reason)
        return self._moved(project, outcome)

    def publish_pending(self) -> None:
        """What could not be published (a full disk, say) is tried again."""
        for project in self._store.all() if self._unpublished else ():
            if project.name in self._unpublished:
                self.publish(project)

    def publish(self, project: Project) -> None:
        """The checkpoint is made already: a view of it that cannot be made or written is no reason to stop, nor to stop the others."""
        try:
            self._published(project)
            self._unpublished.discard(project.name)
        except Exception as error:
            if (
                project.name not in self._unpublished
            ):  # said once, not at every sweep that tries again
                self._unpublished.add(project.name)
                is_bug = not isinstance(error, StoreError)
                log.warning(
                    "not_published", project=project.name, reason=str(error), exc_info=is_bug
                )

    # Endings ----------------------------------------------------------------------------------------------------------

    def _moved(self, project: Project, done: Done) -> Ticked:
        now = self._wall()
        to = destination(project.state, done.event)
        move = Move(
            done.event,
            to,
            done.facts,
            None if to.is_terminal else now,
            project.generation,
            note=done.note,
        )
        after = self._store.move(project, move, now)
        log.info("moved", event_name=done.event.value, to=to.value, version=after.version)
        self.publish(after)
        return Ticked(project, after, "moved", done.note)

    def _gave_up(self, project: Project, reason: Permanent) -> Ticked:
        if project.state is State.CANCELLED:
            return self._held(
                project, NeedsOperator(reason.text)
            )  # tidying up went wrong: it cannot fail any further
        facts = replace(project.facts, failure=Failure(project.state, reason.remote))
        now = self._wall()
        move = Move(
            Event.GAVE_UP,
            destination(project.state, Event.GAVE_UP),
            facts,
            None,
            project.generation,
            note=reason.text,
        )
        after = self._store.move(project, move, now)
        log.error("gave_up", reason=str(reason.text), remote=reason.remote)
        self.publish(after)
        return Ticked(project, after, "failed", reason.text)

    def _held(self, project: Project, question: NeedsOperator) -> Ticked:
        now = self._wall()
        due = now + LONGEST_BACKOFF if question.heals else None
        if project.hold is not None and (
            project.hold == question.text or _is_the_same(project.hold, question)
        ):
            after = self._store.pause(project, Pause(due, None, project.attempts, question.text))
            return Ticked(project, after, "held", question.text)
        edited = question.artifact if isinstance(question, FileEdited) else None
        facts = replace(project.facts, edited=edited)
        move = Move(
            Event.HELD,
            project.state,
            facts,
            due,
            project.generation,
            note=question.text,
            hold=question.text,
        )
        after = self._store.move(project, move, now)
        log.error("held", reason=str(question.text), heals=question.heals)
        self.publish(after)
        return Ticked(project, after, "held", question.text)

    def _retrying(self, project: Project, fault: Transient) -> Ticked:
        attempts = project.attempts + 1
        patience = PATIENCE
        if isinstance(fault, Unreachable):
            # A network that comes and goes is waited for without end, once it has been seen to work.
            patience = (
                FIRST_CONTACT_PATIENCE if not self._store.has_receipts(project) else attempts + 1
            )
        log.warning(
            "retrying", reason=str(fault.text), attempts=attempts, retry_after=fault.retry_after
        )
        if attempts >= patience:
            return self._held(project, NeedsOperator(fault.text, heals=True))
        delay = (
            _backoff(attempts)
            if fault.retry_after is None
            else max(fault.retry_after, SHORTEST_RETRY)
        )
        after = self._pause(
            project, delay, project.waiting_for, attempts=attempts, error=fault.text
        )
        return Ticked(project, after, "retrying", fault.text)

    def _pause(
        self,
        project: Project,
        delay: float,
        reason: Text | None,
        *,
        attempts: int,
        facts: Facts | None = None,
        error: Text | None = None,
    ) -> Project:
        due = self._wall() + min(delay, LONGEST_WAIT)
        after = self._store.pause(project, Pause(due, reason, attempts, error, facts))
        if facts is not None and _status_of(facts) != _status_of(project.facts):
            self.publish(after)
        return after

    def _released(self, project: Project) -> Project:
        """A hold whose cause is gone ends by itself."""
        if project.hold is None:
            return project
        move = Move(
            Event.RELEASED, project.state, project.facts, project.due_at, project.generation
        )
        after = self._store.move(project, move, self._wall())
        log.info("moved", event_name=move.event.value, to=after.state.value, version=after.version)
        return after


def _status_of(facts: Facts) -> str | None:
    """What results/ shows of the deployment, so a change of it is worth publishing."""
    deployment = deployment_of(facts)
    return None if deployment is None else deployment.status


def _is_the_same(hold: Text, question: NeedsOperator) -> bool:
    """The words of a service differ each time it is asked (a request's id, say): no checkpoint for each of them."""
    return question.heals and hold.template == question.text.template


def _short_of(fault: OSError) -> Transient:
    problem = fault.strerror or str(fault)
    return Transient(
        say(
            "This machine is short of something ({problem}); it is tried again by itself.",
            problem=problem,
        )
    )


def _backoff(attempts: int) -> float:
    """Seconds: 1, 2, 4 … up to LONGEST_BACKOFF, each shortened by up to a quarter so that agents do not knock in step."""
    doublings = min(
        attempts - 1, 20
    )  # an outage of days counts thousands of attempts, too many for a power of two
    return float(min(2.0**doublings, LONGEST_BACKOFF) * random.uniform(0.75, 1.0))
