"""How `retry` goes on: the event, and the facts that are still true then.

Called by decisions.py, which makes the move and decides on `--restart`. Which state a project that
gave up goes back to is the table `_REOPENED` in states/graph.py. Files that a person edited are
read, kept or put back here; nothing at the service is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from agent.engine.cleanup import refuse_without_model
from agent.engine.mended import find_mended, is_content
from states.errors import FileEdited, SettingsError
from states.facts import Facts, deployment_of, known
from states.graph import destination, reopening
from states.model import Project
from states.places import Artifact
from states.ports import Artifacts
from states.stages import DELETED
from states.state import Event, State
from states.text import say

# What is done again when a person keeps an edited file: all that followed from the old one.
_REOPENED_BY = {
    Artifact.EXAMPLES: Event.DATA_REOPENED,
    Artifact.INTENTS: Event.DATA_REOPENED,
    Artifact.PROMPTS: Event.PROMPTS_REOPENED,
}


@dataclass(frozen=True)
class RetryPlan:
    """`begins_generation`: the present one ends first, and new idempotency keys are used.

    `follows_a_cancelled_generation`: so does this, but the present one has ended already.
    """

    event: Event
    facts: Facts
    begins_generation: bool = False
    follows_a_cancelled_generation: bool = False


def plan_retry(project: Project, artifacts: Artifacts, restore: bool) -> RetryPlan:
    """The plan for a project that is FAILED, CANCELLED or held; SettingsError for any other.

    `restore`: an edited file is put back instead of kept.
    """
    if project.state is State.FAILED:
        refuse_without_model(project)
        return _reopen(project, artifacts)
    if project.state is State.CANCELLED and is_over(project):
        anew = begin_anew(project, artifacts.carried())
        return RetryPlan(Event.DATA_REOPENED, anew, follows_a_cancelled_generation=True)
    if project.hold is None:
        raise SettingsError(
            say(
                "{project} is in {state} and nothing is wrong with it. To begin anew with the data"
                " as it is now: `retry {project} --restart`.",
                project=project.name,
                state=project.state.value,
            )
        )
    mended = find_mended(project, artifacts)
    if mended:
        return plan_mended(project, artifacts, mended)
    if project.facts.edited is None:
        return _release(project, artifacts)
    if restore:
        return _restore_file(project, artifacts)
    return _keep_file(project, artifacts)


def plan_mended(
    project: Project, artifacts: Artifacts, mended: Mapping[Artifact, str]
) -> RetryPlan:
    """How a project goes on that is held about these files, once they are mended.

    Nothing was paid for what was refused, so what stands there now takes its place. A file that
    was never refused as it was recorded is judged by the step, as any other."""
    facts, refused = project.facts, project.facts.refused
    corrected = (
        [] if refused is None else [a for a in mended if facts.artifacts.get(a) == refused.files[a]]
    )
    is_made_anew = project.state is State.SPLIT and Artifact.EXAMPLES in mended
    if is_made_anew and not {Artifact.TRAINING, Artifact.VALIDATION} & {*corrected}:
        return RetryPlan(Event.DATA_REOPENED, back_to_draft(project, artifacts))
    digests = {**facts.artifacts, **_record(artifacts, {*corrected} - {Artifact.EXAMPLES})}
    return RetryPlan(Event.RELEASED, replace(facts, artifacts=digests, edited=None, refused=None))


def back_to_draft(project: Project, artifacts: Artifacts) -> Facts:
    """What is still true, and what a person has given."""
    return replace(project.facts.back_to(State.DRAFT), artifacts=artifacts.carried())


def begin_anew(project: Project, artifacts: Mapping[Artifact, str] | None = None) -> Facts:
    """Nothing is known but what the new generation goes on from, once the present one has ended."""
    parent = project.facts.without_our_deployment().as_parent(project.generation)
    return Facts(artifacts=artifacts or {}, parent=parent)


def is_over(project: Project) -> bool:
    """A CANCELLED project has cleaned up."""
    return project.due_at is None and project.hold is None


def find_newer_examples(project: Project, artifacts: Artifacts) -> str | None:
    """The place of the sentences, or of their descriptions, if they changed since they were used.

    None if they did not.
    """
    for artifact in (Artifact.EXAMPLES, Artifact.INTENTS):
        if artifact in project.facts.artifacts:
            try:
                artifacts.check(artifact)
            except FileEdited:
                return artifacts.place(artifact)
    return None


def _release(project: Project, artifacts: Artifacts) -> RetryPlan:
    """The same once more. What SPLIT has refused is made anew, with the settings of now."""
    refused = project.facts.refused
    is_refused = refused is not None and any(map(is_content, refused.files.values()))
    if project.state is State.SPLIT and is_refused:
        return RetryPlan(Event.DATA_REOPENED, back_to_draft(project, artifacts))
    return RetryPlan(Event.RELEASED, replace(project.facts, refused=None))


def _record(artifacts: Artifacts, files: Iterable[Artifact]) -> dict[Artifact, str]:
    """The digests of a person's files as they are now, which the store keeps."""
    found = {artifact: artifacts.keep(artifact) for artifact in files}
    return {artifact: kept.sha256 for artifact, kept in found.items() if kept is not None}


