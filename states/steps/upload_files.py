"""VALIDATED: upload both files, once, and wait until the service has processed them."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from states.errors import NotFound, NotYet, Permanent
from states.facts import Facts
from states.model import Project
from states.outcome import Done, Outcome, Wait
from states.patience import doubt, is_fresh, since_poll
from states.places import Artifact
from states.ports import Ports
from states.remote import FileSpec, Phase, RemoteFile
from states.stages import Uploaded
from states.state import Event
from states.steps.budgeting import mind_budget, warn_of_budget
from states.steps.mind_deployment import refuse_misfit
from states.steps.mind_model import mind_model, warn_of_end
from states.steps.weigh_training import describe_weighing, weigh
from states.text import Text, and_then, say

FRESH = 5 * 60.0  # seconds in which a new file may not be found everywhere yet


def step(project: Project, ports: Ports) -> Outcome:
    if project.facts.uploaded is None:
        refuse_misfit(project, ports)
    project = replace(project, facts=mind_model(project, ports))
    asking = mind_budget(project, ports)
    if asking is not None:
        return asking
    facts, weighing = weigh(project, ports)
    if weighing is not None:
        return weighing
    training = ports.do.upload(_spec(project, ports, "training", Artifact.TRAINING))
    validation = ports.do.upload(_spec(project, ports, "validation", Artifact.VALIDATION))
    facts = replace(facts, uploaded=Uploaded(training, validation))
    files = [
        _glimpse(ports, file_id, artifact) or _look(project, ports, file_id)
        for file_id, artifact in (
            (training, Artifact.TRAINING),
            (validation, Artifact.VALIDATION),
        )
    ]
    working = next((file for file in files if file.phase is not Phase.READY), None)
    if working is None:
        return Done(Event.FILES_READY, facts, _describe(project, facts, ports))
    return Wait(
        ports.preferences.poll_seconds,
        say(
            "the service to process {file} (it says {status})",
            file=working.filename,
            status=working.status,
        ),
        facts,
        together=True,
    )


def _describe(project: Project, facts: Facts, ports: Ports) -> Text | None:
    """What to know before the training: an end that is near, what is reached without, the money."""
    budget = warn_of_budget(project, ports)
    told = (
        warn_of_end(facts, ports),
        describe_weighing(facts, ports),
        None if budget is None else say("Budget: {told}", told=budget),
    )
    parts = [one for one in told if one is not None]
    return reduce(and_then, parts) if parts else None


def _spec(project: Project, ports: Ports, role: str, artifact: Artifact) -> FileSpec:
    content = ports.artifacts.load(artifact)
    return FileSpec(role, project.facts.artifacts[artifact], content)


def _glimpse(ports: Ports, file_id: str, artifact: Artifact) -> RemoteFile | None:
    """The file by a listing, as long as it is being processed."""
    within = since_poll(ports.now, ports.preferences.poll_seconds)
    status = ports.read.file_glimpse(file_id, within)
    if status is None:
        return None
    return RemoteFile(file_id, ports.artifacts.place(artifact), status, Phase.WORKING, 0)


def _look(project: Project, ports: Ports, file_id: str) -> RemoteFile:
    try:
        file = ports.read.file(file_id)
    except NotFound as error:
        if is_fresh(project, ports.now, FRESH):
            raise NotYet(
                say("the uploaded file {id}, which the service does not show yet", id=file_id),
                ports.preferences.poll_seconds,
            ) from error
        again = say(
            "The service does not find the uploaded file {id} at the moment; it is asked again.",
            id=file_id,
        )
        doubt(project, again)
        raise Permanent(
            say(
                "The uploaded file {id} is gone from the service. `retry` uploads it again.",
                id=file_id,
            ),
            remote=True,
        ) from error
    if file.phase is Phase.DEAD:
        raise Permanent(
            say(
                "The service could not process {file} (status {status}: {detail}). Mend the data"
                " and `retry`.",
                file=file.filename,
                status=file.status,
                detail=file.detail or say("no reason given"),
            ),
            remote=True,
        )
    return file
