"""What a step may use of the world. Made by bootstrap, for one project and one tick.

`read` is free to repeat; `do` is the only way to change anything at the service.

Longer than other files, so that a step's whole world stands in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from states.money.purse import NoPurse, Purse
from states.places import GIVEN, Artifact
from states.quality_port import NoQuality, Quality
from states.stages import NEVER, Order, Plan
from states.text import Text

if TYPE_CHECKING:  # whoever hands these over has loaded them: every start loads this file
    from states.remote import (
        DeploymentSpec,
        FileSpec,
        Glimpse,
        Heard,
        JobEvent,
        JobSpec,
        Question,
        RemoteCheckpoint,
        RemoteDeployment,
        RemoteFile,
        RemoteJob,
        RemoteModel,
        Reply,
    )


class Read(Protocol):
    """Looking at the service. Every call may be repeated at will."""

    def file(self, file_id: str) -> RemoteFile: ...
    def job(self, job_id: str) -> RemoteJob: ...
    def job_glimpse(self, job_id: str, within: float) -> Glimpse | None:
        """A job that goes on, by a listing begun at most `within` seconds ago.

        None: ask for the `job`: few are followed, or it may have ended, or be listed wrongly."""
        ...

    def follows_many(self) -> bool:
        """Jobs of many projects: what decorates is read when a job has moved."""
        ...

    def file_glimpse(self, file_id: str, within: float) -> str | None:
        """The status of a file that is being processed, as job_glimpse. None: ask for `file`."""
        ...

    def events(self, job_id: str) -> Sequence[JobEvent]: ...
    def checkpoints(self, job_id: str) -> Sequence[RemoteCheckpoint]: ...
    def newest_events(self, job_id: str) -> Sequence[JobEvent]:
        """The last ones, by one request."""
        ...

    def content(self, file_id: str) -> bytes: ...
    def deployment(self, name: str) -> RemoteDeployment | None:
        """None when there is none of that name. NotFound when this service has no way to look."""
        ...

    def model(self, name: str) -> RemoteModel | None:
        """The base model by the service's own lists. None: none that tells could be read."""
        ...

    def deployments_glimpse(self, name: str, within: float) -> Sequence[RemoteDeployment] | None:
        """All, by a listing as of job_glimpse. None: look for `name` by itself."""
        ...

    def deployments_of(self, model: str) -> Sequence[RemoteDeployment]:
        """Every deployment of `model`. NotFound when this service offers no way to list them."""
        ...

    def deployments_listed(self) -> Iterable[RemoteDeployment]: ...  # of the account; as above

    def chat(
        self,
        deployment: str,
        messages: Sequence[Mapping[str, str]],
        unsupported: Sequence[str] = (),
    ) -> Reply:
        """One answer at temperature 0. Changes nothing, but is paid for: keep what it returns.

        `unsupported`: what earlier replies have taught of the model, so that it is not sent.
        NoAnswer for a reply in which nothing was stated."""
        ...

    def chat_many(
        self,
        deployment: str,
        take: Callable[[], Question | None],
        unsupported: Sequence[str] = (),
        most: int = 1,
        at_once: int | None = None,
    ) -> Iterator[Sequence[Heard]]:
        """`chat` with as many questions as can be asked in some seconds, at most `most` at once.

        `take`: the next question; None where there is none at the moment. `at_once`: what an
        earlier `Heard` has told of it, be it to another process. What has arrived is handed out at
        once. Fewer are asked at once where the service is busy, and none while it wants to be left
        alone: NotYet, if that was told to another project. Whoever stops listening loses what is
        being asked."""
        ...


class Do(Protocol):
    """Changes of the service, each effectively once per project and generation.

    Whatever crashes in between: agent/engine/exactly_once.py looks before it sends again."""

    def upload(self, spec: FileSpec) -> str: ...
    def conclude_uploads(self) -> Sequence[str]:
        """Every file of this project, of any generation, that is or may be at the service.

        Whatever is not among them is voided: no other file can arrive any more."""
        ...

    def create_job(self, spec: JobSpec, last_look: Callable[[], None]) -> str:
        """`last_look` may still object, by raising, in the moment before the job is paid for."""
        ...

    def conclude_job(self, spec: JobSpec | None) -> str | None:
        """The job of this generation. None if there is none: it is voided, so none can follow.

        `spec`: what it would be, in case nothing was written down of it."""
        ...

    def cancel_job(self, job_id: str) -> str: ...
    def order_job(self, job_id: str, order: Order) -> str: ...  # once for each order
    def create_deployment(self, spec: DeploymentSpec) -> str: ...
    def conclude_deployment(self, spec: DeploymentSpec | None) -> DeploymentSpec | None:
        """As conclude_job, for the deployment that this program made for this generation."""
        ...

    def delete_deployment(self, spec: DeploymentSpec) -> str:
        """No deployment of that name serves `spec.model` any more.

        One of another model, which somebody put there, stays."""
        ...

    def delete_file(self, file_id: str) -> str: ...
    def delete_job(self, job_id: str, last_look: Callable[[], None]) -> str:
        """The job is gone, and with it its model and checkpoints. `last_look`: as of create_job."""
        ...

    def made_files(self) -> Sequence[str]:
        """Every file of this project that is at the service, of any generation. Only looks."""
        ...

    def made_jobs(self) -> Mapping[str, int]:
        """Every job that this project has created and not deleted -> its generation."""
        ...


