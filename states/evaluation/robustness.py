"""How many answers stay the same when a sentence is written as customers also write it.

ask_cases has the changed sentences asked, where a person wants it (`evaluate --robustness`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from states.evaluation.answers import Answer, AnsweredCase
from states.evaluation.perturbations import Perturbation, perturb
from states.evaluation.scores import find_intent
from states.evaluation.stability import Stability
from states.intents.cases import Case
from states.intents.language import guess_language
from states.remote import Finish

Changed = tuple[int, Case]  # number of the case that was changed, and what is asked in its place


def change_cases(cases: Sequence[Case]) -> list[Changed]:
    """Each case by each perturbation that changes it; its `kind` is the perturbation."""
    language = guess_language(case.text for case in cases)
    return [
        (number, Case(f"{case.id} {kind.value}", kind.value, text, case.expected))
        for kind in Perturbation
        for number, case in enumerate(cases)
        if (text := perturb(kind, case.text, language)) is not None
    ]


def measure_robustness(
    cases: Sequence[AnsweredCase], changed: Iterable[tuple[Changed, Answer]], intents: Sequence[str]
) -> tuple[Stability, ...]:
    """One for each perturbation that changed any of `cases`. What got no answer says nothing."""
    same: dict[str, list[bool]] = {}
    for (number, case), answer in changed:
        if answer.finish is not Finish.UNANSWERED:
            predicted = find_intent(answer.statement, intents)
            same.setdefault(case.kind, []).append(predicted == cases[number].predicted)
    return tuple(Stability(kind, len(found), sum(found)) for kind, found in same.items())
