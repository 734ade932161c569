"""DEPLOYED: ask the test cases, a batch of some seconds a tick, each paid answer kept at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from states.errors import (
    FileEdited,
    NeedsOperator,
    NotFound,
    Transient,
)
from states.evaluation.answers import Answer, Evaluation
from states.evaluation.robustness import Changed, change_cases, measure_robustness
from states.evaluation.scores import score
from states.evaluation.uncounted import describe_missing
from states.facts import Facts, known
from states.intents import cases
from states.intents.cases import Questions
from states.intents.dataset import decode, intents_of
from states.model import Project
from states.outcome import Done, GoOn, Outcome, Wait
from states.patience import doubt
from states.places import Artifact
from states.ports import Ports
from states.refusing import refusing
from states.remote import Finish
from states.stages import Evaluated
from states.state import Event
from states.steps.ask_rivals import ask_rivals, choose_for_rivals, describe_left_out
from states.steps.asking import know
from states.steps.deployment_trouble import explain, refuse_another_model
from states.steps.gather_answers import gather
from states.steps.grading import read_cases, record_cases
from states.steps.paid_answers import AnswersOfModel
from states.steps.question_round import Asked, QuestionRound
from states.steps.renewal import deploy_again, renew
from states.steps.threshold_round import (
    choose_validation,
    to_threshold_questions,
)
from states.text import Text, say

PAUSE = 1.0  # seconds, after a fault that let others through


def step(project: Project, ports: Ports) -> Outcome:
    facts = project.facts
    if (again := deploy_again(project, ports)) is not None:
        return again
    if facts.questions is None:
        content = read_cases(facts, ports)
        questions = _to_questions(content, ports)
        kept = ports.memory.keep(questions.as_json())
        progress = _describe_progress(0, len(questions.cases))
        recorded = record_cases(facts, ports, content)
        return GoOn(progress, replace(facts, questions=kept, artifacts=recorded))
    questions = Questions.from_json(ports.memory.recall(facts.questions))
    if facts.answered is not None:
        return _ask_changed(project, ports, questions, facts.answered)
    if facts.rivals is None:
        asked = _begin_round(project, ports, questions)
        if not asked.is_over:
            return _ask(project, ports, asked, _describe_progress)
        own = to_threshold_questions(questions, asked.answers)
        asked = _begin_round(project, ports, own)
        if not asked.is_over:
            return _ask(project, ports, asked, _describe_validation)
    return ask_rivals(facts, ports, questions) or _conclude(facts, questions, ports)


def _begin_round(project: Project, ports: Ports, questions: Questions) -> QuestionRound:
    trained = known(project.facts.trained)
    paid = AnswersOfModel(ports.memory, trained.model)
    return QuestionRound(ports, Asked(questions), paid, trained.unsupported, project.attempts)


def _describe_progress(done: int, total: int) -> Text:
    return say("the test cases ({done} of {total} answered)", done=done, total=total)


def _describe_validation(done: int, total: int) -> Text:
    return say(
        "validation sentences, for the threshold ({done} of {total} answered)",
        done=done,
        total=total,
    )


def _to_questions(content: bytes | None, ports: Ports) -> Questions:
    """The cases, with the instruction that the model was trained with."""
    rows = decode(ports.artifacts.recorded(Artifact.TRAINING))
    intents = intents_of(rows)
    place = ports.artifacts.place(Artifact.CASES)
    if content is None:
        place, found = (
            "validation",
            cases.from_rows(decode(ports.artifacts.recorded(Artifact.VALIDATION))),
        )
    else:
        # The model is trained and deployed: a slip in a text file must not throw that away.
        with refusing({Artifact.CASES: ports.artifacts.record(content)}):
            found = cases.without_repeats(cases.parse(content, place, intents).cases)
    examples = choose_for_rivals(((row.sentence, row.intent) for row in rows), ports)
    validation = choose_validation(
        found,
        lambda: decode(ports.artifacts.recorded(Artifact.VALIDATION)),
        (row.sentence for row in rows),
    )
    return Questions(
        rows[0].instruction,
        tuple(intents),
        tuple(found),
        place,
        tuple(examples),
        tuple(validation),
    )


def _describe_changed(done: int, total: int) -> Text:
    return say("the changed sentences ({done} of {total} answered)", done=done, total=total)


def _ask(
    project: Project, ports: Ports, asked: QuestionRound, describe: Callable[[int, int], Text]
) -> Outcome:
    """How far the cases are after one more batch. Raises what let none of them be answered."""
    deployed = known(project.facts.deployed)
    name = deployed.name
    refuse_another_model(project, ports, name)
    asked.ask(name, deployed.at_once)
    facts = know(project.facts, asked.unsupported)
    facts = replace(facts, deployed=replace(deployed, at_once=asked.at_once))
    if asked.silence is not None:
        doubt(project, asked.silence.text)
        asked.believe_silence()
    if isinstance(asked.trouble, NotFound):
        again = renew(replace(project, facts=facts), ports)
        if again is not None:
            return again
    fault = None if asked.trouble is None else explain(asked.trouble, deployed, ports)
    progress = describe(asked.count_answered(), len(asked.answers))
    if fault is None:
        return GoOn(progress, facts)
    if asked.answered == 0 or not isinstance(fault, Transient):
        raise fault
    return Wait(PAUSE if fault.retry_after is None else fault.retry_after, progress, facts)


def _conclude(facts: Facts, questions: Questions, ports: Ports) -> Outcome:
    """All candidates are asked. Changed sentences are asked of those cases that count."""
    evaluation = gather(facts, questions, ports)
    if not facts.robustness:
        return _finish(facts, evaluation, ports)
    total = len(_change(evaluation))
    kept = ports.memory.keep(evaluation.as_json())
    return GoOn(_describe_changed(0, total), replace(facts, answered=kept))


def _change(evaluation: Evaluation) -> list[Changed]:
    return change_cases([one.case for one in evaluation.graded])


def _ask_changed(project: Project, ports: Ports, questions: Questions, kept: str) -> Outcome:
    evaluation = Evaluation.from_json(ports.memory.recall(kept))
    changed = _change(evaluation)
    instead = replace(questions, cases=tuple(case for _, case in changed))
    asked = _begin_round(project, ports, instead)
    if not asked.is_over:
        return _ask(project, ports, asked, _describe_changed)
    answers = (Answer.from_json(known(answer)) for answer in asked.answers)
    pairs = zip(changed, answers, strict=True)
    found = measure_robustness(evaluation.graded, pairs, evaluation.intents)
    return _finish(project.facts, replace(evaluation, robustness=found), ports)


def _finish(facts: Facts, evaluation: Evaluation, ports: Ports) -> Done:
    total, unanswered = score(evaluation.graded), evaluation.finishes[Finish.UNANSWERED]
    evaluated = Evaluated(
        ports.memory.keep(evaluation.as_json()),
        total.cases,
        total.correct,
        total.accuracy,
        unanswered,
        evaluation.trained,
        evaluation.near,
    )
    note = (
        describe_missing(unanswered, evaluation.trained, evaluation.near)
        or _describe_late_edit(facts, ports)
        or describe_left_out(evaluation.left_out)
    )
    return Done(Event.CASES_ANSWERED, replace(facts, answered=None, evaluated=evaluated), note)


def _describe_late_edit(facts: Facts, ports: Ports) -> Text | None:
    """That the file of this home is no longer what was asked, if so."""
    try:
        read_cases(facts, ports)
    except FileEdited as edit:
        return say(
            "{place} was changed after the evaluation had begun, with the cases of before. To be"
            " graded on those of now: `evaluate`, which trains nothing",
            place=ports.artifacts.place(edit.artifact),
        )
    except NeedsOperator:
        return None  # it cannot be read, and need not be any more
    return None