@dataclass(frozen=True)
class Kept:
    """A content in the store; `size` in bytes."""

    sha256: str
    size: int


class Artifacts(Protocol):
    """The files of one project, below the home. What was saved is known by content."""

    def place(self, artifact: Artifact) -> str:
        """The path below the home, for messages."""
        ...

    def find(self, artifact: Artifact) -> bytes | None:
        """The file as it is now, which a person may have put there. None if there is none."""
        ...

    def keep(self, artifact: Artifact) -> Kept | None:
        """The content of the file as it is now is in the store for good. None if there is none."""
        ...

    def fingerprint(self, artifact: Artifact) -> str:
        """The sha-256 of the file as it is now; "" without one, a word for what is not readable."""
        ...

    def record(self, content: bytes) -> str:
        """What was read from a person's file is in the store for good. Returns its sha-256.

        The file is left alone: its owner may have saved it once more."""
        ...

    def carried(self, which: Sequence[Artifact] = GIVEN) -> Mapping[Artifact, str]:
        """What a person has given, kept for every home on the database; it goes back to DRAFT too.

        Empty where there is one home."""
        ...

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """A content of the store, in pieces of a few MB."""
        ...

    def save(self, artifact: Artifact, content: bytes) -> str:
        """Writes the content to the store for good, and the file whole. Returns its sha-256."""
        ...

    def save_pieces(self, artifact: Artifact, content: Iterable[bytes]) -> str:
        """`save` of the pieces joined, of which only a few MB are in memory."""
        ...

    def check(self, artifact: Artifact) -> None:
        """The file is what the project recorded. Puts a lost one back; FileEdited for another."""
        ...

    def load(self, artifact: Artifact) -> bytes:
        """What the project recorded, after `check`."""
        ...

    def load_pieces(self, artifact: Artifact) -> Iterator[bytes]:
        """`load` in pieces of a few MB. The file is checked before the first of them."""
        ...

    def recorded(self, artifact: Artifact) -> bytes:
        """What the project recorded, whatever has become of the file since."""
        ...

    def recorded_pieces(self, artifact: Artifact) -> Iterator[bytes]:
        """`recorded` in pieces of a few MB."""
        ...

    def restore(self, artifact: Artifact) -> None:
        """The file is again what the project recorded."""
        ...


class Memory(Protocol):
    """What must not be paid for twice, and documents too big for a row."""

    def keep(self, document: Any) -> str:
        """The JSON document is stored for good. Returns its name for `recall`."""
        ...

    def recall(self, name: str) -> Any: ...
    def answers(self, model: str) -> Mapping[str, Mapping[str, Any]]:
        """Digest of the messages -> the answer of `model` that is already paid for."""
        ...

    def expect_answers(self, count: int) -> None:
        """So many answers could be kept at this moment; StoreError if not, before they are paid."""
        ...

    def keep_answers(self, model: str, answers: Mapping[str, Mapping[str, Any]]) -> None:
        """The answers, by the digest of their messages, are kept for good."""
        ...


class Tokens(Protocol):
    def count(self, text: str) -> int: ...
    def is_exact_for(self, base_model: str) -> bool: ...


class Catalog(Protocol):
    """The data files of states/catalog."""

    @property
    def service(self) -> Mapping[str, Any]: ...
    @property
    def starter_examples(self) -> bytes: ...
    @property
    def starter_cases(self) -> bytes: ...
    @property
    def starter_intents(self) -> bytes: ...


@dataclass(frozen=True)
class Preferences:
    """The settings that the steps of one project need, as they are now."""

    plan: Plan
    train_split: float
    deploy_automatically: bool
    deployment_name: str | None
    poll_seconds: float
    listing_lag_seconds: float  # how long a listing may lag behind
    system_prompt: str | None = None  # the instruction in place of the one made of the intents
    target: float | None = None  # the accuracy that is wanted, 0 to 1
    data_language: str | None = None  # of the instruction: es or en; None: that of the sentences
    deploy_sku: str | None = None  # as which a model is deployed; None: not known
    concurrency: int = 1  # test cases that are asked at once, at most
    monthly_volume: int = 100_000  # classifications, for the monthly cost
    base_deployments: tuple[str, ...] = ()  # of models that are not fine-tuned, asked as well
    confirms_training: bool = False  # a person is asked before the training is paid
    budget: float | None = None  # USD for this project alone; None: it has none of its own
    teardown: str = NEVER  # when a deployment of ours is deleted without being asked to
    deployment_hours: float = 24.0  # for which one is there, with TTL
    developer_renewals: int = 0  # so often a Developer deployment that has ended is made anew
    home_budget: float | None = None  # USD for all projects of the home; None: no limit


@dataclass(frozen=True)
class Ports:
    read: Read
    do: Do
    artifacts: Artifacts
    memory: Memory
    tokens: Tokens
    catalog: Catalog
    preferences: Preferences
    now: float  # unix seconds at the beginning of the tick
    quality: Quality = field(default_factory=NoQuality)
    purse: Purse = field(default_factory=NoPurse)
    charges_money: bool = True  # the service does: nothing is trained there but a person's own data
    translate: Callable[[Text], str] = str  # for the warnings in a data file
    goes_on: Callable[[], bool] = lambda: True  # False once the process is to end: begin no more
