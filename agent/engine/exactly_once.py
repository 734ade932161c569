"""Makes a change at the remote service happen effectively once: at-least-once plus look-up.

Called by agent/engine/mutations.py. The protocol of one mutation (docs/guarantees.md):

1. Write the intent ahead, under an idempotency key of project, generation and kind.
2. A receipt is there: return it.
3. Look at the service for the mutation's correlation tag. One object carries it: adopt it.
4. Wait until the settle window is over, counted from the LAST attempt to that look.
5. Let the caller take its last look, then claim the attempt by compare-and-swap.
6. Send before the send deadline, or not at all.
7. Write the receipt down.

Longer than other files, so that the whole protocol can be read and checked in one place.
"""

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
from states.patience import GLITCHES_OF_AN_ACT, is_believed
from states.store_port import VOIDED, Instant, Intent, Store
from states.text import say

log = structlog.get_logger()

Find = Callable[[], Sequence[str]]  # the ids of all remote objects that carry a correlation tag


@dataclass(frozen=True)
class Timing:
    """Both in seconds.

    `settle`: the settle window. After it, an unanswered request can no longer take effect unseen.
    `send`: the send deadline. A request that has not left so long after `last_sent_at` never
    leaves, so that the settle window may be counted from `last_sent_at`.
    """

    settle: float
    send: float


@dataclass(frozen=True)
class Mutation:
    """One change to be made once at the remote service.

    `make` sends the request and returns the receipt. `find` returns the ids of all remote objects
    that carry the correlation tag. `target` is the object that a deletion or cancellation is about:
    once the service does not know it any more, nothing is left to do. `last_look` may still object,
    by raising, in the moment before the request is claimed and sent.
    """

    kind: str
    spec: Mapping[str, Any]
    make: Callable[[], str]
    find: Find
    target: str | None = None
    last_look: Callable[[], None] = lambda: None


def may_exist_remotely(intent: Intent, is_ours: bool) -> bool:
    """True if the service may hold something that this intent asked for, so that a look is due.

    Not without a spec: such an intent was voided before anything was asked for. Otherwise yes if
    the intent was ever sent: it counts tries, or it has taken over `last_sent_at` from an earlier
    one. An intent that was never sent, as far as this database knows, is looked for only if
    `is_ours`: only this program makes objects with this tag, so what is found was made by it and
    forgotten by a database that was restored from an older copy. Where a person may have chosen
    the same name, what is found belongs to that person.
    """
    return bool(intent.spec) and (is_ours or intent.tries > 0 or intent.last_sent_at is not None)


