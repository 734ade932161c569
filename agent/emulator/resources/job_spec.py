"""Parses the body of POST /fine_tuning/jobs, and refuses what the service refuses at once.

jobs.py stores the JobSpec with the job, training_plan.py resolves its automatic values.
"""

from __future__ import annotations

import math
import random
import re
from dataclasses import asdict, dataclass
from typing import Any

from agent.emulator.protocol.errors import invalid
from agent.emulator.protocol.http import Request
from agent.emulator.resources.base_models import find_base_model

AUTO = -1  # how the service shows a hyper-parameter it has not chosen yet

_SUFFIX = re.compile(r"[A-Za-z0-9_-]{1,40}")
_TRAINING_TYPES = {
    "standard": "standard",
    "globalstandard": "globalStandard",
    "datazonestandard": "dataZoneStandard",
    "developertier": "developerTier",
    "1": "globalStandard",
}
_MOST_EPOCHS = 50
_MOST_MULTIPLIER = 1000  # far beyond use; much more would overflow the weights
_MOST_SEED = 2**31 - 1


@dataclass(frozen=True)
class JobSpec:
    """What the client asked for, normalised; stored as JSON with the job."""

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

    def to_json(self) -> dict[str, Any]:
        """The spec as it is stored."""
        return asdict(self)


def parse_job_spec(request: Request) -> JobSpec:
    """The job asked for. Raises ServiceError. That the files exist is for the caller to check."""
    body = request.json_object()
    if body.get("integrations"):
        raise invalid("Integrations are not supported by this emulator.", "integrations")
    method, wanted = _parse_method(body)
    is_v1, training_type = request.is_v1, _parse_training_type(body)
    return JobSpec(
        model=_parse_model(body, training_type),
        training_file=_require_text(body, "training_file"),
        validation_file=(
            _require_text(body, "validation_file")
            if body.get("validation_file") is not None
            else None
        ),
        n_epochs=int(_parse_amount(wanted, "n_epochs", is_v1, whole=True, most=_MOST_EPOCHS)),
        batch_size=int(_parse_amount(wanted, "batch_size", is_v1, whole=True)),
        learning_rate_multiplier=_parse_amount(
            wanted, "learning_rate_multiplier", is_v1, whole=False, most=_MOST_MULTIPLIER
        ),
        seed=_parse_seed(body),
        suffix=_parse_suffix(body),
        training_type=training_type,
        method=method,
        metadata=_parse_object(body, "metadata") if body.get("metadata") is not None else None,
        prompt_loss_weight=_parse_weight(body),
    )


def _parse_model(body: dict[str, Any], training_type: str | None) -> str:
    name = _require_text(body, "model")
    base = find_base_model(name)
    if base is None:
        raise invalid(
            f"The model '{name}' does not exist or does not support fine-tuning.", "model"
        )
    given = training_type or "standard"
    if given.casefold() not in base.training_types:
        raise invalid(
            "The specified base model does not support fine-tuning with"
            f" {given[0].upper()}{given[1:]} TrainingType.",
            "model",
        )
    return base.dated_name


def _require_text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.isascii() or not value:
        raise invalid(f"The field '{name}' is required and must be a string.", name)
    return value


def _parse_object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid(f"The field '{name}' must be an object.", name)
    return value


def _parse_method(body: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The method, and the hyper-parameters from the top level or from below it."""
    wanted = _parse_object(body, "hyperparameters")
    if body.get("method") is None:
        return None, wanted
    method = _parse_object(body, "method")
    kind = method.get("type", "supervised")
    if kind != "supervised":
        raise invalid(
            f"The method '{kind}' is not supported by this emulator; it trains supervised only.",
            "method",
        )
    return "supervised", {
        **wanted,
        **_parse_object(_parse_object(method, "supervised"), "hyperparameters"),
    }


def _parse_amount(
    wanted: dict[str, Any], name: str, is_v1: bool, *, whole: bool, most: float = math.inf
) -> float:
    value = wanted.get(name)
    if value is None or value == AUTO or (value == "auto" and is_v1):
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


def _parse_seed(body: dict[str, Any]) -> int:
    seed = body.get("seed")
    if seed is None:
        return random.randint(0, _MOST_SEED)
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= _MOST_SEED:
        raise invalid(f"seed must be a whole number from 0 to {_MOST_SEED}.", "seed")
    return seed


def _parse_suffix(body: dict[str, Any]) -> str | None:
    suffix = body.get("suffix")
    if suffix is None:
        return None
    if not isinstance(suffix, str) or not _SUFFIX.fullmatch(suffix):
        raise invalid("suffix may have 1 to 40 characters out of a-z, A-Z, 0-9, - and _.", "suffix")
    return suffix


def _parse_training_type(body: dict[str, Any]) -> str | None:
    given = body.get("trainingType")
    if given is None:
        return None
    known = _TRAINING_TYPES.get(str(given).casefold())
    if known is None:
        # The service's own words: it could not bind the body.
        raise invalid("The fineTuningJob field is required.", "trainingType")
    return known


def _parse_weight(body: dict[str, Any]) -> float | None:
    """Accepted and stored, as the service does; it has no meaning for a softmax head."""
    value = body.get("prompt_loss_weight")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise invalid("prompt_loss_weight must be a number.", "prompt_loss_weight")
    return value
