"""What the service holds for us, in our words.

The Remote… are made by agent/providers/translate.py, the …Spec by steps; how the service spells
either is known in agent/providers alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from states.bases.table import OPENAI


class Phase(Enum):
    """How far a remote object is. WORKING if the status is unknown: until the service says more."""

    WORKING = "working"
    READY = "ready"
    DEAD = "dead"


@dataclass(frozen=True)
class RemoteFile:
    id: str
    filename: str
    status: str  # as the service spelt it, lower case
    phase: Phase
    created_at: int
    detail: str | None = None
    size: int | None = None  # bytes


@dataclass(frozen=True)
class RemoteJob:
    """A fine-tuning job. Numbers are None where the service has not resolved them yet."""

    id: str
    status: str
    phase: Phase
    base_model: str
    model: str | None
    training_file: str
    validation_file: str | None
    suffix: str | None
    seed: int | None
    created_at: int
    finished_at: int | None
    trained_tokens: int | None
    hyperparameters: Mapping[str, float | int | str | None]
    result_files: tuple[str, ...]
    error: str | None
    cancelled: bool = False
    queued: bool = False  # it has not begun: the service keeps it waiting
    paused: bool = False  # it goes on when somebody resumes it
    pausing: bool = False  # it is about to be


@dataclass(frozen=True)
class Glimpse:
    """What a listing tells of a job that goes on; see RemoteJob."""

    id: str
    status: str
    queued: bool = False
    paused: bool = False
    pausing: bool = False


@dataclass(frozen=True)
class JobEvent:
    id: str
    at: int
    level: str
    message: str
    data: Mapping[str, float | int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class RemoteCheckpoint:
    """A model of the middle of a training, which can be deployed as the final one can.

    `model`: under which it is deployed; of the last step it is the final model. `metrics`: losses
    and token accuracies of that step, in the service's words, as far as it tells them."""

    id: str
    model: str
    step: int
    created_at: int
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RemoteDeployment:
    """`sku`, `created_at` (unix seconds): None where the listing does not say."""

    name: str
    model: str
    status: str
    phase: Phase
    sku: str | None = None
    created_at: int | None = None


@dataclass(frozen=True)
class RemoteModel:
    """A base model, by the service's lists. None: they do not say. Dates are ISO.

    `is_listed`: False where every list that could be read has models, and not this one."""

    name: str
    is_listed: bool = True
    can_train: bool | None = None
    lifecycle: str | None = None
    training_ends: str | None = None
    deployment_ends: str | None = None


class Finish(StrEnum):
    """How an answer came to its end: the service's `finish_reason`, and two words of our own."""

    STOP = "stop"
    LENGTH = "length"  # cut off: the model said more than any intent's name has
    CONTENT_FILTER = "content_filter"  # the filter stopped the question or the answer
    REFUSAL = "refusal"  # the model would not answer; the text says why
    UNANSWERED = "unanswered"  # nobody stated anything, however often it was asked


@dataclass(frozen=True)
class Token:
    """A token of an answer. `piece`: its bytes, which need not be whole characters.

    `logprob`: natural, 0 at most; `others`: that of the likeliest pieces in its place, perhaps with
    itself."""

    piece: bytes
    logprob: float
    others: Mapping[bytes, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """What a deployment answered.

    `served_model`: the model that says it answered; `latency`: seconds of the answered call;
    `unsupported`: the parameters and roles of the request that this model does not support;
    `tokens`: of the answer, where the service tells how probable they were, else none;
    `prompt_tokens`, `completion_tokens`: what is paid for it, None where it does not say.
    """

    text: str
    served_model: str | None
    latency: float
    finish: Finish = Finish.STOP
    unsupported: tuple[str, ...] = ()
    tokens: tuple[Token, ...] = field(default=(), repr=False)
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True)
class Question:
    """One of many that are asked together. `number`: by which its reply is told apart."""

    number: int
    messages: Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Heard:
    """What came of the question of that number: its reply, or why there is none.

    `at_once`: so many questions at once the deployment takes, by what it refused; None: it refused
    none for being too many."""

    number: int
    reply: Reply | Exception
    at_once: int | None = None


@dataclass(frozen=True)
class FileSpec:
    """A file to be uploaded once. `role`: training or validation; `sha256` is that of `content`."""

    role: str
    sha256: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class JobSpec:
    base_model: str
    training_file: str
    validation_file: str
    epochs: int
    batch_size: int
    learning_rate_multiplier: float
    seed: int
    training_type: str | None = None


@dataclass(frozen=True)
class DeploymentSpec:
    """`format`: the maker of the base model, in Resource Manager's word."""

    name: str
    model: str
    format: str = OPENAI

    def as_json(self) -> dict[str, str]:
        """As it is written down. The usual format is left out, as in older databases."""
        spec = {"name": self.name, "model": self.model}
        return spec if self.format == OPENAI else {**spec, "format": self.format}