class ExactlyOnce:
    """Runs the mutations of one project: each once, whatever crashes, is lost, or comes late."""

    def __init__(
        self,
        project: Project,
        store: Store,
        timing: Timing,
        clock: Callable[[], Instant],
        get_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._project, self._store, self._timing, self._clock = project, store, timing, clock
        self._get_ready = get_ready

    def ensure(self, mutation: Mutation) -> str:
        """The mutation has happened, once. Returns its receipt: the id of the remote object.

        NotYet while an earlier attempt may still take effect, or another process is at it.
        NeedsOperator if the intent was voided, asked for something else, or has several objects.
        """
        intent = self._intend(mutation)
        if intent.receipt == VOIDED:
            raise NeedsOperator(
                say(
                    "{kind} was called off by a person's decision that was not carried out to its"
                    " end. Repeat it: `retry --restart`.",
                    kind=mutation.kind,
                )
            )
        if intent.receipt is not None:
            return intent.receipt
        self._get_ready()  # now: the time to send runs from the claim on
        looked_at = self._clock()
        existing = self.look_up(mutation.kind, mutation.find)
        if existing is not None:
            return self._receive(intent, existing, adopted=True)
        self.wait_to_settle(intent, looked_at)
        mutation.last_look()
        claimed = self._store.claim(self._project, intent, self._clock())
        if claimed is None:
            raise self._is_at_work(intent)
        return self._receive(claimed, self.send(claimed, mutation), adopted=False)

    def conclude(self, intent: Intent, find: Find, *, is_ours: bool) -> str | None:
        """What the intent has made, if anything; otherwise it is voided and nobody can make it.

        For cancellations and deletions, which must know whether there is anything to end.
        `is_ours`: see may_exist_remotely.
        """
        if intent.receipt is not None:
            return None if intent.receipt == VOIDED else intent.receipt
        looked_at = self._clock()
        if may_exist_remotely(intent, is_ours):
            existing = self.look_up(intent.kind, find)
            if existing is not None:
                return self._receive(intent, existing, adopted=True)
        self.wait_to_settle(intent, looked_at)
        # One compare-and-swap: a process that is about to send loses its own claim.
        if not self._store.void(self._project, intent, self._clock().wall):
            raise self._is_at_work(intent)
        return None

    def reopen_or_intend(self, kind: str, otherwise: Mapping[str, Any]) -> Intent:
        """The intent of `kind` with the spec it was written with, whatever the settings say now.

        If there is none, one with the spec `otherwise` is written: the database may have been
        restored from a copy that is older than the request. An empty spec asks for nothing.
        """
        key = self.key_of(kind)
        former = next((intent for intent in self.intents() if intent.key == key), None)
        spec = former.spec if former else otherwise
        return self._store.intend(self._project, key, kind, spec, self._clock().wall)

    def intents(self) -> Sequence[Intent]:
        """Every intent of the project at its present service, of all generations."""
        return self._store.intents(self._project)

    def key_of(self, kind: str) -> str:
        """The idempotency key: the same for every attempt of this generation."""
        return f"{self._project.name}.{self._project.uid}.g{self._project.generation}.{kind}"

    def look_up(self, kind: str, find: Find) -> str | None:
        """The one remote object that carries the correlation tag; None if there is none."""
        try:
            found = sorted(set(find()))
        except NotFound as error:
            # A service without such a listing says nothing about what was made.
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

    def wait_to_settle(self, intent: Intent, looked_at: Instant) -> None:
        """Returns once an unanswered request can no longer have taken effect unseen.

        Counts from the LAST attempt to the beginning of the look. NotYet before that.
        """
        if intent.last_sent_at is None:
            return
        # Not to now: a slow look, or a process that was suspended after it, has not seen what
        # happened in the meantime.
        passed = looked_at.seconds_since(intent.last_sent_at)
        if passed < 0:
            # The wall clock was set back across a restart of the machine, so nobody knows how much
            # time has passed: count anew from now.
            self._store.set_last_sent_at(intent, self._clock())
            passed = 0.0
        if passed < self._timing.settle:
            raise NotYet(
                say("an unanswered {kind} to settle before it is sent again", kind=intent.kind),
                self._timing.settle - passed,
            )

    def seconds_to_settle(self, intent: Intent) -> float:
        """How much of the settle window is left now; 0 if it is over, or nothing was sent."""
        if intent.last_sent_at is None:
            return 0.0
        passed = self._clock().seconds_since(intent.last_sent_at)
        return self._timing.settle - passed if 0 <= passed < self._timing.settle else 0.0

    def send(self, intent: Intent, mutation: Mutation) -> str:
        """Sends the claimed request; its outcome decides what `last_sent_at` says afterwards."""
        log.info("effect_sent", kind=mutation.kind, key=intent.key, tries=intent.tries)
        try:
            with leaving_within(self.time_to_send(intent)):
                return mutation.make()
        except NotFound as error:
            self._store.set_last_sent_at(intent, None, intent.not_found_count + 1)
            if mutation.target is None:
                raise _doubt_what_is_named(intent, error) from error
            return self._conclude_missing(intent, mutation.target)
        except (Unreachable, Throttled, Permanent, NeedsOperator):
            # Certainly not acted upon: neither the next try nor a person's retry needs to settle.
            self._store.set_last_sent_at(intent, None)
            raise
        except Transient:
            # The request may have taken long, since time-outs count from one sign of life to the
            # next: it can take effect from now on, so the settle window begins now.
            self._store.set_last_sent_at(intent, self._clock())
            raise

    def time_to_send(self, intent: Intent) -> Callable[[], float]:
        """Seconds until the send deadline: a process that was suspended sends nothing late."""
        sent_at = intent.last_sent_at
        assert sent_at is not None  # noqa: S101  the claim has just set it
        return lambda: self._timing.send - self._clock().seconds_since(sent_at)

    def _intend(self, mutation: Mutation) -> Intent:
        key, now = self.key_of(mutation.kind), self._clock().wall
        intent = self._store.intend(self._project, key, mutation.kind, mutation.spec, now)
        if intent.spec != mutation.spec and intent.receipt != VOIDED:
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

    def _is_at_work(self, intent: Intent) -> NotYet:
        """Another process won the compare-and-swap; once its attempt has settled, look again."""
        return NotYet(
            say("Another process is doing {kind} at this moment.", kind=intent.kind),
            self._timing.settle,
        )

    def _conclude_missing(self, intent: Intent, target: str) -> str:
        """What does not exist needs no deletion, once the service has said so often enough.

        The present answer counts: it is the answer to the deletion itself, and the look before it
        did not show that anything is left to do either. Not while what has made it settles: it may
        not be known everywhere yet, and be paid for all the same.
        """
        made = next((one for one in self.intents() if one.receipt == target), None)
        is_settled = made is None or self.seconds_to_settle(made) <= 0
        if not (is_settled and is_believed(intent.not_found_count + 1)):
            raise Missing(
                say(
                    "The service does not find {target} at the moment; it is asked again.",
                    target=target,
                )
            )
        log.info("already_gone", name=target)
        return target

    def _receive(self, intent: Intent, receipt: str, adopted: bool) -> str:
        self._store.receive(intent.key, receipt, self._clock().wall)
        log.info(
            "effect_received", kind=intent.kind, key=intent.key, receipt=receipt, adopted=adopted
        )
        return receipt


def _doubt_what_is_named(intent: Intent, error: NotFound) -> Transient | Permanent:
    """What an act names (a file, say) was made moments ago: its 404 may be a lag. Nothing was made.

    Bounded, for it may be true: then a person's retry looks at what is there, and makes the rest.
    """
    if is_believed(intent.not_found_count, GLITCHES_OF_AN_ACT):
        return Permanent(
            say("{problem} Mend the cause and `retry`.", problem=error.text), remote=True
        )
    return Transient(
        say(
            "The service does not know what {kind} names, which may be too new: it is asked again."
            " {problem}",
            kind=intent.kind,
            problem=error.text,
        )
    )
