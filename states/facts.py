"""What is known about a project, one stage per state that adds to it.

A step adds its stage when it ends (ask_cases adds `questions` when it begins). Going back to a
state drops the stages that this state and the later ones add (`Facts.back_to`); which state adds
which is said once, in _ADDED_IN. Big documents
(job record, questions, answers, analysis) are in the store; a stage holds their name there.

Longer than other files, so that all stages stand in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from states.bases.lifetime import Lifetime
from states.places import Artifact
from states.state import State

SCHEMA = 2  # of the JSON form; the flat form without a number is that of version 0.1
DELETED = "deleted"  # the status of a deployment that this program has deleted
OWN, BOTH = "own", "both"  # deployments of ours that a project gives up
T = TypeVar("T")


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
class Job:
    """UPLOADED created the training job; TRAINING updates the rest."""

    id: str
    status: str | None = None  # as the service spells it; None before the first look
    progress: Progress | None = None
    record: str | None = None  # of one that failed: document with the job and its events
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Trained:
    """TRAINING saw the job succeed. `record`: document with the job, its events and loss curve.

    `unsupported`: what its refusals have taught of the model (states/remote.py, Reply).
    `tokens`: that the training is billed for, where the service tells."""

    model: str
    record: str | None
    unsupported: tuple[str, ...] = ()
    tokens: int | None = None


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


@dataclass(frozen=True)
class Deployed:
    """AWAITING_DEPLOY got an answer from a deployment of this model.

    `at_once`: so many questions it takes at once, by what it refused (states/remote.py, Heard)."""

    name: str
    is_ours: bool
    status: str = "succeeded"  # or DELETED
    is_verified: bool = True  # False: a person's word that it serves the model is all there is
    sku: str | None = None  # what it is billed by; None: not known
    at_once: int | None = None


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


# Stage -> the state whose step adds it. `questions` outlives a new deployment of the same model:
# what a project is graded on does not change between two looks at it.
_ADDED_IN = {
    "prepared": State.SPLIT,
    "offered": State.VALIDATED,
    "weighed": State.VALIDATED,
    "reserved": State.VALIDATED,
    "uploaded": State.VALIDATED,
    "created": State.UPLOADED,
    "trained": State.TRAINING,
    "questions": State.TRAINING,
    "robustness": State.TRAINING,
    "requested": State.TRAINED,
    "deployed": State.AWAITING_DEPLOY,
    "rivals": State.DEPLOYED,
    "answered": State.DEPLOYED,
    "evaluated": State.DEPLOYED,
    "analyzed": State.EVALUATED,
}


@dataclass(frozen=True)
class Facts:
    """Everything known about a project. None: the project has not come that far."""

    artifacts: Mapping[Artifact, str] = field(default_factory=dict)  # -> sha-256 of the content
    prepared: Prepared | None = None
    offered: Lifetime | None = None  # what the service said of the base model before the upload
    weighed: Weighed | None = None
    reserved: float | None = None  # USD of a budget that are set aside for the training
    uploaded: Uploaded | None = None
    created: Job | None = None
    trained: Trained | None = None
    questions: str | None = None  # document: the test cases as they were when they were first read
    robustness: bool = False  # asked for with `evaluate --robustness`
    requested: Requested | None = None
    deployed: Deployed | None = None
    rivals: Mapping[str, RivalAsked] | None = None  # None: none of them was asked yet
    answered: str | None = None  # document: the evaluation, while changed sentences are asked
    evaluated: Evaluated | None = None
    analyzed: Analyzed | None = None
    failure: Failure | None = None
    edited: Artifact | None = None  # the file whose change caused the hold
    refused: Refused | None = None  # the files whose mistakes caused the hold
    deletes_files: bool = False  # asked for with `cancel --delete-files`
    asks: str | None = None  # what a hold asks a person to confirm, by its digest
    confirmed: str | None = None  # what a person has confirmed last
    parent: Parent | None = None  # what the present generation goes on from; no step adds it
    gives_up: str | None = None  # its deployments that are being deleted: OWN, or BOTH
    keeps_parent: bool = False  # asked for with `cancel --keep-parent`

    def back_to(self, state: State) -> Facts:
        """What is still true after the project went back to `state`."""
        if state is State.DRAFT:
            return Facts(parent=self.parent)
        order = list(State)
        kept = {
            stage: getattr(self, stage)
            for stage, added in _ADDED_IN.items()
            if order.index(added) < order.index(state)
        }
        return Facts(
            artifacts=self.artifacts,
            deletes_files=self.deletes_files,
            confirmed=self.confirmed,
            parent=self.parent,
            **kept,
        )

    def as_parent(self, generation: int) -> Parent | None:
        """Whom a generation after `generation`, of which these are the facts, is compared with.

        Its own parent where it was never evaluated, and where that one is still deployed."""
        parent = self.parent
        is_deployed = parent is not None and parent.answers_at is not None
        # Ours would belong to nobody, if the generation that it should give way to is left.
        if parent is not None and is_deployed and (parent.is_ours or not parent.gives_way):
            return replace(parent, gives_way=False)
        if self.trained is None or self.evaluated is None:
            return self.parent
        return Parent(generation, self.trained.model, self.deployed, self.trained.unsupported)

    def without_our_deployment(self) -> Facts:
        """The deployment that this program made is deleted; one that a person made stays."""
        requested, deployed = self.requested, self.deployed
        if requested and requested.is_ours:
            requested = replace(requested, status=DELETED)
        if deployed and deployed.is_ours:
            deployed = replace(deployed, status=DELETED)
        return replace(self, requested=requested, deployed=deployed, gives_up=None)

    def after_parent(self) -> Facts:
        """The generation before has given way. Its deployment is deleted, if it was ours."""
        if self.parent is None:
            return self
        found = self.parent.deployment
        if found is not None and found.is_ours:
            found = replace(found, status=DELETED)
        return replace(self, parent=replace(self.parent, deployment=found, gives_way=True))

    def as_json(self) -> dict[str, Any]:
        """The JSON that the store keeps and facts_json.py reads. Missing stages are left out."""
        known = {name: value for name, value in _plain(self).items() if value not in (None, False)}
        return {"schema": SCHEMA, **known}


def _plain(value: Any) -> Any:
    """As dataclasses.asdict, which copies even what nobody can change: every move comes by here."""
    if names := getattr(value, "__dataclass_fields__", None):
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return value


def known(stage: T | None) -> T:
    """The stage, which the state of the project guarantees. LookupError where it is missing.

    A step calls this instead of turning None into text that a paid service would receive.
    """
    if stage is None:
        raise LookupError("the project has not come that far")
    return stage


def deployment_of(facts: Facts) -> Deployed | Requested | None:
    """The deployment as far as it is known: the one that answered, else the one asked for."""
    return facts.deployed or facts.requested
