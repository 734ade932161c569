"""What the store offers the engine: guarded moves, write-ahead intents, and kept documents.

Implemented by store/. No step uses it: steps see states/ports.py.

Longer than other files, so that what a database must do stands in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from states.facts import Facts
from states.model import Checkpoint, Project
from states.places import Artifact
from states.state import Event, State
from states.text import Text

if TYPE_CHECKING:
    from states.money.spending import Asked, Moment
    from states.ports import Memory

Mark = tuple[str, int, float | None]  # a project's name, its version, its due time
VOIDED = ""  # the receipt of a mutation that was voided: nobody makes it any more


@dataclass(frozen=True)
class Move:
    """A checkpoint to be made. `due_at` None: not ticked until a person acts.

    `hold` becomes the project's hold; None clears it."""

    event: Event
    to_state: State
    facts: Facts
    due_at: float | None
    generation: int
    note: Text | None = None
    hold: Text | None = None
    service: str | None = None  # only when the project changes to another service
    settings: Mapping[str, Any] | None = None  # those of its own, only when they change


@dataclass(frozen=True)
class Pause:
    """A change between checkpoints: when to look again, and why. Guarded by the version.

    It leaves no line in the history."""

    due_at: float | None
    waiting_for: Text | None
    attempts: int
    last_error: Text | None
    facts: Facts | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """A project, with version and due time as they should be still, and when it is due instead."""

    name: str
    version: int
    due_at: float
    until: float


@dataclass(frozen=True)
class Instant:
    """A moment by two clocks.

    `wall`: unix seconds, which people and time servers may set. `ticks`: seconds since the machine
    start named `boot`, which nobody can set; both are None where the system does not tell."""

    wall: float
    boot: str | None
    ticks: float | None

    def seconds_since(self, earlier: Instant) -> float:
        """Seconds from `earlier` to this moment. May be negative.

        Exact if both belong to one machine start; otherwise as the wall clock says."""
        if (
            self.boot is not None
            and self.boot == earlier.boot
            and self.ticks is not None
            and earlier.ticks is not None
        ):
            return self.ticks - earlier.ticks
        return self.wall - earlier.wall

    @staticmethod
    def latest(instants: Iterable[Instant]) -> Instant | None:
        """The last of these moments; None without any."""
        last: Instant | None = None
        for instant in instants:
            if last is None or instant.seconds_since(last) > 0:
                last = instant
        return last


@dataclass(frozen=True)
class Intent:
    """A change at the remote service, written down before it is made."""

    key: str  # the idempotency key
    kind: str
    spec: Mapping[str, Any]  # what was asked for, JSON-able; empty: voided before it was asked for
    last_sent_at: Instant | None  # None: certainly no request is on its way
    tries: int
    not_found_count: int  # 404 answers in a row to a deletion or cancellation
    receipt: str | None  # the remote object's id; VOIDED; None while the intent is open


class ProjectStore(Protocol):
    """Projects and their history."""

    def create(
        self,
        name: str,
        uid: str,
        service: str,
        now: float,
        settings: Mapping[str, Any] | None = None,
        artifacts: Mapping[Artifact, str] | None = None,
    ) -> Project:
        """The project exists in DRAFT, due now. If it did already, it is returned as it is.

        `settings`: what this project says for itself (agent/settings/declared, OF_A_PROJECT).
        `artifacts`: what a person has given already, kept as contents (Artifacts.carried)."""
        ...

    def load(self, name: str) -> Project | None: ...
    def names(self) -> Sequence[str]:
        """Of all, in order; no row is read for that."""
        ...

    def elsewhere(self, service: str) -> Sequence[tuple[str, int]]:
        """Every other service at which projects live, and how many those are."""
        ...

    def all(self) -> Sequence[Project]: ...
    def each(self) -> Iterator[Project]:
        """All, some at a time: of ten thousand they need not be in memory together."""
        ...

    def some(self, names: Iterable[str]) -> Iterator[Project]:
        """Those that there are of them, some at a time."""
        ...

    def due(self, now: float, never: float, service: str | None = None) -> Sequence[Project]:
        """Who is due at `now`, or later than `never`, which nobody waits for; at that service."""
        ...

    def due_marks(self, now: float, never: float, service: str | None = None) -> Sequence[Mark]:
        """Of each that `due` returns, also where its row cannot be decoded."""
        ...

    def stamp(self, service: str) -> object:
        """As long as it is equal, no project there has changed."""
        ...

    def marks(self, service: str) -> Iterable[Mark]:
        """Of each project there what tells whether it has changed."""
        ...

    def move(self, project: Project, move: Move, now: float) -> Project:
        """Row and checkpoint together. Superseded when the version is no longer `project`'s."""
        ...

    def pause(self, project: Project, pause: Pause) -> Project:
        """Superseded when the version is no longer `project`'s."""
        ...

    def postpone(self, waiting: Sequence[Postponed]) -> Sequence[str]:
        """They are looked at again then, and nothing else of them changes: one transaction.

        Returns the names of those that were not as they should be: they are left as they are."""
        ...

    def next_due(self, now: float) -> float | None:
        """When, after `now`, the first of the projects is due; None: none is."""
        ...

    def history(
        self, name: str, *, after: int = 0, last: int | None = None
    ) -> Sequence[Checkpoint]:
        """Oldest first: all after that version, or the `last` of them."""
        ...

    def each_checkpoint(self, name: str) -> Iterator[Checkpoint]:
        """The whole history, oldest first, some of it at a time."""
        ...

    def past(self, project: Project, generation: int) -> Iterator[Project]:
        """The project as the checkpoints of `generation` left it, the newest first."""
        ...


