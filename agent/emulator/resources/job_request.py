"""Reads the body that asks for a fine-tuning job, and refuses what the service would refuse at once."""

from __future__ import annotations

import math
import random
import re
from dataclasses import asdict, dataclass
from typing import Any

from agent.emulator.protocol.errors import invalid
from agent.emulator.protocol.wire import Call
from agent.emulator.state.catalogue import find_base

AUTO = -1  # how the service shows a hyper-parameter it has not chosen yet

_SUFFIX = re.compile(r"[A-Za-z0-9_-]{1,40}")
_TRAINING_TYPES = {
    "standard": "standard",
    "globalstandard": "globalStandard",
    "developertier": "developerTier",
    "1": "globalStandard",
}
_MOST_EPOCHS = 50
_MOST_MULTIPLIER = 1000  # far beyond use; much more would overflow the weights
_MOST_SEED = 2**31 - 1


@dataclass(frozen=True)
class JobSpec:
    """What was asked for, normalised; kept as JSON with the job."""

    model: str
    training_file: str
    validation_file: str | None
    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float
    seed: int
    suffix: str | None
    training_type: str | None
    method: str | None
    metadata: dict[str, Any] | None
    prompt_loss_weight: float | None

    def stored(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return asdict(self)


def read_spec(call: Call) -> JobSpec:
    """The job asked for. Raises ServiceError; whether the files are there is not looked at here."""
    body = call.document()
    method, wanted = _method(body)
    return JobSpec(
        model=_model(body),
        training_file=_text(body, "training_file"),
        validation_file=(
            _text(body, "validation_file") if body.get("validation_file") is not None else None
        ),
        n_epochs=int(_amount(wanted, "n_epochs", call, whole=True, most=_MOST_EPOCHS)),
        batch_size=int(_amount(wanted, "batch_size", call, whole=True)),
        learning_rate_multiplier=_amount(
            wanted, "learning_rate_multiplier", call, whole=False, most=_MOST_MULTIPLIER
        ),
        seed=_seed(body),
        suffix=_suffix(body),
        training_type=_training_type(body),
        method=method,
        metadata=_object(body, "metadata") if body.get("metadata") is not None else None,
        prompt_loss_weight=_weight(body),
    )


def _model(body: dict[str, Any]) -> str:
    name = _text(body, "model")
    base = find_base(name)
    if base is None:
        raise invalid(
            f"The model '{name}' does not exist or does not support fine-tuning.", "model"
        )
    return base.dated


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.isascii() or not value:
        raise invalid(f"The field '{name}' is required and must be a string.", name)
    return value


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"The field '{name}' must be an object.", name)
    return value


def _method(body: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The kind of training, and its hyper-parameters from wherever they stand."""
    wanted = _object(body, "hyperparameters")
    if body.get("method") is None:
        return None, wanted
    method = _object(body, "method")
    kind = method.get("type", "supervised")
    if kind != "supervised":
        raise invalid(
            f"The method '{kind}' is not supported by this emulator; it trains supervised only.",
            "method",
        )
    return "supervised", {**wanted, **_object(_object(method, "supervised"), "hyperparameters")}


def _amount(
    wanted: dict[str, Any], name: str, call: Call, *, whole: bool, most: float = math.inf
) -> float:
    value = wanted.get(name)
    if value is None or value == AUTO or (value == "auto" and call.v1):
        return AUTO
    if (
        isinstance(value, bool)
        or not isinstance(value, int if whole else int | float)
        or not math.isfinite(value)
    ):
        raise invalid(f"{name} must be a {'whole ' if whole else ''}number.", name)
    if not 0 < value <= most:
        raise invalid(
            f"{name} must be greater than 0{'' if most == math.inf else f' and at most {most}'}.",
            name,
        )
    return value


def _seed(body: dict[str, Any]) -> int:
    seed = body.get("seed")
    if seed is None:
        return random.randint(0, _MOST_SEED)
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= _MOST_SEED:
        raise invalid(f"seed must be a whole number from 0 to {_MOST_SEED}.", "seed")
    return seed


def _suffix(body: dict[str, Any]) -> str | None:
    suffix = body.get("suffix")
    if suffix is None:
        return None
    if not isinstance(suffix, str) or not _SUFFIX.fullmatch(suffix):
        raise invalid("suffix may have 1 to 40 characters out of a-z, A-Z, 0-9, - and _.", "suffix")
    return suffix


def _training_type(body: dict[str, Any]) -> str | None:
    given = body.get("trainingType")
    if given is None:
        return None
    known = _TRAINING_TYPES.get(str(given).casefold())
    if known is None:
        raise invalid(
            "The fineTuningJob field is required.", "trainingType"
        )  # the real answer: the body could not be bound
    return known


def _weight(body: dict[str, Any]) -> float | None:
    """Accepted and recorded, as the API does; it has no meaning for a softmax head."""
    value = body.get("prompt_loss_weight")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise invalid("prompt_loss_weight must be a number.", "prompt_loss_weight")
    return value
