"""Everybody's answers to the test cases as one evaluation, and what does not count in it.

ask_cases.py calls this once all candidates are asked.
"""

from __future__ import annotations

from states.evaluation.answers import Answer, AnsweredCase, Evaluation
from states.evaluation.scores import find_intent
from states.facts import Facts, known
from states.intents.case_rules import find_trained
from states.intents.cases import Case, Questions
from states.intents.forms import same_form
from states.intents.row_lines import RowLines
from states.places import Artifact
from states.ports import Ports
from states.steps.ask_rivals import gather_rivals
from states.steps.local_rival import with_local
from states.steps.paid_answers import AnswersOfModel
from states.steps.pricing import price_candidates
from states.steps.threshold_round import find_threshold


def gather(facts: Facts, questions: Questions, ports: Ports) -> Evaluation:
    """The answers that are there; those of the local classifier are made here, in seconds."""
    paid = AnswersOfModel(ports.memory, known(facts.trained).model).known
    rows = RowLines(ports.artifacts.recorded_pieces(Artifact.TRAINING))
    trained = find_trained((case.text for case in questions.cases), (row[2] for row in rows))
    answered = tuple(
        _join(case, Answer.from_json(paid[digest]), questions, same_form(case.text) in trained)
        for case, digest in zip(questions.cases, questions.digests(), strict=True)
    )
    rivals, left_out = gather_rivals(facts, ports, questions)
    evaluation = Evaluation(
        questions.intents,
        questions.source,
        answered,
        tuple(rivals),
        threshold=find_threshold(questions, paid),
        tariff=price_candidates(facts, rivals, ports),
        left_out=tuple(left_out),
    )
    return with_local(evaluation, ports)


def _join(case: Case, answer: Answer, questions: Questions, is_trained: bool) -> AnsweredCase:
    predicted = find_intent(answer.statement, questions.intents)
    return AnsweredCase(case, answer, predicted, is_trained)