class IntentStore(Protocol):
    """Write-ahead intents and their receipts. Used by agent/engine/exactly_once."""

    def intend(
        self, project: Project, key: str, kind: str, spec: Mapping[str, Any], now: float
    ) -> Intent:
        """Returns the intent under `key`, writing it if there is none.

        An existing one that is open and has no request on its way takes the new spec.

        A new one supersedes its predecessors: it voids open intents of the same kind from earlier
        generations and copies their latest `last_sent_at`, because those requests may still
        succeed. It also copies it from a completed intent with the same spec, because listings may
        lag.

        Superseded when the project's version is no longer `project`'s: a process that missed a
        decision must not begin anything.
        """
        ...

    def intents(self, project: Project) -> Sequence[Intent]:
        """All of the project's at its present service, of every generation, oldest first."""
        ...

    def claim(self, project: Project, intent: Intent, sent_at: Instant) -> Intent | None:
        """Takes the next try, before the request is sent: a compare-and-swap on `tries`.

        None if another process won; Superseded as for `intend`."""
        ...

    def set_last_sent_at(
        self, intent: Intent, last_sent_at: Instant | None, not_found_count: int = 0
    ) -> Intent | None:
        """Records, after the request, from when on it may still take effect; None if it cannot.

        A compare-and-swap as `claim`: returns None if another process won."""
        ...

    def void(self, project: Project, intent: Intent, now: float) -> bool:
        """Closes the intent with VOIDED, so that nobody makes it any more.

        A compare-and-swap as `claim`: False if another process won. Superseded as for `intend`."""
        ...

    def receive(self, key: str, receipt: str, now: float) -> None:
        """Closes the intent with its receipt. The first receipt stays."""
        ...

    def has_receipts(self, project: Project) -> bool:
        """True once its present service has answered a mutation of this project."""
        ...

    def is_known_there(self, project: Project) -> bool:
        """True once anything of this project is, or may be, at its present service."""
        ...


class DocumentStore(Protocol):
    """Contents kept under their sha-256."""

    def memory(self, project: str) -> Memory:
        """The documents and paid answers of one project, as its steps see them."""
        ...

    def put_blob(self, content: bytes) -> str:
        """Returns the sha-256, hex."""
        ...

    def get_blob(self, sha256: str) -> bytes: ...
    def has_blob(self, sha256: str) -> bool: ...
    def put_pieces(self, content: Iterable[bytes]) -> str:
        """put_blob of the pieces joined, whatever their sizes; only a few MB are in memory."""
        ...

    def get_pieces(self, sha256: str) -> Iterator[bytes]:
        """get_blob in pieces of a few MB."""
        ...

    def remove_abandoned_pieces(self, now: float) -> None:
        """What a killed writer left of a content that never became whole is gone after a day."""
        ...


class MoneyStore(Protocol):
    """What a project has cost, as far as it is written down."""

    def moments(self, project: Project) -> Sequence[Moment]:
        """Its facts over time at its present service, oldest first."""
        ...

    def asked(self, project: Project) -> Sequence[Asked]:
        """Its paid answers, summed up by model."""
        ...


class DaemonStore(Protocol):
    """The heartbeats of the daemons; more than one where workers share the database."""

    def beat(self, pid: int, host: str, now: float) -> None: ...
    def heartbeats(self) -> Sequence[dict[str, Any]]:
        """{"pid", "host", "last_tick"} of each, the newest first."""
        ...


class LockStore(Protocol):
    """Which of several workers on one database ticks a project. For order, not for safety."""

    @property
    def is_shared(self) -> bool:
        """Homes of several machines may share it, so that a home's files are only views of it."""
        ...

    def lock_project(self, name: str) -> AbstractContextManager[Callable[[], bool] | None]:
        """Within it no other worker takes the project on; None if another one does already.

        What it gives tells whether the lock is still held: it goes with the connection."""
        ...


class WakeStore(Protocol):
    """Saves workers on other machines the time until they look again. Nothing rests on it."""

    def wake(self) -> None:
        """Whoever listens looks at once which projects are due."""
        ...

    def listen(self, woken: Callable[[], None]) -> Callable[[], None]:
        """`woken` is called, in a thread of its own, whenever anybody has called `wake`, until what
        this returns is called. Does nothing where the database cannot tell."""
        ...


class Store(
    ProjectStore,
    IntentStore,
    DocumentStore,
    MoneyStore,
    DaemonStore,
    LockStore,
    WakeStore,
    Protocol,
):
    """All of it: one database."""
