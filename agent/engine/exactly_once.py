"""Once, under crashes: an intent is written down, looked for, made by one process, and receipted (docs/guarantees.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from agent.engine.send_deadline import leaving_within
from states.errors import (
    Missing,
    NeedsOperator,
    NotFound,
    NotYet,
    Permanent,
    Throttled,
    Transient,
    Unreachable,
)
from states.model import Project
from states.store_port import VOID, Instant, Intent, Store
from states.text import say

log = structlog.get_logger()

GLITCHES = 3  # times the service must say that it does not know a thing before that is believed: gateways err


@dataclass(frozen=True)
class Timing:
    """Seconds. `settle`: after the last sign of an unanswered request it can no longer come true unseen; `send`: a request that
    has not left so long after its stamp never leaves, so that settling may count from the stamp."""

    settle: float
    send: float


@dataclass(frozen=True)
class Mutation:
    """One thing to happen once. `find` names every remote object that carries the key. `target`: what is to come to an end by it,
    so that there is nothing left to do once it is gone."""

    kind: str
    spec: Mapping[str, Any]
    make: Callable[[], str]
    find: Callable[[], Sequence[str]]
    target: str | None = None


class Once:
    """Makes the mutations of one project happen once each, whatever crashes, is lost, or comes late."""

    def __init__(
        self, project: Project, store: Store, timing: Timing, clock: Callable[[], Instant]
    ) -> None:
        self._project, self._store, self._timing, self._clock = project, store, timing, clock

    def _once(self, mutation: Mutation, last_look: Callable[[], None] = lambda: None) -> str:
        intent = self._intended(mutation)
        if intent.receipt == VOID:
            raise NeedsOperator(
                say(
                    "{kind} was called off by a person's decision that was not carried out to its"
                    " end. Repeat it: `retry --restart`.",
                    kind=mutation.kind,
                )
            )
        if intent.receipt is not None:
            return intent.receipt
        looked_at = self._clock()
        found = self._found(mutation.kind, mutation.find)
        if found is not None:
            return self._received(intent, found, adopted=True)
        self._wait_to_settle(intent, looked_at)
        last_look()
        won = self._store.claim(self._project, intent, self._clock())
        if won is None:
            raise NotYet(
                say("Another process is doing {kind} at this moment.", kind=mutation.kind),
                self._timing.settle,
            )
        return self._received(won, self._made(won, mutation), adopted=False)

    def _ended(
        self, intent: Intent, find: Callable[[], Sequence[str]], *, is_ours: bool
    ) -> str | None:
        """What the intent has made, if anything; else it is called off, so that nobody can make it later.

        `is_ours`: nobody else makes anything with this mark. Where a person might, what was never sent is not looked for: it is theirs.
        """
        if intent.receipt is not None:
            return intent.receipt or None
        looked_at = self._clock()
        found = (
            self._found(intent.kind, find)
            if intent.spec and (is_ours or intent.tries or intent.stamp)
            else None
        )
        if found is not None:
            return self._received(intent, found, adopted=True)
        self._wait_to_settle(intent, looked_at)
        # One compare-and-swap: whoever was about to send loses its own, and nobody can slip in between.
        if not self._store.call_off(self._project, intent, self._clock().wall):
            raise NotYet(
                say("Another process is doing {kind} at this moment.", kind=intent.kind),
                self._timing.settle,
            )
        return None

    def _as_begun(self, kind: str, otherwise: Mapping[str, Any]) -> Intent:
        """As it was intended, whatever the settings say now; if it never was, as it would have been (an older copy of the database)."""
        key, now = self._key(kind), self._clock().wall
        former = next((i for i in self._store.intents(self._project) if i.key == key), None)
        return self._store.intend(
            self._project, key, kind, former.spec if former else otherwise, now
        )

    def _key(self, kind: str) -> str:
        return f"{self._project.name}.{self._project.uid}.g{self._project.generation}.{kind}"

    def _intended(self, mutation: Mutation) -> Intent:
        key, now = self._key(mutation.kind), self._clock().wall
        intent = self._store.intend(self._project, key, mutation.kind, mutation.spec, now)
        if intent.spec != mutation.spec and intent.receipt != VOID:
            raise NeedsOperator(
                say(
                    "{kind} was begun with other settings or data than now ({former}); going on"
                    " could pay twice. Put the former ones back, or `retry --restart` to begin"
                    " anew.",
                    kind=intent.kind,
                    former=", ".join(
                        f"{k}: {v}" for k, v in intent.spec.items() if mutation.spec.get(k) != v
                    ),
                )
            )
        return intent

    def _found(self, kind: str, find: Callable[[], Sequence[str]]) -> str | None:
        try:
            found = sorted(set(find()))
        except NotFound as error:
            # A service that knows no such listing says nothing about what was made.
            raise NeedsOperator(error.text, heals=True) from error
        if len(found) > 1:
            raise NeedsOperator(
                say(
                    "{count} objects at the service carry the mark of one {kind}: {ids}. Delete all"
                    " but one and `retry`.",
                    count=len(found),
                    kind=kind,
                    ids=", ".join(found),
                )
            )
        return found[0] if found else None

    def _wait_to_settle(self, intent: Intent, looked_at: Instant) -> None:
        """Returns once an unanswered request can no longer have come true unseen: from the LAST time it was sent to the look."""
        if intent.stamp is None:
            return
        # Not to now: a look that took long, or a process that was stopped after it, has not seen what happened meanwhile.
        passed = looked_at.seconds_since(intent.stamp)
        if passed < 0:
            # The clock was set back, across a restart of the machine. Nobody knows how long ago it was: count from now.
            self._store.restamp(intent, self._clock())
            passed = 0.0
        if passed < self._timing.settle:
            raise NotYet(
                say("an unanswered {kind} to settle before it is sent again", kind=intent.kind),
                self._timing.settle - passed,
            )

    def _made(self, intent: Intent, mutation: Mutation) -> str:
        log.info("effect_sent", kind=mutation.kind, key=intent.key, tries=intent.tries)
        try:
            with leaving_within(self._time_to_send(intent)):
                return mutation.make()
        except NotFound as error:
            self._store.restamp(intent, None, intent.misses + 1)
            if mutation.target is None:
                raise Permanent(error.text, remote=True) from error
            return self._missed(intent, mutation.target)
        except (Unreachable, Throttled, Permanent, NeedsOperator):
            # Certainly not acted upon: the next try, or a person's retry, need not wait for anything to settle.
            self._store.restamp(intent, None)
            raise
        except Transient:
            # It may have taken long (time-outs are counted between two signs of life): it can come true from now on.
            self._store.restamp(intent, self._clock())
            raise

    def _time_to_send(self, intent: Intent) -> Callable[[], float]:
        """Seconds left, counted from the stamp: a process that was stopped after it sends nothing late."""
        stamp = intent.stamp
        assert stamp is not None  # noqa: S101  it has just been taken
        return lambda: self._timing.send - self._clock().seconds_since(stamp)

    @staticmethod
    def _missed(intent: Intent, target: str) -> str:
        """What does not exist needs no ending; but that it does not is believed only when it is said again and again."""
        if intent.misses + 1 < GLITCHES:
            raise Missing(
                say(
                    "The service does not find {target} at the moment; it is asked again.",
                    target=target,
                )
            )
        log.info("already_gone", name=target)
        return target

    def _received(self, intent: Intent, receipt: str, adopted: bool) -> str:
        self._store.receive(intent.key, receipt, self._clock().wall)
        log.info(
            "effect_received", kind=intent.kind, key=intent.key, receipt=receipt, adopted=adopted
        )
        return receipt
