"""How an evaluated project goes on with a new generation, and how a person takes one all the same.

Called by decisions.py, which ends what gives way at once and makes the move. Which of the two
deployments goes once the new generation is judged: states/steps/succession.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.engine.cleanup import refuse_while_cleaning
from agent.engine.evaluation import EvaluationPlan, plan_evaluation
from agent.engine.teardown import refuse_while_tearing_down
from states.bases.table import resolve
from states.errors import SettingsError
from states.facts import Facts, known
from states.model import Project
from states.places import Artifact
from states.ports import Artifacts, Ports
from states.stages import Parent
from states.state import State
from states.steps.mind_model import find_objection
from states.text import say


def refuse_iteration(project: Project) -> None:
    """SettingsError where there is no generation yet that was evaluated, or it is not over."""
    if project.state is State.ANALYZED and project.facts.evaluated is not None:
        refuse_while_tearing_down(project)
        refuse_while_cleaning(project)
        return
    names = {"project": project.name, "state": project.state.value}
    if project.state in (State.FAILED, State.CANCELLED):
        raise SettingsError(
            say("{project} is {state}: `retry {project}` takes it up again first.", **names)
        )
    raise SettingsError(
        say(
            "{project} is in {state}: a new generation begins once this one is ANALYZED. Sentences"
            " for this one are added with `import {project} FILE`.",
            **names,
        )
    )


def refuse_model(settings: Mapping[str, Any] | None, ports: Ports) -> None:
    """SettingsError where nothing can be trained on the model that these settings name.

    A generation that has begun keeps its settings: it could only be cancelled."""
    name = (settings or {}).get("base_model")
    if name is None:
        return
    problem = find_objection(resolve(ports.catalog.service, name), ports)
    if problem is not None:
        raise SettingsError(
            say(
                "{problem}. Nothing has begun: `models` lists what can be trained here.",
                problem=problem,
            )
        )


def outlives(project: Project) -> bool:
    """The deployment of the present generation stays beside the next one; else it is given up."""
    found = project.facts.as_parent(project.generation)
    return found is not None and found.generation == project.generation


def plan_iteration(project: Project, artifacts: Artifacts, *, replaces: bool) -> Facts:
    """The facts with which the next generation begins. `replaces`: no deployment of ours is left.

    The test cases are the project's file; one that was deleted is put back."""
    former = project.facts
    if Artifact.CASES in former.artifacts and artifacts.find(Artifact.CASES) is None:
        artifacts.restore(Artifact.CASES)
    if replaces:
        former = former.without_our_deployment().after_parent()
    elif not outlives(project):
        former = former.without_our_deployment()
    parent = known(former.as_parent(project.generation))
    if parent.generation == project.generation:
        parent = replace(parent, validation=former.artifacts.get(Artifact.VALIDATION))
    return Facts(artifacts=artifacts.carried(), parent=parent)


def plan_acceptance(project: Project, artifacts: Artifacts) -> EvaluationPlan:
    """The present generation takes the place of its parent, whatever the answers say."""
    parent = _find_rival(project)
    # What was paid for to know how robust it is stays in its results.
    stays = project.facts.robustness
    plan = plan_evaluation(project, artifacts, deploys=True, robustness=stays)
    return replace(plan, facts=replace(plan.facts, parent=replace(parent, gives_way=True)))


def _find_rival(project: Project) -> Parent:
    parent = project.facts.parent
    if project.state is State.ANALYZED and parent is not None and parent.answers_at is not None:
        return parent
    if parent is not None and parent.answers_at is not None:
        raise SettingsError(
            say(
                "{project} is in {state}: a generation is accepted once it is ANALYZED.",
                project=project.name,
                state=project.state.value,
            )
        )
    raise SettingsError(
        say(
            "{project} has no deployment of an earlier generation that could give way.",
            project=project.name,
        )
    )


def refuse_to_keep(project: Project) -> None:
    """SettingsError where no deployment of the generation before is there to be kept."""
    parent = project.facts.parent
    if parent is None or parent.answers_at is None or parent.gives_way:
        raise SettingsError(
            say(
                "{project} has no deployment of an earlier generation that could be kept.",
                project=project.name,
            )
        )
