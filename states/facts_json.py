"""Facts from their JSON form: that of this version, and the flat one of version 0.1.

store/rows.py calls `read` for every row, so a database of an older version opens and goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from states.bases.lifetime import Lifetime
from states.facts import Facts
from states.places import Artifact
from states.stages import (
    Analyzed,
    ChosenCheckpoint,
    Deployed,
    Evaluated,
    Failure,
    Job,
    Order,
    Parent,
    Plan,
    Prepared,
    Progress,
    Refused,
    Renewed,
    Requested,
    RivalAsked,
    Trained,
    Trouble,
    Uploaded,
    Weighed,
)
from states.state import State

T = TypeVar("T")
_PROJECT_FOLDER = re.compile(r"/projects/[^/]+/")  # below it lie the files of every project but one


def read(data: Mapping[str, Any]) -> Facts:
    """The facts. A missing stage is None; a key that this version does not know is ignored.

    Raises KeyError, TypeError or ValueError where a stage lacks what it cannot do without.
    """
    staged = data if "schema" in data else _staged(data)
    return Facts(
        artifacts=_read_artifacts(staged.get("artifacts") or {}),
        prepared=_stage(staged, "prepared", _prepared),
        offered=_stage(staged, "offered", lambda d: _built(Lifetime, d)),
        weighed=_stage(staged, "weighed", lambda d: _built(Weighed, d)),
        reserved=staged.get("reserved"),
        uploaded=_stage(staged, "uploaded", lambda d: _built(Uploaded, d)),
        created=_stage(staged, "created", _job),
        trained=_stage(staged, "trained", _trained),
        questions=staged.get("questions"),
        robustness=bool(staged.get("robustness", False)),
        requested=_stage(staged, "requested", _requested),
        deployed=_stage(staged, "deployed", lambda d: _built(Deployed, d)),
        rivals=_stage(staged, "rivals", _rivals),
        answered=staged.get("answered"),
        evaluated=_stage(staged, "evaluated", lambda d: _built(Evaluated, d)),
        analyzed=_stage(staged, "analyzed", lambda d: _built(Analyzed, d)),
        failure=_stage(
            staged, "failure", lambda d: Failure(State(d["state"]), bool(d["is_remote"]))
        ),
        edited=_stage(staged, "edited", lambda d: Artifact(_PROJECT_FOLDER.sub("/", d))),
        refused=_stage(staged, "refused", _refused),
        home=staged.get("home"),
        asks=staged.get("asks"),
        confirmed=staged.get("confirmed"),
        deletes_files=bool(staged.get("deletes_files", False)),
        gives_up=staged.get("gives_up"),
        parent=_stage(staged, "parent", _parent),
        keeps_parent=bool(staged.get("keeps_parent", False)),
        renewed=_stage(staged, "renewed", lambda d: _built(Renewed, d)),
        rests=bool(staged.get("rests", False)),
        cleans=staged.get("cleans"),
        cleaned=bool(staged.get("cleaned", False)),
    )


def _prepared(data: Mapping[str, Any]) -> Prepared:
    return Prepared(_built(Plan, data["plan"]), data.get("tokens"))


def _read_artifacts(digests: Mapping[str, str]) -> dict[Artifact, str]:
    by_file = {_PROJECT_FOLDER.sub("/", place): sha256 for place, sha256 in digests.items()}
    return {artifact: by_file[artifact] for artifact in Artifact if artifact in by_file}


def _refused(data: Mapping[str, Any]) -> Refused:
    seen = data.get("seen")
    files = {Artifact(place): mark for place, mark in data["files"].items()}
    return Refused(files, seen and {Artifact(place): mark for place, mark in seen.items()})


def _stage(staged: Mapping[str, Any], name: str, build: Callable[[Any], T]) -> T | None:
    value = staged.get(name)
    return None if value is None else build(value)


def _built(kind: type[T], data: Mapping[str, Any]) -> T:
    names = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return kind(**{key: value for key, value in data.items() if key in names})


def _job(data: Mapping[str, Any]) -> Job:
    kinds = {"progress": Progress, "trouble": Trouble, "order": Order}
    read: dict[str, Any] = {
        name: _built(kind, data[name]) for name, kind in kinds.items() if data.get(name) is not None
    }
    return _built(Job, {**data, **read})


def _trained(data: Mapping[str, Any]) -> Trained:
    chosen = data.get("checkpoint")
    read = {
        "unsupported": tuple(data.get("unsupported", ())),
        "checkpoint": chosen and _built(ChosenCheckpoint, chosen),
    }
    return _built(Trained, {**data, **read})


def _parent(data: Mapping[str, Any]) -> Parent:
    deployment = data.get("deployment")
    read = {
        "deployment": deployment and _built(Deployed, deployment),
        "unsupported": tuple(data.get("unsupported", ())),
    }
    return _built(Parent, {**data, **read})


def _rivals(data: Mapping[str, Any]) -> dict[str, RivalAsked]:
    return {
        key: _built(RivalAsked, {**one, "unsupported": tuple(one.get("unsupported", ()))})
        for key, one in data.items()
    }


def _requested(data: Mapping[str, Any]) -> Requested:
    trouble = data.get("trouble")
    return _built(Requested, {**data, "trouble": trouble and _built(Trouble, trouble)})


# Version 0.1 kept 24 flat fields, most of them null until the project came that far.


def _staged(flat: Mapping[str, Any]) -> dict[str, Any]:
    staged: dict[str, Any] = {
        "artifacts": flat.get("artifacts"),
        "questions": flat.get("cases"),
        "edited": flat.get("edited"),
        "deletes_files": flat.get("delete_files"),
        "prepared": flat.get("plan") and {"plan": flat["plan"]},
    }
    if flat.get("training_file") and flat.get("validation_file"):
        staged["uploaded"] = flat
    if flat.get("job_id"):
        progress = flat.get("job_progress")
        staged["created"] = {
            "id": flat["job_id"],
            "status": flat.get("job_status"),
            "progress": progress and {"step": progress["step"], "loss": progress.get("loss")},
        }
    if flat.get("model"):
        staged["trained"] = {"model": flat["model"], "record": flat.get("training_record")}
    if flat.get("failed_at"):
        staged["failure"] = {"state": flat["failed_at"], "is_remote": flat.get("failed_remotely")}
    return staged | _staged_deployment(flat) | _staged_evaluation(flat)


def _staged_deployment(flat: Mapping[str, Any]) -> dict[str, Any]:
    staged: dict[str, Any] = {}
    name, is_ours = flat.get("deployment"), bool(flat.get("deployment_is_ours"))
    if flat.get("deployment_requested"):
        staged["requested"] = {
            "name": flat["deployment_requested"],
            "is_ours": is_ours,
            "status": flat.get("deployment_status"),
            "named": flat.get("deployment_named"),
            "trouble": flat.get("deployment_trouble"),
        }
    if name:
        status = flat.get("deployment_status") or "succeeded"
        staged["deployed"] = {"name": name, "is_ours": is_ours, "status": status}
    return staged


def _staged_evaluation(flat: Mapping[str, Any]) -> dict[str, Any]:
    staged: dict[str, Any] = {}
    if flat.get("evaluation"):
        # The counts are in the document alone; whoever shows them reads it there.
        staged["evaluated"] = {
            "evaluation": flat["evaluation"],
            "cases": 0,
            "correct": 0,
            "accuracy": flat.get("accuracy"),
        }
    if flat.get("grade"):
        staged["analyzed"] = {"grade": flat["grade"], "analysis": None}
    return staged
