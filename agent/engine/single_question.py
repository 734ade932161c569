"""One sentence to the deployed model, outside of every evaluation. The command `ask` calls this.

The answer is paid for, so it is kept like any other, and the same sentence costs nothing twice. It
is no test case: nothing is graded, and the project does not move.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.engine.cleanup import refuse_without_model
from agent.engine.evaluation import trained_intents
from states.errors import NotFound, SettingsError
from states.evaluation.answers import Answer, AnsweredCase, Evaluation, Neighbour
from states.evaluation.label_chance import LabelChances
from states.evaluation.scores import find_intent
from states.facts import known
from states.intents.cases import Case, Questions
from states.intents.dataset import decode_each
from states.model import Project
from states.places import Artifact
from states.ports import Ports
from states.remote import Finish
from states.stages import DELETED, Deployed
from states.state import State
from states.steps.asking import ask
from states.steps.local_rival import with_local
from states.store_port import ProjectStore
from states.text import say


@dataclass(frozen=True)
class Asked:
    """`predicted`: the intent that the answer names, None for none. `is_new`: it was paid now.

    `local`: what the free classifier says; None where its libraries are missing."""

    sentence: str
    answer: Answer
    predicted: str | None
    deployment: str
    model: str
    generation: int
    is_new: bool
    neighbours: tuple[Neighbour, ...] = ()
    local: str | None = None


def find_answering(project: Project, store: ProjectStore) -> Project:
    """The project as it is, or as the generation before left it: whichever is deployed.

    SettingsError where neither is, with what to do."""
    facts = project.facts
    is_gone = facts.deployed is None or facts.deployed.status == DELETED or facts.cleaned
    if not is_gone:
        return project
    parent = facts.parent
    if parent is not None and parent.answers_at is not None:
        former = next(iter(store.past(project, parent.generation)), None)
        if former is not None:
            return replace(former, facts=replace(former.facts, deployed=parent.deployment))
    refuse_without_model(project)
    raise _no_deployment(project, facts.deployed)


def _no_deployment(project: Project, deployed: Deployed | None) -> SettingsError:
    names = {"project": project.name, "state": project.state.value}
    if deployed is None:
        return SettingsError(
            say("{project} is in {state}: there is no answering model yet.", **names)
        )
    if project.state is State.ANALYZED:
        return SettingsError(
            say(
                "The deployment {name} of {project} is deleted; the model is still there."
                " `evaluate {project} --deploy` has it deployed again, which may be billed by the"
                " hour.",
                name=deployed.name,
                project=project.name,
            )
        )
    return SettingsError(
        say(
            "The deployment {name} of {project} is deleted.",
            name=deployed.name,
            project=project.name,
        )
    )


def ask_sentence(
    project: Project, ports: Ports, sentence: str, before_paying: Callable[[str], None]
) -> Asked:
    """The answer of the project's deployment. `before_paying` hears its name."""
    row = next(decode_each(ports.artifacts.recorded(Artifact.TRAINING)))
    intents = tuple(trained_intents(ports.artifacts))
    case = Case("1", "", sentence, None)
    questions = Questions(row.instruction, intents, (case,), "")
    model, name = known(project.facts.trained).model, known(project.facts.deployed).name
    [digest] = questions.digests()
    kept = ports.memory.answers(model).get(digest)
    answer = None if kept is None else Answer.from_json(kept)
    is_new = answer is None or answer.finish is Finish.UNANSWERED
    if is_new:
        before_paying(name)
        answer = _pay(project, ports, questions, name)
        ports.memory.keep_answers(model, {digest: answer.as_json()})
    assert answer is not None  # noqa: S101  asked just now
    predicted = find_intent(answer.statement, intents)
    evaluation = Evaluation(intents, "", (AnsweredCase(case, answer, predicted),))
    looked_at = with_local(evaluation, ports)
    return Asked(
        sentence,
        answer,
        predicted,
        name,
        model,
        project.generation,
        is_new,
        tuple(looked_at.neighbours.get(case.id, ())),
        looked_at.rivals[0].predicted[0] if looked_at.rivals else None,
    )


def _pay(project: Project, ports: Ports, questions: Questions, deployment: str) -> Answer:
    try:
        reply = ask(project, ports, deployment, questions.messages(questions.cases[0]))
    except NotFound as error:
        raise SettingsError(
            say(
                "There is no deployment {name} at the service (any more). `evaluate {project}"
                " --deploy` makes another one of the same model.",
                name=deployment,
                project=project.name,
            )
        ) from error
    chance = LabelChances(questions.intents).of(reply)
    return Answer(
        reply.text,
        round(reply.latency, 4),
        1,
        reply.finish,
        None if chance is None else chance.probability,
        {} if chance is None else chance.others,
        reply.prompt_tokens,
        reply.completion_tokens,
    )