def _reopen(project: Project, artifacts: Artifacts) -> RetryPlan:
    """A project that gave up goes back to where the cause is checked again."""
    corrected = _read_corrected_data(project, artifacts)
    if corrected is not None:
        return RetryPlan(Event.SPLIT_REOPENED, corrected)
    failure = project.facts.failure
    event = reopening(failure.state if failure else State.DRAFT)
    if event is Event.SPLIT_REOPENED and find_newer_examples(project, artifacts):
        # What the service refused was corrected in the sentences themselves.
        event = Event.DATA_REOPENED
    to = destination(project.state, event)
    is_draft = to is State.DRAFT
    facts = back_to_draft(project, artifacts) if is_draft else project.facts.back_to(to)
    found = deployment_of(project.facts)
    is_gone = found is not None and found.status == DELETED  # its time was up meanwhile
    is_remote = failure is not None and failure.is_remote
    begins = is_remote or (is_gone and event is Event.DEPLOYMENT_REOPENED)
    return RetryPlan(event, facts, begins_generation=begins)


def _read_corrected_data(project: Project, artifacts: Artifacts) -> Facts | None:
    """Facts with the training data as a person edited it after SPLIT refused it; else None."""
    failure = project.facts.failure
    if failure is None or failure.state is not State.SPLIT:
        return None
    edited = _record(artifacts, (Artifact.TRAINING, Artifact.VALIDATION))
    digests = {**project.facts.artifacts, **edited}
    if digests == project.facts.artifacts:
        return None
    return Facts(artifacts=digests, parent=project.facts.parent)


def _restore_file(project: Project, artifacts: Artifacts) -> RetryPlan:
    """The edited file is again what was checked."""
    artifacts.restore(known(project.facts.edited))
    return RetryPlan(Event.RELEASED, replace(project.facts, edited=None))


def _keep_file(project: Project, artifacts: Artifacts) -> RetryPlan:
    """The edited file counts from now on."""
    edited = known(project.facts.edited)
    recorded = _record(artifacts, [edited])
    if not recorded:  # deleted since: then the old one is wanted after all
        return _restore_file(project, artifacts)
    digests = {**project.facts.artifacts, **recorded}
    # Nothing was trained on the cases; and this home may never have had the edited file.
    if edited is Artifact.CASES or digests == project.facts.artifacts:
        return RetryPlan(Event.RELEASED, replace(project.facts, artifacts=digests, edited=None))
    event = _REOPENED_BY.get(edited, Event.SPLIT_REOPENED)
    return RetryPlan(event, begin_anew(project, digests), begins_generation=True)
