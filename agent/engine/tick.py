"""The tick: takes one project at most one state forward.

Called by agent/engine/sweep.py for the drivers and by the commands `advance` and `cancel`. It is
correct from any process, at any time, any number of times: every write is guarded by the
project's version, and what a step does at the service happens once (agent/engine/exactly_once.py).

Longer than other files, so that the endings of a step stand in one place.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from agent.engine.backoff import (
    LONGEST_BACKOFF,
    as_shortage,
    next_poll,
    patience_for,
    seconds_to_retry,
)
from agent.engine.mended import is_watched
from agent.engine.publishing import Publisher
from agent.engine.tick_log import TickLog
from agent.engine.watch import Watch
from states.errors import (
    FileEdited,
    FileRefused,
    NeedsConfirmation,
    NeedsOperator,
    NotYet,
    Permanent,
    StoreBusy,
    StoreError,
    Superseded,
    Transient,
)
from states.facts import Facts, deployment_of
from states.graph import destination
from states.model import Project
from states.money.ends import next_end
from states.outcome import Done, GoOn, Outcome, Standing, Wait
from states.ports import Ports
from states.stages import Failure, Refused
from states.state import Event, State
from states.steps.overdue import Rest, rest_of
from states.steps.table import step_of
from states.store_port import Move, Pause, Store
from states.text import Text, say

log = structlog.get_logger()

LONGEST_WAIT = 6 * 3600.0  # seconds; a longer Retry-After is not waited for to its end


@dataclass(frozen=True)
class Ticked:
    """What a tick did, for logs and for `advance`. `after` is the project as it stands now."""

    before: Project
    after: Project
    outcome: str  # moved, waiting, retrying, held, failed, superseded, idle; of advance: already
    text: Text | None = None
    standing: Standing | None = None  # with which the project waits on (states/outcome.py)


class Ticker:
    """`tick(name)`.

    `ports_for` makes the ports of one project; `publish` shows a project after every change that
    is worth it; `redact` removes secrets from what an unforeseen exception says; `home`: which
    one's files are ticked on, where several share the database.
    """

    def __init__(
        self,
        store: Store,
        ports_for: Callable[[Project], Ports],
        publish: Callable[[Project], None],
        wall: Callable[[], float],
        redact: Callable[[str], str] = str,
        home: str | None = None,
    ) -> None:
        self._store, self._ports_for, self._wall, self._redact = store, ports_for, wall, redact
        self._home = home
        self._log = TickLog(wall)
        publisher = Publisher(store, publish)
        self.publish, self.publish_pending = publisher.publish, publisher.publish_pending
        self._watch = Watch(store, self.publish, wall)
        self.take_mended = self._watch.take_mended

    def tick(self, name: str) -> Ticked:
        """The project is at most one state further, or knows why not.

        Raises only StoreError: the store itself is in trouble.
        """
        project = self._store.load(name)
        if project is None:
            raise LookupError(name)
        return self.tick_loaded(project)

    def tick_loaded(self, project: Project) -> Ticked:
        """`tick` for a project that was loaded a while ago; superseded if it has moved since."""
        with structlog.contextvars.bound_contextvars(
            project=project.name, state=project.state.value, tick=f"{random.getrandbits(32):08x}"
        ):
            began = time.monotonic()
            ticked = self._tick(project)
            self._log.write(ticked, time.monotonic() - began)
            return ticked

    def _tick(self, project: Project) -> Ticked:
        if project.state.is_terminal and project.due_at is None:
            return Ticked(project, project, "idle")
        try:
            return self._run_step(project)
        except Superseded as error:
            now = self._store.load(project.name) or project
            return Ticked(project, now, "superseded", error.text)
        except StoreError as error:
            self._note_trouble(project, error)
            raise

    def _note_trouble(self, project: Project, trouble: StoreError) -> None:
        """`status` shows it, if the row can still be written: the disk of the files is full, say.

        Not for a busy database, which would have to be waited for once more."""
        if not isinstance(trouble, StoreBusy):
            with suppress(StoreError, Superseded):
                self._store.pause(
                    project,
                    Pause(project.due_at, project.waiting_for, project.attempts, trouble.text),
                )

    def _run_step(self, project: Project) -> Ticked:
        """Runs the step of the project's state and records its ending (docs/design.md)."""
        try:
            ports = self._ports_for(project)
            ending = rest_of(project, ports)
            if ending is not None:
                return self._end_in_time(project, ending)
            if is_watched(project):
                held = self._watch.look(project, ports)
                return Ticked(project, held, "held" if held.hold else "moved", held.hold)
            outcome = step_of(project.state)(project, ports)
        except NotYet as pause:
            return self._wait_to_settle(project, pause)
        except Transient as fault:
            return self._retry_later(project, fault)
        except Permanent as reason:
            return self._give_up(project, reason)
        except NeedsOperator as question:
            return self._hold(project, question)
        except (Superseded, StoreError):
            raise
        except Exception as error:
            shortage = as_shortage(error)
            if shortage is not None:
                return self._retry_later(project, shortage)
            return self._hold_for_bug(project, error)
        return self._record(project, outcome)

    def _record(self, project: Project, outcome: Outcome) -> Ticked:
        if isinstance(outcome, Done):
            return self._move_on(project, outcome)
        if isinstance(outcome, GoOn):
            after = self._pause(project, 0.0, outcome.progress, attempts=0, facts=outcome.facts)
            return Ticked(project, self._release(after), "waiting", outcome.progress)
        delay, text = outcome.delay, outcome.reason
        _log_if_unusual(project, outcome)
        due = next_poll(self._wall(), min(delay, LONGEST_WAIT / 2)) if outcome.together else None
        after = self._pause(project, delay, text, attempts=0, facts=outcome.facts, due=due)
        return Ticked(project, self._release(after), "waiting", text, outcome.standing)

    def _end_in_time(self, project: Project, ending: Done | Rest) -> Ticked:
        """It stays as it is, held or FAILED, but for its deployment."""
        now, hold, rests = self._wall(), project.hold, rests_for(project)
        if isinstance(ending, Rest):
            due = capped(ending.until, now)
            trouble = ending.trouble or project.last_error
            pause = Pause(due, project.waiting_for, project.attempts, trouble)
            after = self._store.pause(project, pause)
            return Ticked(project, after, "held" if hold else "waiting", ending.trouble or hold)
        due = capped(next_end(ending.facts), now) if rests else now
        event, facts = ending.event, ending.facts
        move = Move(
            event, project.state, facts, due, project.generation, note=ending.note, hold=hold
        )
        after = self._store.move(project, move, now)
        log.info("moved", event_name=event.value, to=after.state.value, version=after.version)
        self.publish(after)
        return Ticked(project, after, "moved", ending.note)

    # Endings ------------------------------------------------------------------------------------

    def _move_on(self, project: Project, done: Done) -> Ticked:
        now = self._wall()
        to = destination(project.state, done.event)
        due = None if to.is_terminal and not done.goes_on else now
        generation = project.generation + done.begins_generation
        move = Move(done.event, to, done.facts, due, generation, note=done.note)
        after = self._store.move(project, move, now)
        log.info("moved", event_name=done.event.value, to=to.value, version=after.version)
        self.publish(after)
        return Ticked(project, after, "moved", done.note)

    def _wait_to_settle(self, project: Project, pause: NotYet) -> Ticked:
        delay = pause.retry_after or 1.0
        after = self._pause(project, delay, pause.text, attempts=project.attempts)
        return Ticked(project, after, "waiting", pause.text)

    def _give_up(self, project: Project, reason: Permanent) -> Ticked:
        if project.state is State.CANCELLED:
            # Cleaning up went wrong: the project cannot fail any further.
            return self._hold(project, NeedsOperator(reason.text))
        facts = replace(project.facts, failure=Failure(project.state, reason.remote))
        to = destination(project.state, Event.GAVE_UP)
        now = self._wall()
        due = capped(next_end(facts), now)  # of its deployment
        move = Move(Event.GAVE_UP, to, facts, due, project.generation, note=reason.text)
        after = self._store.move(project, move, now)
        log.error("gave_up", reason=reason.text.for_log(), remote=reason.remote)
        self.publish(after)
        return Ticked(project, after, "failed", reason.text)

    def _hold(self, project: Project, question: NeedsOperator) -> Ticked:
        now, text = self._wall(), question.text
        facts = _note_files(project.facts, question, self._home)
        due = now + LONGEST_BACKOFF if question.heals else None
        if facts.edited is not None or facts.refused is not None:
            due = now  # the next sweep looks whether the file is mended
        rests = due is None and next_end(facts) is not None
        facts = replace(facts, rests=rests)
        due = capped(next_end(facts), now) if rests else due
        if _is_known(project.hold, question) and facts == replace(project.facts, rests=rests):
            after = self._store.pause(project, Pause(due, None, project.attempts, text, facts))
            return Ticked(project, after, "held", text)
        move = Move(Event.HELD, project.state, facts, due, project.generation, note=text, hold=text)
        after = self._store.move(project, move, now)
        log.error("held", reason=text.for_log(), heals=question.heals)
        self.publish(after)
        return Ticked(project, after, "held", text)

    def _hold_for_bug(self, project: Project, bug: Exception) -> Ticked:
        """Holds this project alone; the others go on. Called while `bug` is handled."""
        log.exception("unexpected_error")
        text = say(
            "An unexpected error stopped this project: {error}. The others go on. See"
            " logs/agent.jsonl, then `retry`.",
            error=self._redact(f"{type(bug).__name__}: {bug}"),
        )
        return self._hold(project, NeedsOperator(text))

    def _retry_later(self, project: Project, fault: Transient) -> Ticked:
        attempts, text = project.attempts + 1, fault.text
        log.warning(
            "retrying", reason=text.for_log(), attempts=attempts, retry_after=fault.retry_after
        )
        if attempts >= patience_for(fault, lambda: self._store.has_receipts(project)):
            return self._hold(project, NeedsOperator(text, heals=True))
        delay = seconds_to_retry(fault, attempts)
        after = self._pause(project, delay, project.waiting_for, attempts=attempts, error=text)
        return Ticked(project, after, "retrying", text)

    def _pause(
        self,
        project: Project,
        delay: float,
        reason: Text | None,
        *,
        attempts: int,
        facts: Facts | None = None,
        error: Text | None = None,
        due: float | None = None,
    ) -> Project:
        due = self._wall() + min(delay, LONGEST_WAIT) if due is None else due
        after = self._store.pause(project, Pause(due, reason, attempts, error, facts))
        if facts is not None and _status_of(facts) != _status_of(project.facts):
            self.publish(after)
        return after

    def _release(self, project: Project) -> Project:
        """Ends a hold, if there is one: the step has ended in order, so its cause is gone."""
        if project.hold is None:
            return project
        move = Move(
            Event.RELEASED, project.state, project.facts, project.due_at, project.generation
        )
        after = self._store.move(project, move, self._wall())
        log.info("moved", event_name=move.event.value, to=after.state.value, version=after.version)
        return after


