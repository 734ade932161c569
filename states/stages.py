"""The stages of what is known about a project: what each state's step adds when it ends.

facts.py puts them together. Big documents (job record, answers, analysis) are in the store; a stage
holds their name there.

Longer than other files, so that all stages stand in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.places import Artifact
from states.state import State

PAUSE, RESUME = "pause", "resume"
# When a deployment of ours is deleted without being asked to; see Preferences in ports.py.
NEVER, AFTER_ANALYSIS, TTL = "never", "after_analysis", "ttl"
DELETED = "deleted"  # the status of a deployment that this program has deleted


@dataclass(frozen=True)
class Plan:
    """What the service is asked to train. Fixed when SPLIT accepts the data."""

    base_model: str
    epochs: int
    batch_size: int
    learning_rate_multiplier: float
    seed: int
    training_type: str | None = None


@dataclass(frozen=True)
class Prepared:
    """SPLIT accepted the data: what will be trained, whatever the settings say later.

    `tokens`: of the training file times the epochs; None before version 0.2."""

    plan: Plan
    tokens: int | None = None


@dataclass(frozen=True)
class Weighed:
    """VALIDATED weighed what is reached without a training. Documents of what untuned models are
    asked for that, and of what was reached; None where there is nothing."""

    questions: str | None = None
    comparison: str | None = None
    is_open: bool = True


@dataclass(frozen=True)
class Uploaded:
    """VALIDATED uploaded both files: their ids at the service."""

    training_file: str
    validation_file: str


@dataclass(frozen=True)
class Progress:
    """The newest metrics event of a job. `loss`: training loss, None when the event has none."""

    step: float
    loss: float | None = None


@dataclass(frozen=True)
class Trouble:
    """The same trouble with the same object, seen again and again without a break."""

    kind: str  # of a deployment "missing", "silent", "unverified"; of a job "paused", "nameless"
    name: str
    looks: int
    seconds: float  # how long it lasts, counted in time that was really watched
    at: float  # unix seconds of the last look


@dataclass(frozen=True)
class Order:
    """What a person wants of a training. `number`: of the orders for this job, from 1."""

    wants: str  # PAUSE or RESUME
    number: int
    is_done: bool = False  # the service has taken it


@dataclass(frozen=True)
class Job:
    """UPLOADED created the training job; TRAINING updates the rest.

    `order`: the last of the `orders`, until the job does something else. `paused_at`: unix seconds,
    since when it is known to be paused; `rested`: seconds that it was, before."""

    id: str
    status: str | None = None  # as the service spells it; None before the first look
    progress: Progress | None = None
    record: str | None = None  # of one that failed: document with the job and its events
    trouble: Trouble | None = None
    order: Order | None = None
    orders: int = 0
    paused_at: float | None = None
    rested: float = 0.0


@dataclass(frozen=True)
class ChosenCheckpoint:
    """A model of the middle of the training, which a person has put in the final one's place."""

    id: str  # by which a deployment of it may call it, too
    step: int
    final: str  # the model of the last step


@dataclass(frozen=True)
class Trained:
    """TRAINING saw the job succeed. `record`: document with the job, its events and loss curve.

    `model`: that is deployed and asked. `checkpoint`: which one that is; None for the final model.
    `unsupported`: what its refusals have taught of the model (states/remote.py, Reply).
    `tokens`: that the training is billed for, where the service tells."""

    model: str
    record: str | None
    unsupported: tuple[str, ...] = ()
    tokens: int | None = None
    checkpoint: ChosenCheckpoint | None = None

    @property
    def final(self) -> str:
        """The model of the last step."""
        return self.model if self.checkpoint is None else self.checkpoint.final

    def is_named(self, model: str) -> bool:
        """A listing means this model: one of a checkpoint may be deployed by its id as well."""
        return model == self.model or (self.checkpoint is not None and model == self.checkpoint.id)


@dataclass(frozen=True)
class Requested:
    """TRAINED asked for a deployment, of a person or of the service."""

    name: str  # suggested to a person, or created by this program
    is_ours: bool = False  # created by this program, which may therefore delete it
    status: str | None = None
    named: str | None = None  # the name that a person says it has (`advance --deployment`)
    trouble: Trouble | None = None
    sku: str | None = None  # as which this program has asked for it
    until: float | None = None  # unix seconds, when it is to be deleted
    ends: float | None = None  # unix seconds, when it ends by itself


@dataclass(frozen=True)
class Deployed:
    """AWAITING_DEPLOY got an answer from a deployment of this model.

    `at_once`: so many questions it takes at once, by what it refused (states/remote.py, Heard).
    `until`, `ends`: as of Requested."""

    name: str
    is_ours: bool
    status: str = "succeeded"  # or DELETED
    is_verified: bool = True  # False: a person's word that it serves the model is all there is
    sku: str | None = None  # what it is billed by; None: not known
    at_once: int | None = None
    until: float | None = None
    ends: float | None = None


@dataclass(frozen=True)
class Renewed:
    """A Developer deployment ended by itself and was made anew, so often. `until`: as of the first
    one: none of them outlives it."""

    count: int
    until: float | None = None


@dataclass(frozen=True)
class Parent:
    """The generation before, whose model is asked the same cases as that of the present one.

    `deployment`: None where nothing is known of one; one that is DELETED gives no new answers, and
    those that were paid for still count. `validation`: sha-256 of its validation file, whose rows
    are never trained on.
    `gives_way`: the present generation takes its place, so that its deployment is given up."""

    generation: int
    model: str
    deployment: Deployed | None = None
    unsupported: tuple[str, ...] = ()  # as that of Trained
    validation: str | None = None
    gives_way: bool = False

    @property
    def answers_at(self) -> str | None:
        """The name of its deployment, while there is one."""
        found = self.deployment
        return None if found is None or found.status == DELETED else found.name

    @property
    def is_ours(self) -> bool:
        """This program made its deployment."""
        return self.deployment is not None and self.deployment.is_ours


@dataclass(frozen=True)
class RivalAsked:
    """How far another candidate is with the questions that the present step asks.

    `looks`: in a row that brought no answer; `left_out`: why it is asked no more, a Text as JSON;
    `unsupported`: as that of Trained; `at_once`: as that of Deployed."""

    looks: int = 0
    is_over: bool = False
    left_out: Mapping[str, Any] | None = None
    unsupported: tuple[str, ...] = ()
    at_once: int | None = None


@dataclass(frozen=True)
class Evaluated:
    """DEPLOYED asked every test case. `evaluation`: document with each case and its answer."""

    evaluation: str
    cases: int
    correct: int
    accuracy: float | None  # 0..1, four decimals; None without cases
    unanswered: int = 0  # cases that got no answer, and do not count
    trained: int = 0  # cases that the model was trained on, and do not count either
    near: int = 0  # cases that nearly repeat a training sentence: they do not count either


@dataclass(frozen=True)
class Analyzed:
    """EVALUATED analyzed the answers. `analysis`: document; None in databases of version 0.1.

    `verdict`, `ship`: the words of states/evaluation/verdict.py; None where there was none yet."""

    grade: str
    analysis: str | None
    verdict: str | None = None
    ship: str | None = None


@dataclass(frozen=True)
class Failure:
    """The state in which the project gave up. `is_remote`: the service failed, not this program."""

    state: State
    is_remote: bool


@dataclass(frozen=True)
class Refused:
    """The files that a hold is about, each with its fingerprint (states/ports.py).

    `seen`: those that have changed since, seen once: an editor may still be saving them."""

    files: Mapping[Artifact, str]
    seen: Mapping[Artifact, str] | None = None
