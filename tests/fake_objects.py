"""What the service in memory is made of: its clock, its durations, its objects, and a
request's fate.

tests/fake_service.py acts on them; the tests order fates and turn the clock.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from states.remote import Heard, JobSpec, Question, Reply, Token
from states.store_port import Instant

# seconds in which a request is answered, or given up, or (when it was given up) still acted upon
TIMEOUT = 5.0


LAG = 3.0  # seconds after which a listing certainly shows an object


SETTLE = 10.0  # > TIMEOUT + LAG, as the settings demand


SEND = SETTLE - TIMEOUT - LAG  # seconds in which a request has left


DAY = 86400.0


MUTATIONS = (
    "upload",
    "create_job",
    "cancel_job",
    "pause_job",
    "resume_job",
    "create_deployment",
    "delete_deployment",
    "delete_file",
    "delete_job",
)


class Clock:
    """`true` is real time; `wall` is what a person has set the machine to; the machine was last
    started at `booted`.
    """

    def __init__(self) -> None:
        self.true, self.offset, self.booted, self.starts = 1000.0, 1_800_000_000.0, 0.0, 1
        self.passing: list[Callable[[], None]] = []

    def wall(self) -> float:
        return self.true + self.offset

    def now(self) -> Instant:
        return Instant(self.wall(), f"start-{self.starts}", self.ticks)

    @property
    def ticks(self) -> float:
        """Seconds since the machine was started."""
        return self.true - self.booted

    def set_wall(self, wall: float) -> None:
        self.offset = wall - self.true

    def reboot(self) -> None:
        self.starts, self.booted = self.starts + 1, self.true

    def spend(self, seconds: float) -> None:
        self.true += seconds
        for act in self.passing:
            act()


@dataclass
class File:
    id: str
    name: str
    content: bytes = b""
    made: float = 0.0

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def role(self) -> str:
        return self.name.split("-")[-2]


@dataclass
class Job:
    id: str
    spec: JobSpec
    suffix: str
    made: float = 0.0
    fails: bool = False
    cancelled: float | None = None
    content: str = ""  # sha-256 of the training file at the time of creation
    paused: float | None = None
    rested: float = 0.0  # seconds, in earlier pauses
    lasts: float = 3.0  # seconds until it is over, without its pauses

    def status(self, now: float) -> str:
        if self.cancelled is not None:
            return "cancelled"
        if self.paused is not None:
            return "paused"
        age = now - self.made - self.rested
        return (
            "pending"
            if age < 1
            else "running"
            if age < self.lasts
            else "failed"
            if self.fails
            else "succeeded"
        )

    def lives(self, now: float) -> bool:
        return self.status(now) in ("pending", "running", "paused")

    @property
    def model(self) -> str:
        return f"{self.spec.base_model}.ft-{self.id}.{self.suffix}"


@dataclass
class Deployment:
    name: str
    model: str
    made: float
    by_hand: bool = False
    status: str | None = None  # whatever its age, if set

    def status_at(self, now: float) -> str:
        return self.status or ("succeeded" if now - self.made >= 1 else "creating")


@dataclass(frozen=True)
class Act:
    """One accepted mutation, or one paid answer."""

    kind: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)


# What may become of one request.
@dataclass(frozen=True)
class Fate:
    """`kind`: lost (before the act), silent (acted, no reply), late (acted `seconds` after it was
    given up), slow (`seconds` until the reply), long (`seconds` until it is acted upon, and no
    reply), refused_connection, busy, unknown (a gateway's 404); for looks and reads slow,
    unclear_look, deaf, refused, unknown.
    """

    kind: str
    seconds: float = 0.0


def to_tokens(answer: str, chance: float | None) -> tuple[Token, ...]:
    """The answer as one token of this chance; none where nobody tells it."""
    return () if chance is None else (Token(answer.encode(), math.log(chance)),)


def one_by_one(
    ask: Callable[..., Reply],
    take: Callable[[], Question | None],
    unsupported: Sequence[str],
    batch: int,
) -> Iterator[Sequence[Heard]]:
    """So many questions, one after the other, which is one way to ask them at once."""
    for _ in range(batch):
        question = take()
        if question is None:
            return
        try:
            reply: Reply | Exception = ask(question.messages, tuple(unsupported))
        except Exception as error:
            reply = error
        if isinstance(reply, Reply):
            unsupported = tuple(dict.fromkeys((*unsupported, *reply.unsupported)))
        yield [Heard(question.number, reply)]
