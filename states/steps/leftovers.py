"""What a project that is over has left at the service, and which of it may go. Only looks.

The command `cleanup` shows it and has it deleted (clean_away.py). Nothing else than what this
program made is ever found here: its files and jobs, by their receipts and its tag. A job stays
while its model, or a checkpoint of it, is deployed by anybody; and so do the files of a job that
stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from states.errors import NotFound
from states.model import Project
from states.ports import Ports, Read
from states.remote import Phase, RemoteDeployment, RemoteFile, RemoteJob
from states.text import Text, say

CHECKPOINT = ":"  # between the name of a model and that of one of its checkpoints


class Kind(StrEnum):
    """What a leftover is. A job is deleted with its model and checkpoints."""

    FILE = "file"
    RESULTS = "results"
    JOB = "job"


@dataclass(frozen=True)
class Leftover:
    """`why`: it may go, or stays. `created_at`: unix seconds; `size`: bytes; None: not told."""

    kind: Kind
    id: str
    name: str  # of the file; of the model that the job has trained
    why: Text
    generation: int | None = None
    size: int | None = None
    created_at: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "id": self.id,
            "name": self.name,
            "generation": self.generation,
            "bytes": self.size,
            "created_at": self.created_at,
            "why": str(self.why),
        }


@dataclass(frozen=True)
class Leftovers:
    """In the order in which they are deleted: files first, since jobs take their results along."""

    going: tuple[Leftover, ...] = ()
    staying: tuple[Leftover, ...] = ()


def survey(project: Project, ports: Ports, *, models: bool = True) -> Leftovers:
    """`models`: False where only files are asked for."""
    going: list[Leftover] = []
    staying: list[Leftover] = []
    used: set[str] = set()
    deployed = _list_deployed(ports.read)
    results: dict[str, int] = {}
    for job_id, generation in sorted(ports.do.made_jobs().items(), key=lambda one: one[1]):
        job = _look(ports.read.job, job_id)
        if job is None:
            continue
        obstacle = _find_obstacle(job, deployed)
        used.update(_files_of(job) if obstacle else ())
        if obstacle is None:
            results.update(dict.fromkeys(job.result_files, generation))
        why = obstacle or (
            _explain(project, job.id, generation) if models else say("only files are to go")
        )
        goes = obstacle is None and models
        (going if goes else staying).append(_from_job(job, generation, why))
    files = [file_id for file_id in ports.do.made_files() if file_id not in results]
    listed = [*_read_files(ports.read, files, used), *_read_files(ports.read, results, used)]
    for file in listed:
        (staying if file.id in used else going).append(_name_results(file, results))
    return Leftovers(tuple(sorted(going, key=lambda one: one.kind is Kind.JOB)), tuple(staying))


def refuse_served(read: Read, model: str) -> Text | None:
    """Why the model, or a checkpoint of it, may not go at this moment; None where it may."""
    return _describe_serving(model, _list_deployed(read))


def _list_deployed(read: Read) -> list[RemoteDeployment] | None:
    """None where nobody can say what is deployed."""
    try:
        return list(read.deployments_listed())
    except NotFound:
        return None


def _find_obstacle(job: RemoteJob, deployed: Sequence[RemoteDeployment] | None) -> Text | None:
    if job.phase is Phase.WORKING:
        return say("the training goes on ({status})", status=job.status)
    return None if job.model is None else _describe_serving(job.model, deployed)


def _describe_serving(model: str, deployed: Sequence[RemoteDeployment] | None) -> Text | None:
    if deployed is None:
        return say(
            "nobody can say whether it is deployed: set AZURE_SUBSCRIPTION_ID and"
            " AZURE_RESOURCE_GROUP"
        )
    names = [
        one.name
        for one in deployed
        if one.model == model or one.model.startswith(model + CHECKPOINT)
    ]
    return say("it is deployed as {names}", names=", ".join(names)) if names else None


def holds_model(project: Project, job_id: str) -> bool:
    """The model that the project has is of this job, though a generation before may have made it.

    A checkpoint in the place of the model, and a model that is deployed anew, begin a generation
    without a training."""
    created = project.facts.created
    return created is not None and created.id == job_id


def _explain(project: Project, job_id: str, generation: int) -> Text:
    if generation < project.generation and not holds_model(project, job_id):
        return say(
            "generation {generation}, which {present} has followed, is not deployed",
            generation=generation,
            present=project.generation,
        )
    return say("the project is {state} and not deployed", state=project.state.value)


def _files_of(job: RemoteJob) -> Iterator[str]:
    yield job.training_file
    yield from filter(None, (job.validation_file, *job.result_files))


def _from_job(job: RemoteJob, generation: int, why: Text) -> Leftover:
    return Leftover(Kind.JOB, job.id, job.model or "—", why, generation, None, job.created_at)


def _read_files(
    read: Read, ids: Sequence[str] | Mapping[str, int], used: set[str]
) -> Iterator[Leftover]:
    for file_id in ids:
        file: RemoteFile | None = _look(read.file, file_id)
        if file is not None and file.status not in ("deleted", "deleting"):
            why = say("a training that stays has used it")
            free = say("no training that stays has used it")
            yield Leftover(
                Kind.FILE,
                file_id,
                file.filename,
                why if file_id in used else free,
                None,
                file.size,
                file.created_at,
            )


def _name_results(file: Leftover, results: Mapping[str, int]) -> Leftover:
    if file.id not in results:
        return file
    why = say("the curve of a training that is over; the project has it in its own store")
    return Leftover(
        Kind.RESULTS, file.id, file.name, why, results[file.id], file.size, file.created_at
    )


def _look(look: Any, object_id: str) -> Any:
    """None where it is not found: somebody has deleted it, or a gateway errs and it stays."""
    try:
        return look(object_id)
    except NotFound:
        return None
