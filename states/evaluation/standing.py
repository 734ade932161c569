"""What stands beside a grade: how low it may truly be, and the intents that an average hides.

Called by analysis.py. The grades and the bound are those of states/catalog/service.toml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from states.evaluation.answers import AnsweredCase
from states.evaluation.intent_scores import macro_f1, measure_intents, pairs_of_cases
from states.evaluation.scores import grade, score
from states.text import Rounded, Text, say

MOST_NAMED = 5  # intents in a sentence


def describe_standing(cases: Sequence[AnsweredCase], service: Mapping[str, Any]) -> Text:
    """The grade of the estimate and of the lower bound, and what is far below both."""
    total = score(cases)
    letter = grade(total.accuracy or 0.0, service["grades"])
    worst = grade(total.interval[0], service["grades"])
    told = say("Grade {grade}, with 95 % confidence no lower.", grade=letter)
    if worst != letter:
        told = say("Grade {grade}, though it may be as low as {worst}.", grade=letter, worst=worst)
    measured = measure_intents(pairs_of_cases(cases))
    macro, accuracy = macro_f1(measured) or 0.0, total.accuracy or 0.0
    if accuracy - macro >= service["analysis"]["macro_gap"]:
        aside = say(
            "Macro-F1, in which every intent counts the same, is only {macro} % where the accuracy"
            " is {accuracy} %: some intents fare far worse than the average.",
            macro=Rounded(macro * 100, 1),
            accuracy=Rounded(accuracy * 100, 1),
        )
        told = say("{reading} {aside}", reading=told, aside=aside)
    never = [name for name, one in measured.items() if not one.outcome.correct]
    if never:
        told = say("{reading} {aside}", reading=told, aside=_describe_never(never))
    return told


def _describe_never(intents: Sequence[str]) -> Text:
    named = ", ".join(intents[:MOST_NAMED])
    if len(intents) <= MOST_NAMED:
        return say("Never answered right: {intents}.", intents=named)
    return say(
        "Never answered right: {intents} and {count} more.",
        "Never answered right: {intents} and {count} more.",
        intents=named,
        count=len(intents) - MOST_NAMED,
    )
