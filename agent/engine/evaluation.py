"""How a project is evaluated once more, on its cases as they are now, without a new training.

Called by decisions.py, which makes the move; the command `evaluate` asks `refuse_evaluation` before
it writes a person's cases. Answers that were paid for are kept, so only new questions are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.engine.cleanup import refuse_without_model
from agent.engine.teardown import refuse_while_tearing_down
from states.errors import Mistake, NotFound, SettingsError
from states.facts import Facts, known
from states.intents import cases
from states.intents.dataset import decode
from states.intents.row_lines import RowLines
from states.model import Project
from states.places import Artifact
from states.ports import Artifacts, Ports
from states.stages import DELETED
from states.state import Event, State
from states.text import Text, say


@dataclass(frozen=True)
class EvaluationPlan:
    """`begins_generation`: the deployment is gone, and another one is made for the same model."""

    event: Event
    facts: Facts
    note: Text | None
    begins_generation: bool = False


def refuse_evaluation(project: Project, deploys: bool) -> None:
    """SettingsError where there is no model that can be asked. `deploys`: it may be deployed."""
    names = {"project": project.name, "state": project.state.value}
    if project.state in (State.FAILED, State.CANCELLED):
        raise SettingsError(
            say("{project} is {state}: `retry {project}` takes it up again first.", **names)
        )
    if not project.state.has_reached(State.DEPLOYED):
        raise SettingsError(
            say(
                "{project} is in {state}: there is no answering model yet. The cases that it will"
                " be asked are taken with `import {project} --cases FILE`.",
                **names,
            )
        )
    refuse_while_tearing_down(project)
    refuse_without_model(project)
    deployed = known(project.facts.deployed)
    if deployed.status == DELETED and not deploys:
        raise SettingsError(
            say(
                "The deployment {name} of {project} is deleted; the model is still there. `evaluate"
                " {project} --deploy` has it deployed again (which may be billed by the hour), and"
                " asks then. No new training is needed.",
                name=deployed.name,
                project=project.name,
            )
        )


def is_deployed_as(project: Project, name: str) -> bool:
    """The project has found the deployment of this name, and goes on with it or has done so."""
    deployed = project.facts.deployed
    return (
        project.state.has_reached(State.DEPLOYED)
        and deployed is not None
        and (deployed.name == name)
    )


def trained_intents(artifacts: Artifacts) -> Sequence[str]:
    """The intents that the model of the project was trained to name."""
    rows = RowLines(artifacts.recorded_pieces(Artifact.TRAINING))
    return sorted({shape.intent for _, shape, _, _ in rows})


def plan_as_it_stands(
    project: Project, ports: Ports, deploys: bool, robustness: bool
) -> EvaluationPlan:
    """`deploys`: the service is asked whether there is a deployment at all."""
    if deploys:
        project = _without_vanished(project, ports)
    return plan_evaluation(project, ports.artifacts, deploys, robustness)


def _without_vanished(project: Project, ports: Ports) -> Project:
    """Its deployment is taken for deleted where the service has none of that name any more.

    A person, its own end, or a process that was killed behind the deletion has left it so."""
    deployed = project.facts.deployed
    if deployed is None or deployed.status == DELETED:
        return project
    try:
        found = ports.read.deployment(deployed.name)
    except NotFound:  # nobody can look: what is written down counts
        return project
    if found is not None:
        return project
    facts = replace(project.facts, deployed=replace(deployed, status=DELETED))
    return replace(project, facts=facts)


def plan_evaluation(
    project: Project, artifacts: Artifacts, deploys: bool, robustness: bool = False
) -> EvaluationPlan:
    """The cases are those in the file as it is now. SettingsError where they cannot be used.

    `robustness`: changed sentences are asked as well."""
    refuse_evaluation(project, deploys)
    content = find_cases(project, artifacts)
    digests, note = project.facts.artifacts, None
    if content is not None:
        given = _parse_cases(content, artifacts)
        sources = artifacts.carried([Artifact.CASE_SOURCES])
        digests = {**digests, **sources, Artifact.CASES: artifacts.record(content)}
        note = _count_cases(len(given), len(cases.without_repeats(given)))
    is_gone = known(project.facts.deployed).status == DELETED
    state = State.TRAINED if is_gone else State.DEPLOYED
    event = Event.DEPLOYMENT_REOPENED if is_gone else Event.EVALUATION_REOPENED
    facts = replace(
        project.facts.back_to(state), artifacts=digests, questions=None, robustness=robustness
    )
    if is_gone:
        facts = replace(facts, renewed=None)
    return EvaluationPlan(event, facts, note, begins_generation=is_gone)


def read_given_cases(project: Project, artifacts: Artifacts) -> list[cases.Case]:
    """What will be asked: the file as it is now, else the validation rows. SettingsError."""
    content = find_cases(project, artifacts)
    if content is None:
        return cases.from_rows(decode(artifacts.recorded(Artifact.VALIDATION)))
    return cases.without_repeats(_parse_cases(content, artifacts))


def _count_cases(given: int, different: int) -> Text:
    note = say("{count} test case", "{count} test cases", count=different)
    if given == different:
        return note
    return say(
        "{note}; {count} more repeats one of them, and is neither asked nor counted",
        "{note}; {count} more repeat one of them, and are neither asked nor counted",
        note=note,
        count=given - different,
    )


def find_cases(project: Project, artifacts: Artifacts) -> bytes | None:
    """The file of the project's own cases; None where it has none."""
    content = artifacts.find(Artifact.CASES)
    if content is None and Artifact.CASES in project.facts.artifacts:
        return artifacts.recorded(Artifact.CASES)  # somebody deleted it: the step puts it back
    return content


def _parse_cases(content: bytes, artifacts: Artifacts) -> list[cases.Case]:
    try:
        given = cases.parse(content, artifacts.place(Artifact.CASES), trained_intents(artifacts))
    except Mistake as mistake:
        raise SettingsError(mistake.text) from mistake
    return given.cases