def rests_for(project: Project) -> bool:
    """A person is waited for: it is due for its deployment's end alone."""
    return project.state is State.FAILED or (project.hold is not None and project.facts.rests)


def capped(due: float | None, now: float) -> float | None:
    """What is further off than anything waits for would count as due at once (sweep.py)."""
    return None if due is None else min(due, now + LONGEST_WAIT)


def _log_if_unusual(project: Project, wait: Wait) -> None:
    known = project.waiting_for.template if project.waiting_for else None
    if wait.unusual and known != wait.reason.template:
        log.warning("unusual_wait", reason=wait.reason.for_log())


def _status_of(facts: Facts) -> str | None:
    """What results/ shows of the deployment, so a change of it is worth publishing."""
    deployment = deployment_of(facts)
    return None if deployment is None else deployment.status


def _note_files(facts: Facts, question: NeedsOperator, home: str | None) -> Facts:
    """The facts with the files that the question is about, or what a person is to confirm.

    Also with their home, which alone can see them mended; a file that is missing may appear in
    any."""
    asks = question.subject if isinstance(question, NeedsConfirmation) else None
    edited = question.artifact if isinstance(question, FileEdited) else None
    refused = Refused(question.refused) if isinstance(question, FileRefused) else None
    is_there = edited is not None or (refused is not None and any(refused.files.values()))
    whose = home if is_there else None
    return replace(facts, edited=edited, refused=refused, home=whose, asks=asks)


def _is_known(hold: Text | None, question: NeedsOperator) -> bool:
    """True if the project is held for this already, so that no new checkpoint is needed.

    The words of a service may differ each time (a request's id, say), so a hold that heals is
    compared by its template."""
    if hold is None:
        return False
    return hold == question.text or (question.heals and hold.template == question.text.template)
