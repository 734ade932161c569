"""JSON of the service into states.remote: files, jobs and what they leave, deployments.

Called by azure.py, azure_client.py and arm.py. A field of an unexpected kind counts as missing.

Longer than other files, so that every object of the service is read in one place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import structlog

from agent.providers.error_answer import layers_of
from agent.providers.statuses import (
    DEPLOYMENT_DEAD,
    DEPLOYMENT_READY,
    FILE_DEAD,
    FILE_READY,
    JOB_DEAD,
    JOB_QUEUED,
    JOB_READY,
    LONGEST_NAME,
    to_phase,
    to_status,
)
from states.errors import Unclear
from states.foreign import clean
from states.remote import (
    JobEvent,
    RemoteCheckpoint,
    RemoteDeployment,
    RemoteFile,
    RemoteJob,
)
from states.text import say

log = structlog.get_logger()

END_OF_TIME = 253_402_300_800  # unix seconds: the year 10000
DEEPEST = 32  # levels of JSON; the service's own have five
LARGEST_INTEGER = 2**63  # from there on no database takes it
LONGEST = 10_000  # characters of any text; identifiers and links have hundreds
MOST_NUMBERS = 20  # of an event; the service sends six
LONGEST_TEXT = 1000  # characters of an error or an event that are kept


def to_dict(answer: Any) -> dict[str, Any]:
    """The JSON object of an SDK answer; Unclear for anything else, such as an HTML page."""
    # Its warnings would print what the service says, as it says it.
    data = answer.to_dict(warnings=False) if hasattr(answer, "to_dict") else answer
    if not isinstance(data, dict):
        raise Unclear(
            say("The service gave an answer that is not the JSON it promised; it is asked again.")
        )
    cleaned: dict[str, Any] = _clean_json(data)
    return cleaned


def _clean_json(value: Any, depth: int = 0) -> Any:
    """The same JSON with clean texts of bounded length.

    None for what is deeper than DEEPEST, and for any number that is not finite (Python reads NaN,
    although JSON has none) or too large to be stored.
    """
    if isinstance(value, str):
        return clean(value[:LONGEST])
    if depth > DEEPEST:
        return None
    if isinstance(value, dict):
        return {clean(key): _clean_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean_json(item, depth + 1) for item in value]
    if isinstance(value, int):
        return value if abs(value) < LARGEST_INTEGER else None
    return None if isinstance(value, float) and not math.isfinite(value) else value


def require_echo(answer: Mapping[str, Any], **expected: str) -> None:
    """Raises ValueError if the answer is not about the object that it should be about."""
    for name, value in expected.items():
        if answer.get(name) != value:
            raise ValueError(name)


def read_objects(listing: Any) -> list[dict[str, Any]]:
    """The JSON objects of a listing; Unclear for what is no listing.

    Whatever else is in it cannot carry our correlation tag."""
    if not isinstance(listing, list):
        raise Unclear(
            say("The service gave an answer that is not the JSON it promised; it is asked again.")
        )
    found = [item for item in listing if isinstance(item, dict)]
    if len(found) < len(listing):
        log.warning("unreadable_items", count=len(listing) - len(found))
    return found


def to_object(value: Any) -> dict[str, Any]:
    """Empty for any other value: a field of another kind than promised says nothing."""
    return value if isinstance(value, dict) else {}


def read_id(data: Mapping[str, Any], name: str = "id") -> str:
    """LookupError without one."""
    value = to_word(data.get(name))
    if value is None:
        raise LookupError(name)
    return value


def _to_whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _to_time(value: Any) -> int | None:
    """Unix seconds; None for what is none: milliseconds, say, or a year that no calendar has."""
    seconds = _to_whole(value)
    return seconds if seconds is not None and 0 <= seconds < END_OF_TIME else None


def to_word(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def to_file(data: Mapping[str, Any]) -> RemoteFile:
    """LookupError without an id."""
    status = to_status(data.get("status"))
    detail = data.get("status_details")
    return RemoteFile(
        id=read_id(data),
        filename=str(data.get("filename") or "")[:LONGEST_NAME],
        status=status,
        phase=to_phase(status, FILE_READY, FILE_DEAD),
        created_at=_to_time(data.get("created_at")) or 0,
        detail=None if detail is None else str(detail)[:LONGEST_TEXT],
        size=_to_whole(data.get("bytes")),
    )


def to_job(data: Mapping[str, Any]) -> RemoteJob:
    """LookupError without an id."""
    status = to_status(data.get("status"))
    results = data.get("result_files")
    suffix = data.get("suffix") or data.get("user_provided_suffix")
    return RemoteJob(
        id=read_id(data),
        status=status,
        phase=to_phase(status, JOB_READY, JOB_DEAD),
        base_model=str(data.get("model") or ""),
        model=to_word(data.get("fine_tuned_model")),
        training_file=str(data.get("training_file") or ""),
        validation_file=to_word(data.get("validation_file")),
        suffix=None if suffix is None else str(suffix),
        seed=_to_whole(data.get("seed")),
        created_at=_to_time(data.get("created_at")) or 0,
        finished_at=_to_time(data.get("finished_at")),
        trained_tokens=_to_whole(data.get("trained_tokens")),
        hyperparameters=_read_hyperparameters(data),
        result_files=tuple(map(str, results)) if isinstance(results, list) else (),
        error=_read_error(data.get("error")),
        cancelled=status in ("cancelled", "canceled"),
        queued=status in JOB_QUEUED,
        paused=status == "paused",
        pausing=status == "pausing",
    )


def _read_hyperparameters(data: Mapping[str, Any]) -> dict[str, Any]:
    method = to_object(data.get("method"))
    nested = to_object(to_object(method.get(str(method.get("type")))).get("hyperparameters"))
    given = {**nested, **to_object(data.get("hyperparameters"))}
    # -1 is the dated surface's way to say "auto".
    return {key: "auto" if value == -1 else value for key, value in given.items()}


def _read_error(error: Any) -> str | None:
    """The code and the message of what ended a job, however deep they stand, or its mere text."""
    for layer in layers_of(error):
        said = ": ".join(str(layer[name]) for name in ("code", "message") if layer.get(name))
        if said:
            return said[:LONGEST_TEXT]
    return None


def to_event(data: Mapping[str, Any]) -> JobEvent:
    numbers = {
        k: v
        for k, v in islice(to_object(data.get("data")).items(), MOST_NUMBERS)
        if isinstance(v, int | float) or v is None
    }
    level = to_status(data.get("level") or "info")
    return JobEvent(
        id=str(data.get("id") or ""),
        at=_to_time(data.get("created_at")) or 0,
        level="warning" if level == "warn" else level,
        message=str(data.get("message") or "")[:LONGEST_TEXT],
        data=numbers,
    )


def to_checkpoint(data: Mapping[str, Any]) -> RemoteCheckpoint:
    """LookupError without a model or a step: nobody could deploy it, or say which it is."""
    step = _to_whole(data.get("step_number"))
    if step is None:
        raise LookupError("step_number")
    metrics = islice(to_object(data.get("metrics")).items(), MOST_NUMBERS)
    return RemoteCheckpoint(
        id=read_id(data),
        model=read_id(data, "fine_tuned_model_checkpoint")[:LONGEST_NAME],
        step=step,
        created_at=_to_time(data.get("created_at")) or 0,
        metrics={
            # -1 is the service's "not measured", as in the results file.
            name: float(value)
            for name, value in metrics
            if isinstance(value, int | float) and value != -1
        },
    )


def to_arm_deployment(data: Mapping[str, Any]) -> RemoteDeployment:
    """LookupError without a name."""
    properties = to_object(data.get("properties"))
    found = _to_deployment(
        read_id(data, "name"),
        to_object(properties.get("model")),
        properties.get("provisioningState"),
    )
    sku = to_word(to_object(data.get("sku")).get("name"))
    made = _to_seconds(to_object(data.get("systemData")).get("createdAt"))
    return replace(found, sku=sku and sku[:LONGEST_NAME], created_at=made)


def to_legacy_deployment(data: Mapping[str, Any]) -> RemoteDeployment:
    found = _to_deployment(
        str(data.get("id") or ""), {"name": data.get("model")}, data.get("status")
    )
    return replace(found, created_at=_to_time(data.get("created_at")))


def _to_seconds(moment: Any) -> int | None:
    """Unix seconds of an ISO 8601 text; None for anything else."""
    try:
        read = datetime.fromisoformat(moment)
    except (TypeError, ValueError):
        return None
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    return _to_time(aware.timestamp())


def _to_deployment(name: str, model: Mapping[str, Any], status: Any) -> RemoteDeployment:
    word = to_status(status)
    return RemoteDeployment(
        name,
        str(model.get("name") or "")[:LONGEST_NAME],
        word,
        to_phase(word, DEPLOYMENT_READY, DEPLOYMENT_DEAD),
    )
