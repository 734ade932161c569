"""JSON of the service into states.remote: files, jobs, events, deployments, their statuses.

Called by azure.py, azure_client.py and arm.py. A field of an unexpected kind counts as missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import structlog

from states.errors import (
    Unclear,
)
from states.remote import JobEvent, Phase, RemoteDeployment, RemoteFile, RemoteJob
from states.text import say

log = structlog.get_logger()

# Every other status, known or not, is "still going": the service has new words before its
# documents do.
_FILE_READY, _FILE_DEAD = {"processed", "succeeded"}, {"error", "failed", "deleted", "deleting"}
_JOB_READY, _JOB_DEAD = {"succeeded"}, {"failed", "cancelled", "canceled"}
_JOB_QUEUED = {"created", "notrunning", "pending", "validating_files", "queued"}
_DEPLOYMENT_READY, _DEPLOYMENT_DEAD = (
    {"succeeded"},
    {
        "failed",
        "canceled",
        "cancelled",
        "disabled",
        "deleting",
        "deleted",
    },
)


def _to_phase(status: str, ready: set[str], dead: set[str]) -> Phase:
    return Phase.READY if status in ready else Phase.DEAD if status in dead else Phase.WORKING


def to_dict(answer: Any) -> dict[str, Any]:
    """The JSON object of an SDK answer; Unclear for anything else, such as an HTML page."""
    data = answer.to_dict() if hasattr(answer, "to_dict") else answer
    if not isinstance(data, dict):
        raise Unclear(
            say("The service gave an answer that is not the JSON it promised; it is asked again.")
        )
    cleaned: dict[str, Any] = _without_nan(data)
    return cleaned


def _without_nan(value: Any) -> Any:
    """None for NaN and infinity, which Python reads from JSON although JSON has no such numbers."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    return [_without_nan(item) for item in value] if isinstance(value, list) else value


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


def _to_object(value: Any) -> dict[str, Any]:
    """Empty for any other value: a field of another kind than promised says nothing."""
    return value if isinstance(value, dict) else {}


def _to_whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _to_word(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def to_file(data: Mapping[str, Any]) -> RemoteFile:
    """LookupError without an id."""
    status = str(data.get("status") or "unknown").lower()
    detail = data.get("status_details")
    return RemoteFile(
        id=str(data["id"]),
        filename=str(data.get("filename") or ""),
        status=status,
        phase=_to_phase(status, _FILE_READY, _FILE_DEAD),
        created_at=_to_whole(data.get("created_at")) or 0,
        detail=None if detail is None else str(detail),
    )


def to_job(data: Mapping[str, Any]) -> RemoteJob:
    """LookupError without an id."""
    status = str(data.get("status") or "unknown").lower()
    results = data.get("result_files")
    suffix = data.get("suffix") or data.get("user_provided_suffix")
    return RemoteJob(
        id=str(data["id"]),
        status=status,
        phase=_to_phase(status, _JOB_READY, _JOB_DEAD),
        base_model=str(data.get("model") or ""),
        model=_to_word(data.get("fine_tuned_model")),
        training_file=str(data.get("training_file") or ""),
        validation_file=_to_word(data.get("validation_file")),
        suffix=None if suffix is None else str(suffix),
        seed=_to_whole(data.get("seed")),
        created_at=_to_whole(data.get("created_at")) or 0,
        finished_at=_to_whole(data.get("finished_at")),
        trained_tokens=_to_whole(data.get("trained_tokens")),
        hyperparameters=_read_hyperparameters(data),
        result_files=tuple(map(str, results)) if isinstance(results, list) else (),
        error=_read_error(data.get("error")),
        cancelled=status in ("cancelled", "canceled"),
        queued=status in _JOB_QUEUED,
    )


def _read_hyperparameters(data: Mapping[str, Any]) -> dict[str, Any]:
    method = _to_object(data.get("method"))
    nested = _to_object(_to_object(method.get(str(method.get("type")))).get("hyperparameters"))
    given = {**nested, **_to_object(data.get("hyperparameters"))}
    # -1 is the dated surface's way to say "auto".
    return {key: "auto" if value == -1 else value for key, value in given.items()}


def _read_error(error: Any) -> str | None:
    if not isinstance(error, Mapping) or not (error.get("message") or error.get("code")):
        return None
    return ": ".join(str(part) for part in (error.get("code"), error.get("message")) if part)


def to_event(data: Mapping[str, Any]) -> JobEvent:
    numbers = {
        k: v
        for k, v in _to_object(data.get("data")).items()
        if isinstance(v, int | float) or v is None
    }
    level = str(data.get("level") or "info").lower()
    return JobEvent(
        id=str(data.get("id") or ""),
        at=_to_whole(data.get("created_at")) or 0,
        level="warning" if level == "warn" else level,
        message=str(data.get("message") or ""),
        data=numbers,
    )


def read_answer(data: Mapping[str, Any]) -> tuple[str, bool]:
    """The text of a chat's answer (may be empty), and whether the content filter stopped it."""
    choice = (read_objects(data.get("choices")) or [{}])[0]
    text = _to_word(_to_object(choice.get("message")).get("content")) or ""
    return text.strip(), choice.get("finish_reason") == "content_filter"


def to_arm_deployment(data: Mapping[str, Any]) -> RemoteDeployment:
    """LookupError without a name."""
    properties = _to_object(data.get("properties"))
    return _to_deployment(
        str(data["name"]), _to_object(properties.get("model")), properties.get("provisioningState")
    )


def to_legacy_deployment(data: Mapping[str, Any]) -> RemoteDeployment:
    return _to_deployment(
        str(data.get("id") or ""), {"name": data.get("model")}, data.get("status")
    )


def _to_deployment(name: str, model: Mapping[str, Any], status: Any) -> RemoteDeployment:
    word = str(status or "unknown").lower()
    return RemoteDeployment(
        name,
        str(model.get("name") or ""),
        word,
        _to_phase(word, _DEPLOYMENT_READY, _DEPLOYMENT_DEAD),
    )
