"""What a project is: its state, its facts, and the events that move it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from states.text import Text


class State(StrEnum):
    """Where a project stands; in order, then the two ways to have given up."""

    DRAFT = "DRAFT"
    PROMPTED = "PROMPTED"
    SPLIT = "SPLIT"
    VALIDATED = "VALIDATED"
    UPLOADED = "UPLOADED"
    TRAINING = "TRAINING"
    TRAINED = "TRAINED"
    AWAITING_DEPLOY = "AWAITING_DEPLOY"
    DEPLOYED = "DEPLOYED"
    EVALUATED = "EVALUATED"
    ANALYZED = "ANALYZED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_terminal(self) -> bool:
        return self in (State.ANALYZED, State.FAILED, State.CANCELLED)

    def has_reached(self, other: State) -> bool:
        """True when `other` lies on the way here (FAILED and CANCELLED have reached only themselves)."""
        if self in (State.FAILED, State.CANCELLED) or other in (State.FAILED, State.CANCELLED):
            return self is other
        order = list(State)
        return order.index(self) >= order.index(other)


class Event(StrEnum):
    """What happened. Where it leads is known to graph.py alone."""

    PROMPTS_BUILT = "PROMPTS_BUILT"
    DATA_SPLIT = "DATA_SPLIT"
    DATA_ACCEPTED = "DATA_ACCEPTED"
    FILES_READY = "FILES_READY"
    JOB_CREATED = "JOB_CREATED"
    JOB_SUCCEEDED = "JOB_SUCCEEDED"
    DEPLOYMENT_REQUESTED = "DEPLOYMENT_REQUESTED"
    MODEL_ANSWERED = "MODEL_ANSWERED"
    CASES_ANSWERED = "CASES_ANSWERED"
    ANALYSIS_MADE = "ANALYSIS_MADE"
    GAVE_UP = "GAVE_UP"
    CANCELLED = "CANCELLED"
    # Nothing moves, but it belongs to the history:
    HELD = "HELD"
    RELEASED = "RELEASED"
    DEPLOYMENT_NAMED = "DEPLOYMENT_NAMED"
    CLEANED_UP = "CLEANED_UP"
    # A person sends the project back:
    DATA_REOPENED = "DATA_REOPENED"
    PROMPTS_REOPENED = "PROMPTS_REOPENED"
    SPLIT_REOPENED = "SPLIT_REOPENED"
    DEPLOYMENT_REOPENED = "DEPLOYMENT_REOPENED"
    EVALUATION_REOPENED = "EVALUATION_REOPENED"


@dataclass(frozen=True)
class Plan:
    """What is asked of the service. Fixed when the data is accepted, so that a later change of settings alters nothing validated."""

    base_model: str
    epochs: int
    batch_size: int
    learning_rate_multiplier: float
    seed: int
    training_type: str | None = None


@dataclass(frozen=True)
class Facts:
    """Everything known about a project. Flat and JSON-able; big documents are blobs of the store, named here by their sha-256."""

    artifacts: Mapping[str, str] = field(
        default_factory=dict
    )  # path below the home -> sha-256 of what was written there
    repeated: Mapping[str, int] = field(
        default_factory=dict
    )  # intent -> sentences of the examples that are there already
    plan: Mapping[str, Any] | None = None  # a Plan, from the moment the data was accepted
    training_file: str | None = None
    validation_file: str | None = None
    job_id: str | None = None
    job_status: str | None = None
    job_progress: Mapping[str, Any] | None = None  # {"step", "loss"} of the newest metrics event
    training_record: str | None = None  # blob: the finished job, its events and its loss curve
    model: str | None = None
    deployment: str | None = None
    deployment_status: str | None = None
    deployment_trouble: Mapping[str, Any] | None = (
        None  # {"kind", "name", "looks", "seconds", "at"}: seen again and again
    )
    deployment_requested: str | None = (
        None  # the name suggested to a person, or the one created automatically
    )
    deployment_named: str | None = None  # the name a person says it has (`advance --deployment`)
    deployment_is_ours: bool = False  # created by this program, so it may also delete it
    cases: str | None = None  # blob: the test cases as they were when the evaluation began
    evaluation: str | None = None  # blob: every case with its answer
    accuracy: float | None = None
    grade: str | None = None
    failed_at: str | None = None  # the state in which the project gave up
    failed_remotely: bool = False  # the far side failed: a retry needs new keys
    edited: str | None = None  # path of the file whose change caused the hold
    delete_files: bool = False  # asked for with `cancel --delete-files`

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Facts:
        """Facts of this or an older version of the program: a missing field has its default."""
        known = {f.name for f in fields(Facts)}
        return Facts(**{key: value for key, value in data.items() if key in known})

    def agreed_plan(self) -> Plan:
        if self.plan is None:
            raise LookupError("the plan is fixed only when the data has been accepted")
        return Plan(**self.plan)


@dataclass(frozen=True)
class Project:
    """One row of the store. Times are unix seconds (UTC)."""

    name: str
    uid: str  # 8 hex digits, random at creation: keeps our remote names apart from those of others with the same project name
    service: str  # "emulator" or the host of the Azure resource that holds this project's files, job and deployment
    state: State
    generation: int  # grows when the far side failed or a person starts over: new keys
    version: int  # grows with every checkpoint; guards every write
    since: float
    due_at: float | None  # None: not ticked until a person acts
    waiting_for: Text | None
    hold: Text | None
    attempts: int
    last_error: Text | None
    facts: Facts
    settings: Mapping[str, Any] = field(default_factory=dict)  # its own; the rest: environment

    @property
    def remote_name(self) -> str:
        """`<name>-<uid>-g<generation>`: travels to the service with everything made for this generation."""
        return f"{self.name}-{self.uid}-g{self.generation}"


@dataclass(frozen=True)
class Checkpoint:
    """One line of a project's history."""

    version: int
    at: float
    from_state: State
    event: Event
    to_state: State
    generation: int
    note: Text | None = None
