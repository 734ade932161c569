"""What the store offers the application: guarded moves, write-ahead intents, and a memory for documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from states.model import Checkpoint, Event, Facts, Project, State
from states.ports import Memory
from states.text import Text

VOID = ""  # the receipt of a mutation that was called off: nobody makes it any more


@dataclass(frozen=True)
class Move:
    """A checkpoint to be made. `due_at` None: not ticked until a person acts; `hold` is set or cleared by it."""

    event: Event
    to_state: State
    facts: Facts
    due_at: float | None
    generation: int
    note: Text | None = None
    hold: Text | None = None
    service: str | None = None  # only when the project changes to another service


@dataclass(frozen=True)
class Pause:
    """A change between checkpoints: when to look again, and why. Guarded by the version, but makes no history."""

    due_at: float | None
    waiting_for: Text | None
    attempts: int
    last_error: Text | None
    facts: Facts | None = None


@dataclass(frozen=True)
class Instant:
    """A moment by two clocks. `wall`: unix seconds, which people and time servers set at will; `ticks`: seconds since the
    machine start named `boot`, which nobody sets (None where the system does not tell)."""

    wall: float
    boot: str | None
    ticks: float | None

    def seconds_since(self, earlier: Instant) -> float:
        """Real time passed, where both moments belong to one machine start; else the best guess. May be negative."""
        if (
            self.boot is not None
            and self.boot == earlier.boot
            and self.ticks is not None
            and earlier.ticks is not None
        ):
            return self.ticks - earlier.ticks
        return self.wall - earlier.wall


@dataclass(frozen=True)
class Intent:
    """A remote mutation that was decided. `stamp`: when it was last sent, None when it is certainly not on its way."""

    key: str
    kind: str
    spec: Mapping[
        str, Any
    ]  # what was asked for, JSON-able; empty where it was called off before it was ever asked for
    stamp: Instant | None
    tries: int
    misses: int  # times in a row that the service did not know what is to come to an end
    receipt: str | None


class Store(Protocol):
    """The one place that remembers."""

    def create(self, name: str, uid: str, service: str, now: float) -> Project:
        """The project exists in DRAFT, due now. If it did already, it is returned as it is."""
        ...

    def load(self, name: str) -> Project | None: ...
    def all(self) -> Sequence[Project]: ...
    def due(self, now: float) -> Sequence[str]: ...
    def move(self, project: Project, move: Move, now: float) -> Project:
        """Row and checkpoint together. Superseded when the version is no longer `project`'s."""
        ...

    def pause(self, project: Project, pause: Pause) -> Project:
        """Superseded when the version is no longer `project`'s."""
        ...

    def history(self, name: str) -> Sequence[Checkpoint]: ...

    def intend(
        self, project: Project, key: str, kind: str, spec: Mapping[str, Any], now: float
    ) -> Intent:
        """The intent under `key`: written down now, or as it stands already; one that is certainly not on its way takes the new spec.
        Superseded when the project's version is no longer `project`'s: whoever slept through a decision begins nothing. A new one takes the place of those of its kind that
        earlier generations left open: they are called off, and it inherits their last stamp, for they may still come true. It
        inherits that of the same spec done before as well: it must be looked for until a listing would certainly show it.
        """
        ...

    def intents(self, project: Project) -> Sequence[Intent]:
        """All of the project's at the service where it lives now, of every generation, oldest first."""
        ...

    def claim(self, project: Project, intent: Intent, stamp: Instant) -> Intent | None:
        """Before it is sent: a compare-and-swap on the number of tries. None if somebody else won; Superseded as for `intend`."""
        ...

    def restamp(self, intent: Intent, stamp: Instant | None, misses: int = 0) -> Intent | None:
        """After it was sent: when it may still come true from; None says that it is not on its way. None if somebody else won."""
        ...

    def call_off(self, project: Project, intent: Intent, now: float) -> bool:
        """Compare-and-swap as `claim`: closed with VOID, so that nobody makes it any more. False if somebody else won."""
        ...

    def receive(self, key: str, receipt: str, now: float) -> None: ...
    def has_receipts(self, project: Project) -> bool:
        """True once the service where it lives has answered a mutation of this project: it was reachable then."""
        ...

    def is_known_there(self, project: Project) -> bool:
        """True once anything of this project is, or may be, at the service where it lives."""
        ...

    def memory(self, project: str) -> Memory: ...
    def put_blob(self, content: bytes) -> str:
        """Returns the sha-256, hex."""
        ...

    def get_blob(self, sha256: str) -> bytes: ...
    def beat(self, pid: int, host: str, now: float) -> None: ...
    def heartbeat(self) -> dict[str, Any] | None:
        """{"pid", "host", "last_tick"} of the daemon that last ticked; None if there never was one."""
        ...
