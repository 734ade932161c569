"""The validation sentences, asked of the tuned model where some test case expects no intent.

ask_cases.py calls this: their answers choose the probability below which one is not believed, so
that the test cases have no part in the choice. They are paid, so they are asked only where the
answers to the cases came with probabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from states.evaluation.answers import Answer
from states.evaluation.scores import find_intent
from states.evaluation.threshold import Threshold, choose_threshold
from states.intents import cases
from states.intents.cases import Case, Questions
from states.intents.dataset import Row
from states.intents.forms import same_form

MOST = 400  # sentences: the threshold is known to a few hundredths then


def choose_validation(
    asked: Iterable[Case], read: Callable[[], Sequence[Row]], training: Iterable[str]
) -> list[Case]:
    """Which of the rows that `read` gives are asked: of each intent its share, the same ones each
    time, and none that was trained on. None where every test case expects an intent."""
    if all(case.expected is not None for case in asked):
        return []
    trained = set(map(same_form, training))
    found = cases.from_rows([row for row in read() if same_form(row.sentence) not in trained])
    ordered = sorted(found, key=lambda case: case.label)  # stable: within an intent as they stand
    if len(ordered) <= MOST:
        return ordered
    return [ordered[number * len(ordered) // MOST] for number in range(MOST)]


def to_threshold_questions(
    questions: Questions, answers: Iterable[Mapping[str, Any] | None]
) -> Questions:
    """What is asked after the cases; no case where nobody scored the `answers` to those."""
    is_scored = any(one is not None and one.get("probability") is not None for one in answers)
    return replace(questions, cases=questions.validation if is_scored else (), validation=())


def find_threshold(questions: Questions, paid: Mapping[str, Mapping[str, Any]]) -> Threshold | None:
    """None where it was not asked for, or where no right answer was scored. `paid`: by digest."""
    own = replace(questions, cases=questions.validation)
    scored = []
    for case, digest in zip(own.cases, own.digests(), strict=True):
        answer = Answer.from_json(paid[digest]) if digest in paid else None
        if answer is not None and answer.probability is not None:
            is_right = find_intent(answer.statement, own.intents) == case.expected
            scored.append((answer.probability, is_right))
    return choose_threshold(scored)
