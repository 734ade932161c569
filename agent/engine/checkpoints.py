"""How a project goes on with another checkpoint of its training, without a new training.

Called by `advance --checkpoint`; decisions.py ends what gives way and makes the move. From then on
the checkpoint is the project's model: it is deployed, asked, reported and torn down."""

from __future__ import annotations

from dataclasses import replace

from agent.engine.cleanup import refuse_without_model
from agent.engine.evaluation import EvaluationPlan, read_given_cases
from agent.engine.robustness_price import price_questions
from agent.engine.teardown import refuse_while_tearing_down
from states.errors import SettingsError
from states.evaluation.checkpoints import choose
from states.facts import known
from states.intents.cases import Questions
from states.intents.dataset import decode_each
from states.model import Project
from states.money.prices import HOURS_OF_A_DAY, price_of_hosting
from states.places import Artifact
from states.ports import Ports
from states.stages import ChosenCheckpoint, Job
from states.state import Event, State
from states.text import Text, dollars, say


def job_of(project: Project) -> Job:
    """The training whose checkpoints are looked at. SettingsError without one."""
    job = project.facts.created
    if job is None:
        raise SettingsError(
            say(
                "{project} is in {state}: it has no training, and so no checkpoints.",
                project=project.name,
                state=project.state.value,
            )
        )
    refuse_without_model(project)
    return job


def plan_checkpoint(project: Project, ports: Ports, wanted: str) -> EvaluationPlan | None:
    """`wanted`: a step, BEST or FINAL. None where the project has that model already.

    SettingsError where there is no such checkpoint, or the training is not over."""
    _refuse(project)
    trained = known(project.facts.trained)
    found = choose(ports.read.checkpoints(job_of(project).id), wanted, trained.final)
    model = trained.final if found is None else found.model
    if model == trained.model:
        return None
    chosen = None if found is None else ChosenCheckpoint(found.id, found.step, trained.final)
    facts = project.facts
    facts = replace(
        facts.back_to(State.TRAINED),
        trained=replace(trained, model=model, checkpoint=chosen),
        # What was found of the model until now is compared with what the other one answers.
        parent=facts.without_our_deployment().as_parent(project.generation),
    )
    note = _describe(chosen)
    return EvaluationPlan(Event.DEPLOYMENT_REOPENED, facts, note, begins_generation=True)


def describe_price(project: Project, model: str, ports: Ports) -> Text:
    """What follows from `model` in the place of the present one, before anything is begun."""
    told = _describe_questions(project, model, ports)
    if not ports.charges_money:
        return told
    return say("{questions} {hosting}", questions=told, hosting=_describe_hosting(ports))


def _describe_questions(project: Project, model: str, ports: Ports) -> Text:
    """What was answered by it, and paid for, is not asked again."""
    system = next(decode_each(ports.artifacts.recorded(Artifact.TRAINING))).instruction
    cases, paid = read_given_cases(project, ports.artifacts), ports.memory.answers(model)
    digests = Questions(system, (), tuple(cases), "").digests()
    asked = [case for case, digest in zip(cases, digests, strict=True) if digest not in paid]
    if not asked:
        return say("It has answered every test case already, and is asked none again.")
    told = say(
        "It is asked {count} test case",
        "It is asked {count} test cases",
        count=len(asked),
    )
    if not ports.charges_money:
        return say("{asked}, which costs nothing.", asked=told)
    usd = price_questions(system, asked, project.facts, ports)
    if usd is None:
        return say("{asked}; what this costs is not known.", asked=told)
    return say("{asked}, for about {usd} USD.", asked=told, usd=dollars(usd))


def _describe_hosting(ports: Ports) -> Text:
    sku = ports.preferences.deploy_sku
    price = price_of_hosting(ports.catalog.service, sku)
    if price is None:
        return say("It is deployed anew, which may be billed by the hour, used or not.")
    return say(
        "It is deployed anew: about {usd} USD a day as {sku} ({source}), used or not.",
        usd=dollars(price.usd * HOURS_OF_A_DAY),
        sku=sku or "—",
        source=price.source.text,
    )


def _describe(chosen: ChosenCheckpoint | None) -> Text:
    if chosen is None:
        return say("the final model takes the place of the checkpoint")
    return say("the checkpoint of step {step} takes the place of the model", step=chosen.step)


def _refuse(project: Project) -> None:
    names = {"project": project.name, "state": project.state.value}
    if project.state is State.CANCELLED:
        raise SettingsError(
            say("{project} is {state}: `retry {project}` takes it up again first.", **names)
        )
    if project.facts.trained is None:
        raise SettingsError(
            say(
                "{project} is in {state}: a checkpoint can take the place of the final model once"
                " the training is over. `checkpoints {project}` shows what there is until then.",
                **names,
            )
        )
    refuse_while_tearing_down(project)
